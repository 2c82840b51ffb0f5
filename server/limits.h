/*
 * Counts live connections by source. A source has an entry only while it has a
 * connection, so the table never has more entries than -c allows connections.
 */
#ifndef SRV_LIMITS_H
#define SRV_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/counter_key.h"

struct srv_limit_entry;

struct srv_limits {
    struct srv_hash_key key;
    struct srv_limit_entry **buckets;
    size_t bucket_count, count; /* of buckets: a power of two */
};

/* False without memory. */
bool
srv_limits_init(struct srv_limits *limits);

void
srv_limits_clear(struct srv_limits *limits);

/* How many live connections the source has. */
uint32_t
srv_limits_live(const struct srv_limits *limits, const struct srv_counter_key *key);

/*
 * Counts one more connection. The entry is shared by all connections of the source and
 * valid until srv_limits_release(), which each holder calls once. NULL without memory.
 */
struct srv_limit_entry *
srv_limits_hold(struct srv_limits *limits, const struct srv_counter_key *key);

/* Does the entry count this source? False for NULL. */
bool
srv_limits_is(const struct srv_limit_entry *entry, const struct srv_counter_key *key);

/* Counts one connection fewer. NULL is fine. */
void
srv_limits_release(struct srv_limits *limits, struct srv_limit_entry *entry);

#endif
