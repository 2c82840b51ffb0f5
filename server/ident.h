/* What an ident server (RFC 1413) says, read as the original reads it. Pure. */
#ifndef SRV_IDENT_H
#define SRV_IDENT_H

#include <stddef.h>

enum {
    SRV_IDENT_SIZE = 257, /* bytes of an answer that count, as the original's */
    SRV_IDENT_READ = 4096 /* bytes read before the answer counts as failed */
};

enum srv_ident_state { SRV_IDENT_MORE, SRV_IDENT_DONE, SRV_IDENT_FAILED };

/* All zero is the beginning. */
struct srv_ident {
    size_t read, size;
    unsigned colons;
    char text[SRV_IDENT_SIZE + 1]; /* ends in NUL once DONE; the first NUL ends it */
};

/*
 * Takes the next bytes. The answer is what follows the third colon of the line, without
 * blanks, tabs and carriage returns; it is empty when the line has fewer. It is DONE at
 * the end of the line or when it has SRV_IDENT_SIZE bytes; a server that ends, or goes
 * past SRV_IDENT_READ, before that has FAILED.
 */
enum srv_ident_state
srv_ident_feed(struct srv_ident *ident, const char *bytes, size_t size);

/* The query for a connection: "6193 , 23\r\n". Returns its length. */
size_t
srv_ident_query(unsigned remote_port, unsigned local_port, char *out, size_t size);

#endif
