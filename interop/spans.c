/* The pieces of the rules without ident are where answers change; the image is asked.
 */
#include "interop/spans.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

enum { SOME = 256, KNOWN = 64 };

/* What a rule says beyond its verdict. */
struct known {
    uint32_t rule;
    uint8_t beyond;
    bool is;
};

struct collecting {
    struct pn_spans *out;
    const struct postern_rules *rules;
    struct known known[KNOWN]; /* by rule: neighbours alternate between a few of them */
};

static uint8_t
beyond_of(const struct postern_decision *d)
{
    struct postern_env_iter env = d->env;
    struct postern_env variable;
    uint8_t beyond = 0;

    if (d->limit.n || d->rate.n)
        beyond |= PN_BEYOND_LIMITS;
    if (d->penalties.at != d->penalties.end)
        beyond |= PN_BEYOND_PENALTIES;
    if (d->verdict == POSTERN_ALLOW && postern_env_next(&env, &variable))
        beyond |= PN_BEYOND_VARIABLES;
    if (d->reject.ptr)
        beyond |= PN_BEYOND_REJECT;
    return beyond;
}

/* NULL for damage. */
static const struct known *
rule_look(struct collecting *c, uint32_t rule)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct known *known = &c->known[rule % KNOWN];

    if (known->is && known->rule == rule)
        return known;
    *known = (struct known){ .rule = rule, .is = true };
    if (rule == POSTERN_RULE_NONE)
        return known;
    if (postern_rules_outcome(c->rules, rule, &decision) != POSTERN_OK)
        return NULL;
    known->beyond = beyond_of(&decision);
    return known;
}

static bool
is_one(const struct pn_spans *spans, const struct pn_span_answer *left,
       const struct pn_span_answer *right)
{
    return left->family == right->family && left->allows == right->allows &&
           left->beyond == right->beyond &&
           ((!left->beyond && !spans->by_rule) || left->rule == right->rule);
}

static enum pn_spans_result
span_add(struct collecting *c, struct pn_span_answer span,
         const struct postern_brief *brief)
{
    struct pn_spans *out = c->out;
    struct pn_span_answer *last = out->count ? &out->items[out->count - 1] : NULL;
    const struct known *known = rule_look(c, brief->rule);

    if (brief->status != POSTERN_OK || !known)
        return PN_SPANS_DAMAGED;
    span.rule = brief->rule;
    span.allows = brief->verdict == POSTERN_ALLOW;
    span.beyond = known->beyond;
    if (brief->needs)
        span.beyond |= PN_BEYOND_NAMES;
    if (last && is_one(out, last, &span)) {
        last->last = span.last;
        return PN_SPANS_OK;
    }
    return pn_vector_add(&out->items, &out->count, &out->capacity, &span, sizeof(span))
               ? PN_SPANS_OK
               : PN_SPANS_MEMORY;
}

/* Pieces from `from` on, asked together. */
static enum pn_spans_result
some_add(struct collecting *c, const struct pn_pieces *pieces, uint8_t family,
         size_t from, size_t count)
{
    unsigned width = pn_family_bits(family) / 8;
    enum pn_spans_result result = PN_SPANS_OK;
    struct postern_brief briefs[SOME];
    uint8_t addresses[SOME * 16] = { 0 };

    for (size_t i = 0; i < count; i++) {
        struct postern_addr addr =
            pn_number_address(pieces->items[from + i].start, family);

        /* one size for both: of IPv4 the next one overwrites the rest */
        memcpy(addresses + i * width, addr.bytes, sizeof(addr.bytes));
    }
    if (postern_rules_decide_addresses(c->rules, family, addresses, count, briefs) !=
        POSTERN_OK)
        return PN_SPANS_DAMAGED;
    for (size_t i = 0; i < count && result == PN_SPANS_OK; i++) {
        size_t piece = from + i;
        struct pn_span_answer span = { .family = family,
                                       .first = pieces->items[piece].start,
                                       .last = pn_host_mask(family, 0) };

        if (piece + 1 < pieces->count)
            span.last = pieces->items[piece + 1].start - 1;
        result = span_add(c, span, &briefs[i]);
    }
    return result;
}

/* The verdict for whom nothing names. */
static enum pn_spans_result
default_look(struct pn_spans *out, const struct postern_rules *rules,
             const struct pn_decoded *decoded)
{
    uint32_t rule = decoded->groups[PN_GROUP_NO_IDENT].fallback;
    struct postern_decision decision = POSTERN_DECISION_INIT;

    out->default_allows = true; /* as a classic file without a default does */
    if (rule == PN_RULE_NONE)
        return PN_SPANS_OK;
    if (postern_rules_outcome(rules, rule, &decision) != POSTERN_OK)
        return PN_SPANS_DAMAGED;
    out->default_allows = decision.verdict == POSTERN_ALLOW;
    return PN_SPANS_OK;
}

enum pn_spans_result
pn_spans_collect(struct pn_spans *out, const struct postern_rules *rules,
                 const struct pn_decoded *decoded)
{
    const struct pn_decoded_group *group = &decoded->groups[PN_GROUP_NO_IDENT];
    struct collecting c = { .out = out, .rules = rules };
    enum pn_spans_result result = default_look(out, rules, decoded);

    if (decoded->zones.count > 1)
        return PN_SPANS_SPELT;
    for (unsigned side = 0; side < PN_FAMILIES && result == PN_SPANS_OK; side++) {
        uint8_t family = pn_family_at(side);
        const struct pn_pieces *pieces = pn_decoded_pieces(group, family, 0);

        for (size_t from = 0; from < pieces->count && result == PN_SPANS_OK;
             from += SOME) {
            size_t left = pieces->count - from;

            result = some_add(&c, pieces, family, from, left < SOME ? left : SOME);
        }
    }
    return result;
}

void
pn_spans_join(struct pn_spans *spans)
{
    size_t kept = 0;

    for (size_t i = 0; i < spans->count; i++) {
        if (kept && is_one(spans, &spans->items[kept - 1], &spans->items[i]))
            spans->items[kept - 1].last = spans->items[i].last;
        else
            spans->items[kept++] = spans->items[i];
    }
    spans->count = kept;
}

void
pn_spans_clear(struct pn_spans *spans)
{
    pn_free(spans->items);
    *spans = (struct pn_spans){ 0 };
}

bool
pn_range_cut(pn_number first, pn_number last, uint8_t family, unsigned *length,
             pn_number *next)
{
    *length = pn_prefix_at(family, first, last);
    *next = first + pn_host_mask(family, *length) + 1;
    return first + pn_host_mask(family, *length) < last;
}
