/*
 * The header that a balancer sends before a client's first byte: the PROXY protocol,
 * versions 1 (a line) and 2 (binary), as HAProxy's proxy-protocol.txt has them. Pure:
 * bytes in, facts out.
 */
#ifndef SRV_PROXY_HEADER_H
#define SRV_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/endpoint.h"

/* Bytes of a header: the longest line, and the most that anybody may allow. */
enum { SRV_PROXY_LINE_MOST = 107, SRV_PROXY_MOST = 4096 };

/* What a header may say beside the addresses, in the order of srv_proxy_names. */
enum srv_proxy_text {
    SRV_PROXY_SSL_PROTOCOL,
    SRV_PROXY_SSL_CIPHER,
    SRV_PROXY_SSL_CN,
    SRV_PROXY_SSL_SNI,
    SRV_PROXY_AUTHORITY,
    SRV_PROXY_UNIQUE_ID,
    SRV_PROXY_TEXTS
};

/* The variables that have these texts. */
extern const char *const srv_proxy_names[SRV_PROXY_TEXTS];

/* How a header is at fault; NONE: it is not. */
enum srv_proxy_fault {
    SRV_PROXY_GOOD,
    SRV_PROXY_ABSENT,   /* the bytes are no header's */
    SRV_PROXY_LONG,     /* it is longer than it may be */
    SRV_PROXY_DAMAGED,  /* it breaks the protocol's rules */
    SRV_PROXY_CHECKSUM, /* its bytes are not those that were sent */
    SRV_PROXY_FOREIGN   /* it speaks of no TCP connection over IPv4 or IPv6 */
};

/* The fault in words, for a log. */
const char *
srv_proxy_fault_text(enum srv_proxy_fault fault);

/* What is to be read next, so that no byte behind the header is read with it. */
enum srv_proxy_next {
    SRV_PROXY_BYTES, /* `count` bytes: all of them are the header's */
    SRV_PROXY_LINE,  /* up to `count` bytes, no more than up to a newline */
    SRV_PROXY_WHOLE, /* nothing: the header is there */
    SRV_PROXY_BROKEN /* nothing: `fault` */
};

struct srv_proxy_want {
    enum srv_proxy_next next;
    size_t count;
    enum srv_proxy_fault fault;
};

/* After `size` bytes of a header that may have `most`. Bytes that cannot begin one are
 * found at once. */
struct srv_proxy_want
srv_proxy_wants(const uint8_t *bytes, size_t size, size_t most);

struct srv_proxy_header {
    /* False: it speaks of nobody but the peer itself (LOCAL, UNKNOWN, other families),
     * and the ends below are not filled in. */
    bool proxied;
    struct srv_endpoint remote, local;
    /* NULL where there is none, or one that no variable can hold; else they point into
     * the bytes */
    const char *texts[SRV_PROXY_TEXTS];
};

/*
 * Reads a whole header. Its bytes are changed, since texts get a NUL at their ends, and
 * `out` points into them. On a fault *out is of no use, but for FOREIGN: then it is a
 * header that is not proxied, for who wants to let it in.
 */
enum srv_proxy_fault
srv_proxy_read(uint8_t *bytes, size_t size, struct srv_proxy_header *out);

#endif
