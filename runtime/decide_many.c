/* Deciding many at once: addresses alone by the best way of this machine, and whole
 * queries by way of them. */
#include <string.h>

#include "runtime/batch.h"
#include "runtime/decide_native.h"
#include "runtime/store.h"

uint32_t
pn_batch_features(void)
{
    uint32_t features = 0;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        features |= PN_BATCH_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        features |= PN_BATCH_AVX512;
#endif
    return features;
}

const struct pn_batch_way *
pn_batch_way_for(uint32_t features)
{
#if defined(__x86_64__)
    if (features & PN_BATCH_AVX512)
        return &pn_batch_avx512;
    if (features & PN_BATCH_AVX2)
        return &pn_batch_avx2;
#endif
    (void)features;
    return &pn_batch_scalar;
}

enum { SOME_QUERIES = 64 };

static void
brief_of(const struct postern_rules *rules, unsigned family, const uint8_t *address,
         struct postern_brief *out)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    uint32_t needs = 0;
    enum postern_status status;

    query.remote.family = (uint8_t)family;
    memcpy(query.remote.bytes, address, family == 6 ? 16 : 4);
    status = postern_rules_decide(rules, &query, &decision);
    if (status == POSTERN_OK)
        status = postern_rules_needs(rules, &query.remote, &needs);
    *out = (struct postern_brief){ .rule = POSTERN_RULE_NONE,
                                   .step = POSTERN_STEP_NONE,
                                   .status = (uint8_t)status };
    if (status == POSTERN_OK) {
        out->rule = decision.rule;
        out->verdict = decision.verdict;
        out->step = decision.step;
        out->needs = (uint8_t)needs;
    }
}

void
pn_batch_decide(const struct pn_batch_way *way, const struct pn_native *native,
                unsigned family, const uint8_t *addresses, size_t count,
                struct postern_brief *out)
{
    const struct pn_native_index *index =
        pn_native_index(&native->first[PN_GROUP_NO_IDENT], family);
    const size_t width = family == 6 ? 16 : 4;
    uint32_t numbers[PN_BATCH];

    for (size_t at = 0; at < count; at += PN_BATCH) {
        size_t some = count - at < PN_BATCH ? count - at : PN_BATCH;

        way->find(index, family, addresses + at * width, some, numbers);
        way->take(native, numbers, some, out + at);
    }
}

enum postern_status
postern_rules_decide_addresses(const struct postern_rules *rules, unsigned family,
                               const void *addresses, size_t count,
                               struct postern_brief *out)
{
    const uint8_t *bytes = addresses;

    if (family != 4 && family != 6)
        return POSTERN_E_ARG;
    /* Those of zones are looked up in one index or another, each in its own. */
    if (rules->native.bytes && !(family == 6 && rules->native.zone_count))
        pn_batch_decide(pn_batch_way_for(pn_batch_features()), &rules->native, family,
                        bytes, count, out);
    else
        for (size_t i = 0; i < count; i++)
            brief_of(rules, family, bytes + i * (family == 6 ? 16 : 4), &out[i]);
    return POSTERN_OK;
}

/* Which of some queries have nothing but an address of one family, and these. */
struct plain {
    size_t count;
    uint8_t at[SOME_QUERIES];
    uint8_t addresses[SOME_QUERIES * 16];
};

/* The queries of a call, and where their decisions go. */
struct queries {
    const struct postern_rules *rules;
    const struct postern_query *const *queries;
    struct postern_decision *const *out;
};

static enum postern_status
plain_decide(const struct queries *q, size_t first, unsigned family,
             const struct plain *plain, uint8_t *statuses)
{
    const struct pn_native *native = &q->rules->native;
    struct postern_brief briefs[SOME_QUERIES];
    enum postern_status status = postern_rules_decide_addresses(
        q->rules, family, plain->addresses, plain->count, briefs);

    for (size_t i = 0; i < plain->count && status == POSTERN_OK; i++) {
        struct postern_decision *out = q->out[first + plain->at[i]];
        uint8_t *told = &statuses[plain->at[i]];

        *told = briefs[i].status;
        if (*told == POSTERN_OK &&
            pn_native_outcome(native, briefs[i].rule, out) != POSTERN_OK)
            *told = POSTERN_E_FORMAT;
        if (*told == POSTERN_OK)
            out->step = briefs[i].step;
    }
    return status;
}

static void
plain_add(struct plain *plain, size_t at, const struct postern_addr *address)
{
    size_t width = address->family == 6 ? 16 : 4;

    plain->at[plain->count] = (uint8_t)at;
    memcpy(plain->addresses + plain->count++ * width, address->bytes, width);
}

/* Decides up to SOME_QUERIES from `first` on; returns how many before the first fault.
 */
static size_t
some_decide(const struct queries *q, size_t first, size_t count,
            enum postern_status *status)
{
    struct plain four = { .count = 0 }, six = { .count = 0 };
    uint8_t statuses[SOME_QUERIES];

    for (size_t i = 0; i < count; i++) {
        const struct postern_query *query = q->queries[first + i];
        struct postern_decision *out = q->out[first + i];

        if (!q->rules->native.bytes || !pn_query_is_plain(query, out))
            statuses[i] = (uint8_t)postern_rules_decide(q->rules, query, out);
        else
            plain_add(query->remote.family == 6 ? &six : &four, i, &query->remote);
    }
    *status = plain_decide(q, first, 4, &four, statuses);
    if (*status == POSTERN_OK)
        *status = plain_decide(q, first, 6, &six, statuses);
    for (size_t i = 0; i < count && *status == POSTERN_OK; i++) {
        *status = statuses[i];
        if (*status != POSTERN_OK)
            return i;
    }
    return *status == POSTERN_OK ? count : 0;
}

enum postern_status
postern_rules_decide_many(const struct postern_rules *rules,
                          const struct postern_query *const *queries, size_t count,
                          struct postern_decision *const *out, size_t *decided)
{
    const struct queries all = { rules, queries, out };
    enum postern_status status = POSTERN_OK;

    *decided = 0;
    while (*decided < count && status == POSTERN_OK) {
        size_t left = count - *decided;

        *decided += some_decide(&all, *decided,
                                left < SOME_QUERIES ? left : SOME_QUERIES, &status);
    }
    return status;
}
