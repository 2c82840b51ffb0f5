/*
 * A policy's mutants: small faults that its expectations should notice. Each is an edit
 * of one of its files. Those of a claim say otherwise what it says: one that holds all
 * the same says nothing.
 */
#ifndef PN_ANALYSIS_MUTANTS_H
#define PN_ANALYSIS_MUTANTS_H

#include "base/buffer.h"
#include "compiler/unit.h"

enum pn_mutation {
    PN_MUTANT_DELETED, /* a rule is gone */
    PN_MUTANT_FLIPPED, /* its verdict, or the one of a claim, is the other one */
    PN_MUTANT_LONGER,  /* a prefix is a bit longer, a host a label, */
    PN_MUTANT_SHORTER, /* or shorter */
    PN_MUTANT_SUFFIX,  /* a host is a suffix, */
    PN_MUTANT_EXACT,   /* or a suffix a host */
    PN_MUTANT_DROPPED, /* a part is not there: a target, its ident, what is excepted, a
                          variable, a group of them, a limit, a rate, a reject text */
    PN_MUTANT_CHANGED, /* an ident, a value, a number or a text is another */
    PN_MUTATION_COUNT
};

extern const char *const pn_mutation_names[]; /* by enum pn_mutation */

struct pn_mutant {
    enum pn_mutation mutation;
    bool of_assertion;
    uint32_t file;
    struct pn_span span;    /* what is replaced, */
    size_t text, text_size; /* and by what: in pn_mutants.text */
};

struct pn_mutants {
    struct pn_mutant *items;
    size_t count, capacity;
    struct pn_buffer text;
    bool failed; /* out of memory */
};

/* All mutants of the rules, definitions and claims of a unit. Clear it in any case. */
void
pn_mutants_make(struct pn_mutants *out, const struct pn_unit *unit);

void
pn_mutants_clear(struct pn_mutants *mutants);

/* Appends the file's text with the mutant in it. */
void
pn_mutant_write(const struct pn_mutants *mutants, const struct pn_mutant *mutant,
                const struct pn_source *source, struct pn_buffer *out);

#endif
