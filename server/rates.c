/*
 * A bucket is kept as the one moment at which it will be full again (the generic cell
 * rate algorithm, ITU-T I.371): a token moves it on by the time that a token takes to
 * come, and it may lie no further ahead than all tokens take.
 */
#include "server/rates.h"

#include <stdlib.h>

enum { SETS = 2048, WAYS = 8 };

struct srv_rate_entry {
    struct srv_counter_key key;
    int64_t full_ns;
    uint32_t tokens, seconds; /* of the rate that `full_ns` is counted by */
};

static int64_t
ns_of_seconds(uint32_t seconds)
{
    return (int64_t)seconds * 1000000000;
}

void
srv_rates_init(struct srv_rates *rates)
{
    *rates = (struct srv_rates){ .entries = NULL };
    srv_hash_key_make(&rates->key);
}

void
srv_rates_clear(struct srv_rates *rates)
{
    free(rates->entries);
    rates->entries = NULL;
}

/*
 * The entry of a source, or the one that it replaces. An unused entry has been full
 * since 0.
 */
static struct srv_rate_entry *
entry_of(struct srv_rates *rates, const struct srv_counter_key *key, int64_t now_ns)
{
    uint64_t set = srv_counter_key_hash(&rates->key, key) % SETS;
    struct srv_rate_entry *first = &rates->entries[set * WAYS], *idlest = first;

    for (struct srv_rate_entry *entry = first; entry < first + WAYS; entry++) {
        if (srv_counter_key_equal(&entry->key, key))
            return entry;
        if (entry->full_ns < idlest->full_ns)
            idlest = entry;
    }
    rates->evicted += idlest->full_ns > now_ns;
    *idlest = (struct srv_rate_entry){ .key = *key };
    return idlest;
}

/*
 * The rule has another rate than the one that the bucket was last counted by. As many
 * tokens are missing as before, but no more than the new bucket holds, so that a client
 * waits for the next one no longer than the new rate takes for one.
 */
static void
entry_change_rate(struct srv_rate_entry *entry, const struct postern_rate *rate,
                  int64_t now_ns)
{
    int64_t all = ns_of_seconds(rate->seconds), left = entry->full_ns - now_ns, missing;

    if (entry->tokens && left > 0) {
        int64_t one = ns_of_seconds(entry->seconds) / entry->tokens;

        missing = left / one + (left % one != 0);
        entry->full_ns = now_ns + (missing < rate->n ? missing * (all / rate->n) : all);
    }
    entry->tokens = rate->n;
    entry->seconds = rate->seconds;
}

bool
srv_rates_take(struct srv_rates *rates, const struct srv_counter_key *key,
               const struct postern_rate *rate, int64_t now_ns)
{
    int64_t all = ns_of_seconds(rate->seconds), one = all / rate->n;
    struct srv_rate_entry *entry;
    int64_t full_ns;

    if (!rates->entries)
        rates->entries = calloc((size_t)SETS * WAYS, sizeof(*rates->entries));
    if (!rates->entries)
        return true;
    entry = entry_of(rates, key, now_ns);
    if (entry->tokens != rate->n || entry->seconds != rate->seconds)
        entry_change_rate(entry, rate, now_ns);
    full_ns = (entry->full_ns > now_ns ? entry->full_ns : now_ns) + one;
    if (full_ns - now_ns > all)
        return false;
    entry->full_ns = full_ns;
    return true;
}
