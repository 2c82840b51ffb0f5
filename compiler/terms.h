/* What a rule is given besides variables: limits, a reject text, notes. */
#ifndef PN_COMPILER_TERMS_H
#define PN_COMPILER_TERMS_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/tree.h"
#include "runtime/format/native.h"

/* Rows as the image has them, by enum pn_native_term. */
struct pn_terms {
    uint32_t columns[PN_TERM_COLUMNS];
};

/* Where the terms of a rule stand. */
struct pn_terms_place {
    const struct pn_tree *tree;
    const struct pn_node *rule;
    struct pn_diags *diags;
};

/*
 * Reads the TERM nodes of a rule; texts go into `text`, which remembers failed
 * allocations. False when the rule has none. What is wrong is told.
 */
bool
pn_terms_read(const struct pn_terms_place *place, struct pn_buffer *text,
              struct pn_terms *out);

/* A date as the number YYYYMMDD; 0 when it is none. */
uint32_t
pn_date_read(struct pn_str text);

/* How a rate's seconds are written: sec, min or hour. */
const char *
pn_rate_unit(uint32_t seconds);

#endif
