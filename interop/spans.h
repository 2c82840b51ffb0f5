/* What a policy says of addresses alone: spans that ascend, and cover every address. */
#ifndef PN_INTEROP_SPANS_H
#define PN_INTEROP_SPANS_H

#include "compiler/image_decode.h"
#include "postern/rules.h"

/* What a rule says that a program which knows addresses and verdicts cannot. */
enum pn_beyond {
    PN_BEYOND_NAMES = 1, /* a host or an ident could still change it */
    PN_BEYOND_LIMITS = 2,
    PN_BEYOND_VARIABLES = 4,
    PN_BEYOND_REJECT = 8,
    PN_BEYOND_PENALTIES = 16 /* or that it is exempt from them */
};

/* Addresses of one family, both ends included, that are answered alike. */
struct pn_span_answer {
    pn_number first, last;
    uint32_t rule;  /* for postern_rules_origin(), or POSTERN_RULE_NONE */
    uint8_t family; /* 4 or 6 */
    bool allows;
    uint8_t beyond; /* of enum pn_beyond */
};

/* All zero is empty. IPv4 first. */
struct pn_spans {
    struct pn_span_answer *items;
    size_t count, capacity;
    bool default_allows; /* what is said of whom no rule names */
    bool by_rule;        /* chosen before: those of two rules are never one */
};

enum pn_spans_result {
    PN_SPANS_OK,
    PN_SPANS_SPELT, /* keys match IPv6 addresses by how they are written */
    PN_SPANS_DAMAGED,
    PN_SPANS_MEMORY
};

/*
 * Asks an image of every address. Neighbours of one verdict are one span, unless one of
 * them says what is beyond it: those are one span a rule. Clear it in any case.
 */
enum pn_spans_result
pn_spans_collect(struct pn_spans *out, const struct postern_rules *rules,
                 const struct pn_decoded *decoded);

/* Neighbours that differ in nothing that is left become one. */
void
pn_spans_join(struct pn_spans *spans);

void
pn_spans_clear(struct pn_spans *spans);

/*
 * The largest prefix at the beginning of a range that the range holds: its length. The
 * rest of the range, if any, begins behind it, at *next; false when nothing is left.
 */
bool
pn_range_cut(pn_number first, pn_number last, uint8_t family, unsigned *length,
             pn_number *next);

#endif
