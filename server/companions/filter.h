/* Carriage returns in and out of a stream, in pieces of any size. Pure. */
#ifndef SRV_COMPANIONS_FILTER_H
#define SRV_COMPANIONS_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is the beginning of a stream. */
struct srv_filter {
    bool held; /* delcr: a carriage return may still be left out */
    bool last; /* fixcr: the last byte was one */
};

/*
 * Each takes `size` bytes, puts what they become into `out`, which has room for twice
 * as many and one more, and returns how many those are.
 */
typedef size_t (*srv_filter_fn)(struct srv_filter *filter, const char *in, size_t size,
                                char *out);

/* A carriage return before each newline, whether there was one or not. */
size_t
srv_filter_addcr(struct srv_filter *filter, const char *in, size_t size, char *out);

/* No carriage return before a newline, if there was one; others stay. */
size_t
srv_filter_delcr(struct srv_filter *filter, const char *in, size_t size, char *out);

/* A carriage return before each newline that has none. */
size_t
srv_filter_fixcr(struct srv_filter *filter, const char *in, size_t size, char *out);

/* The stream as it is. */
size_t
srv_filter_none(struct srv_filter *filter, const char *in, size_t size, char *out);

/* What is held back at the end: 0 or 1 byte. */
size_t
srv_filter_end(struct srv_filter *filter, char *out);

#endif
