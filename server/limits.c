/* Chains of entries under a keyed hash; the table grows with its entries. */
#include "server/limits.h"

#include <stdlib.h>

enum { FIRST_BUCKETS = 64 };

struct srv_limit_entry {
    struct srv_counter_key key;
    struct srv_limit_entry *next;
    uint32_t live;
};

bool
srv_limits_init(struct srv_limits *limits)
{
    *limits = (struct srv_limits){ .bucket_count = FIRST_BUCKETS };
    srv_hash_key_make(&limits->key);
    limits->buckets = calloc(limits->bucket_count, sizeof(struct srv_limit_entry *));
    return limits->buckets != NULL;
}

void
srv_limits_clear(struct srv_limits *limits)
{
    for (size_t i = 0; i < limits->bucket_count && limits->buckets; i++)
        while (limits->buckets[i]) {
            struct srv_limit_entry *next = limits->buckets[i]->next;

            free(limits->buckets[i]);
            limits->buckets[i] = next;
        }
    free(limits->buckets);
    *limits = (struct srv_limits){ .bucket_count = 0 };
}

static struct srv_limit_entry **
link_of(const struct srv_limits *limits, const struct srv_counter_key *key)
{
    uint64_t hash = srv_counter_key_hash(&limits->key, key);
    struct srv_limit_entry **link = &limits->buckets[hash & (limits->bucket_count - 1)];

    while (*link && !srv_counter_key_equal(&(*link)->key, key))
        link = &(*link)->next;
    return link;
}

uint32_t
srv_limits_live(const struct srv_limits *limits, const struct srv_counter_key *key)
{
    const struct srv_limit_entry *entry = *link_of(limits, key);

    return entry ? entry->live : 0;
}

/* Without memory for more buckets the chains only get longer. */
static void
grow(struct srv_limits *limits)
{
    struct srv_limits larger = *limits;

    larger.bucket_count *= 2;
    larger.buckets = calloc(larger.bucket_count, sizeof(struct srv_limit_entry *));
    if (!larger.buckets)
        return;
    for (size_t i = 0; i < limits->bucket_count; i++)
        while (limits->buckets[i]) {
            struct srv_limit_entry *entry = limits->buckets[i];
            struct srv_limit_entry **link;

            limits->buckets[i] = entry->next;
            link = link_of(&larger, &entry->key);
            entry->next = *link;
            *link = entry;
        }
    free(limits->buckets);
    *limits = larger;
}

struct srv_limit_entry *
srv_limits_hold(struct srv_limits *limits, const struct srv_counter_key *key)
{
    struct srv_limit_entry **link, *entry;

    if (limits->count >= limits->bucket_count)
        grow(limits);
    link = link_of(limits, key);
    entry = *link;
    if (!entry) {
        entry = calloc(1, sizeof(*entry));
        if (!entry)
            return NULL;
        entry->key = *key;
        *link = entry;
        limits->count++;
    }
    entry->live++;
    return entry;
}

bool
srv_limits_is(const struct srv_limit_entry *entry, const struct srv_counter_key *key)
{
    return entry && srv_counter_key_equal(&entry->key, key);
}

void
srv_limits_release(struct srv_limits *limits, struct srv_limit_entry *entry)
{
    struct srv_limit_entry **link;

    if (!entry || --entry->live)
        return;
    link = link_of(limits, &entry->key);
    *link = entry->next;
    limits->count--;
    free(entry);
}
