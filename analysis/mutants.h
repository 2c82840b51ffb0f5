/*
 * A policy's mutants: small faults that its expectations should notice. Each is an edit
 * of one of its files.
 */
#ifndef PN_ANALYSIS_MUTANTS_H
#define PN_ANALYSIS_MUTANTS_H

#include "base/buffer.h"
#include "compiler/unit.h"

enum pn_mutation {
    PN_MUTANT_DELETED, /* a rule is gone */
    PN_MUTANT_FLIPPED, /* its verdict is the other one */
    PN_MUTANT_LONGER,  /* a prefix is a bit longer, */
    PN_MUTANT_SHORTER, /* or shorter */
    PN_MUTANT_DROPPED, /* a variable is not set, or a group of them */
    PN_MUTATION_COUNT
};

extern const char *const pn_mutation_names[]; /* by enum pn_mutation */

struct pn_mutant {
    enum pn_mutation mutation;
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

/* All mutants of the rules and sets of a unit. Clear it in any case. */
void
pn_mutants_make(struct pn_mutants *out, const struct pn_unit *unit);

void
pn_mutants_clear(struct pn_mutants *mutants);

/* Appends the file's text with the mutant in it. */
void
pn_mutant_write(const struct pn_mutants *mutants, const struct pn_mutant *mutant,
                const struct pn_source *source, struct pn_buffer *out);

#endif
