/* What a rule is given besides variables: limits, a reject text, notes. */
#ifndef PN_COMPILER_TERMS_H
#define PN_COMPILER_TERMS_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "compiler/dates.h"
#include "grammar/tree.h"
#include "runtime/format/native.h"

/* Rows as the image has them, by enum pn_native_term. */
struct pn_terms {
    uint32_t columns[PN_TERM_COLUMNS];
};

/* The lengths of the networks that are counted when a rule does not say: of IPv6, what
 * one customer has. */
enum { PN_PER_V4 = 32, PN_PER_V6 = 64 };

/* Where the terms of a rule stand: borrowed for the call. */
struct pn_terms_place {
    const struct pn_tree *tree;
    const struct pn_node *rule;
    struct pn_diags *diags;
};

/*
 * Reads the TERM nodes of a rule and reports errors in them. Texts go into `text`,
 * which remembers failed allocations. Returns how many rows of `out` it has: 0 for a
 * rule without terms, else one, and one more for each further limit.
 */
size_t
pn_terms_read(const struct pn_terms_place *place, struct pn_buffer *text,
              struct pn_terms out[PN_LIMITS_MAX]);

/*
 * Reads one of them into *out, which keeps what it has of others; as above. For claims,
 * which may say of any verdict what they like.
 */
void
pn_term_read(const struct pn_terms_place *place, const struct pn_node *node,
             struct pn_buffer *text, struct pn_terms *out);

/* Rows that hold no term. */
struct pn_terms
pn_terms_none(void);

/* The limit, rate, reject or penalty that a word names; PN_TERM_NONE for none. */
enum pn_term
pn_term_named(struct pn_str word);

/* Is a term of two rules, whose texts are in these buffers, given alike? One that
 * neither has is. */
bool
pn_term_same(enum pn_term term, const struct pn_terms *a,
             const struct pn_buffer *a_text, const struct pn_terms *b,
             const struct pn_buffer *b_text);

/* How many limits there are behind the first, and so rows behind this one. */
static inline uint32_t
pn_terms_more(const uint32_t *columns)
{
    return columns[PN_TERM_LIMIT_PER] / PN_TERM_MORE;
}

/* Do two rows have limits of the same networks? */
static inline bool
pn_limit_is_of(const uint32_t *a, const uint32_t *b)
{
    return a[PN_TERM_LIMIT_PER] % PN_TERM_MORE == b[PN_TERM_LIMIT_PER] % PN_TERM_MORE;
}

/* Is the limit of `wanted`, which may be none, among those of a rule's rows? */
bool
pn_limit_is_among(const uint32_t *columns, const struct pn_terms *wanted);

/* How a rate's seconds are written: sec, min or hour. */
const char *
pn_rate_unit(uint32_t seconds);

#endif
