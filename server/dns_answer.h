/* Answers of name servers (RFC 1035). They are hostile input. Pure functions. */
#ifndef SRV_DNS_ANSWER_H
#define SRV_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "postern/types.h"

enum {
    /* 255 bytes of a name, each as "\ooo", and its NUL */
    SRV_DNS_NAME_SIZE = 1024,
    SRV_DNS_ADDRESSES = 16 /* of one answer; more are not looked at */
};

/* Room for the longest name under which an address is asked for. */
enum { SRV_DNS_REVERSE_SIZE = 80 };

/*
 * Can every record of the answer section be read? Only then does it mean anything that
 * the functions below find nothing.
 */
bool
srv_dns_is_whole(const unsigned char *answer, size_t size);

/*
 * The name of the first PTR record, spelt as the original spells it: letters in lower
 * case, digits, "-" and "_" as they are, other bytes as "\ooo", labels joined by dots.
 * `out` has room for SRV_DNS_NAME_SIZE bytes. False when there is none.
 */
bool
srv_dns_name(const unsigned char *answer, size_t size, char *out);

/* The addresses of A and AAAA records, at most SRV_DNS_ADDRESSES. Returns how many. */
size_t
srv_dns_addresses(const unsigned char *answer, size_t size, struct postern_addr *out);

/*
 * The text of all TXT records together, unprintable bytes as "?", cut at `out_size` - 1
 * bytes. False when there is no such record.
 */
bool
srv_dns_text(const unsigned char *answer, size_t size, char *out, size_t out_size);

#endif
