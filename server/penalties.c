/* A set of the table is eight places: a source has one of those that its hash leads to.
 */
#include "server/penalties.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/options.h"

enum { SETS = 2048, WAYS = 8, STATUS_MAX = 255, SECONDS_MAX = 86400 };

struct srv_penalty_entry {
    struct srv_counter_key key;
    int64_t until_ns; /* 0: nobody has the place */
};

static int64_t
ns_of_seconds(uint64_t seconds)
{
    return (int64_t)seconds * 1000000000;
}

void
srv_penalties_init(struct srv_penalties *penalties, size_t most_s,
                   const struct srv_tiers *per_source)
{
    *penalties =
        (struct srv_penalties){ .per = { 32, 64 }, .most_ns = ns_of_seconds(most_s) };
    if (per_source->count)
        penalties->per = per_source->of[0].per;
    srv_hash_key_make(&penalties->key);
}

void
srv_penalties_clear(struct srv_penalties *penalties)
{
    free(penalties->entries);
    penalties->entries = NULL;
    penalties->last_ns = 0;
}

static bool
statuses_read(const char *text, const char *end, struct postern_penalty *out)
{
    const char *dash = memchr(text, '-', (size_t)(end - text));
    size_t first, last;

    if (end - text == 6 && memcmp(text, "signal", 6) == 0) {
        out->first = out->last = POSTERN_STATUS_SIGNAL;
        return true;
    }
    if (!pn_count_parse_part(text, dash ? dash : end, 1, STATUS_MAX, &first))
        return false;
    last = first;
    if (dash && !pn_count_parse_part(dash + 1, end, 1, STATUS_MAX, &last))
        return false;
    out->first = (uint16_t)first;
    out->last = (uint16_t)last;
    return first <= last;
}

bool
srv_penalty_list_parse(const char *text, struct srv_penalty_list *out)
{
    const char *colon = strchr(text, ':');
    struct postern_penalty penalty;
    size_t seconds;

    if (!colon || out->count == POSTERN_PENALTIES_MAX ||
        !statuses_read(text, colon, &penalty) ||
        !pn_count_parse(colon + 1, 1, SECONDS_MAX, &seconds))
        return false;
    penalty.seconds = (uint32_t)seconds;
    for (size_t i = 0; i < out->count; i++)
        if (penalty.first <= out->of[i].last && out->of[i].first <= penalty.last)
            return false;
    out->of[out->count++] = penalty;
    return true;
}

bool
srv_penalties_exempt(const struct postern_decision *decision)
{
    struct postern_penalty_iter iter = decision->penalties;
    struct postern_penalty penalty;

    return postern_penalty_next(&iter, &penalty) && !penalty.seconds;
}

bool
srv_penalty_list_of(const struct postern_decision *decision,
                    const struct srv_penalty_list *others, struct srv_penalty_list *out)
{
    struct postern_penalty_iter iter = decision->penalties;
    struct postern_penalty penalty;

    out->count = 0;
    if (srv_penalties_exempt(decision))
        return false;
    while (out->count < POSTERN_PENALTIES_MAX && postern_penalty_next(&iter, &penalty))
        out->of[out->count++] = penalty;
    if (!out->count)
        *out = *others;
    return true;
}

uint32_t
srv_penalty_of_status(const struct srv_penalty_list *list, int status)
{
    unsigned number = WIFEXITED(status) ? (unsigned)WEXITSTATUS(status)
                                        : (unsigned)POSTERN_STATUS_SIGNAL;

    for (size_t i = 0; i < list->count; i++)
        if (list->of[i].first <= number && number <= list->of[i].last)
            return list->of[i].seconds;
    return 0;
}

struct srv_counter_key
srv_penalties_source(const struct srv_penalties *penalties,
                     const struct postern_addr *addr)
{
    return srv_counter_key_of(SRV_SCOPE_PENALTY, addr, &penalties->per);
}

static struct srv_penalty_entry *
set_of(const struct srv_penalties *penalties, const struct srv_counter_key *source)
{
    uint64_t set = srv_counter_key_hash(&penalties->key, source) % SETS;

    return &penalties->entries[set * WAYS];
}

/* The place of a source, or the one that it takes over. */
static struct srv_penalty_entry *
place_of(struct srv_penalties *penalties, const struct srv_counter_key *source,
         int64_t now_ns)
{
    struct srv_penalty_entry *first = set_of(penalties, source), *shortest = first;

    for (struct srv_penalty_entry *entry = first; entry < first + WAYS; entry++) {
        if (entry->until_ns && srv_counter_key_equal(&entry->key, source))
            return entry;
        if (entry->until_ns < shortest->until_ns)
            shortest = entry;
    }
    penalties->evicted += shortest->until_ns > now_ns;
    *shortest = (struct srv_penalty_entry){ .key = *source };
    return shortest;
}

void
srv_penalties_add(struct srv_penalties *penalties, const struct srv_counter_key *source,
                  uint32_t seconds, int64_t now_ns)
{
    struct srv_penalty_entry *entry;
    int64_t until_ns;

    if (!penalties->entries)
        penalties->entries = calloc((size_t)SETS * WAYS, sizeof(*penalties->entries));
    if (!penalties->entries)
        return;
    entry = place_of(penalties, source, now_ns);
    until_ns =
        (entry->until_ns > now_ns ? entry->until_ns : now_ns) + ns_of_seconds(seconds);
    if (until_ns - now_ns > penalties->most_ns)
        until_ns = now_ns + penalties->most_ns;
    entry->until_ns = until_ns;
    if (until_ns > penalties->last_ns)
        penalties->last_ns = until_ns;
}

uint32_t
srv_penalties_left(const struct srv_penalties *penalties,
                   const struct srv_counter_key *source, int64_t now_ns)
{
    const struct srv_penalty_entry *first;

    if (penalties->last_ns <= now_ns)
        return 0;
    first = set_of(penalties, source);
    for (const struct srv_penalty_entry *entry = first; entry < first + WAYS; entry++)
        if (entry->until_ns > now_ns && srv_counter_key_equal(&entry->key, source))
            return (uint32_t)((entry->until_ns - now_ns + ns_of_seconds(1) - 1) /
                              ns_of_seconds(1));
    return 0;
}
