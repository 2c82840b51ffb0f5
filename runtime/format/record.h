/* The value of a classic record: "D" or "+NAME=value", each with a NUL. Pure functions.
 */
#ifndef PN_RUNTIME_FORMAT_RECORD_H
#define PN_RUNTIME_FORMAT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PN_RECORD_DENY_SIZE = 2 }; /* "D\0" */

/* Both write at `at`, where the caller has made room, and return the end. */
char *
pn_record_put_deny(char *at);

char *
pn_record_put_env(char *at, const char *name, size_t name_len, const char *value,
                  size_t value_len);

/* What pn_record_put_env() writes, in bytes. */
size_t
pn_record_env_size(size_t name_len, size_t value_len);

/*
 * The next item of a value, without its NUL. Bytes behind the last NUL are no item, as
 * in the original. False at the end.
 */
struct pn_item {
    const uint8_t *bytes;
    size_t size;
};

bool
pn_record_next(const uint8_t **at, const uint8_t *end, struct pn_item *out);

/* Does this item deny? As in the original, only its first byte counts. */
bool
pn_record_denies(struct pn_item item);

/*
 * Adds a record to the digest by which a compile compares what it wrote with what it
 * meant. It detects errors, not forgeries.
 */
uint64_t
pn_record_digest(uint64_t digest, const void *key, size_t key_size, const void *value,
                 size_t value_size);

#endif
