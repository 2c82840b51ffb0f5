/* Many at once beside one by one, by every way that this machine has. */
#ifndef PN_TESTS_SUPPORT_BATCH_H
#define PN_TESTS_SUPPORT_BATCH_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/batch.h"
#include "runtime/store.h"

/* What one by one says of an address. */
static inline struct postern_brief
pn_test_brief(const struct postern_rules *rules, unsigned family, const uint8_t *bytes)
{
    struct postern_brief brief = { .rule = POSTERN_RULE_NONE,
                                   .step = POSTERN_STEP_NONE };
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;
    uint32_t needs = 0;

    query.remote.family = (uint8_t)family;
    memcpy(query.remote.bytes, bytes, family == 6 ? 16 : 4);
    brief.status = (uint8_t)postern_rules_decide(rules, &query, &d);
    if (brief.status == POSTERN_OK)
        brief.status = (uint8_t)postern_rules_needs(rules, &query.remote, &needs);
    if (brief.status == POSTERN_OK) {
        brief.rule = d.rule;
        brief.verdict = d.verdict;
        brief.step = d.step;
        brief.needs = (uint8_t)needs;
    }
    return brief;
}

/* Runs each way, and what the library takes; hands each result to `check`. */
static inline void
pn_test_batch(const struct postern_rules *rules, unsigned family,
              const uint8_t *addresses, size_t count,
              void (*check)(void *payload, const char *way,
                            const struct postern_brief *briefs),
              void *payload)
{
    static const uint32_t kinds[] = { 0, PN_BATCH_AVX2, PN_BATCH_AVX512 };
    struct postern_brief *out = calloc(count + 1, sizeof(*out));

    if (!out)
        abort();
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        const struct pn_batch_way *way = pn_batch_way_for(kinds[i]);

        if ((kinds[i] & pn_batch_features()) != kinds[i] || !rules->native.bytes ||
            (family == 6 && rules->native.zone_count))
            continue;
        memset(out, 0xa5, (count + 1) * sizeof(*out));
        pn_batch_decide(way, &rules->native, family, addresses, count, out);
        check(payload, way->name, out);
    }
    memset(out, 0xa5, (count + 1) * sizeof(*out));
    if (postern_rules_decide_addresses(rules, family, addresses, count, out) !=
        POSTERN_OK)
        abort();
    check(payload, "the library's", out);
    free(out);
}

#endif
