/*
 * A policy's mutants: small faults that its expectations should notice. Each is an edit
 * of one of its files. A mutant of an assertion makes it say something else: when that
 * holds too, the assertion says nothing.
 */
#ifndef PN_ANALYSIS_MUTANTS_H
#define PN_ANALYSIS_MUTANTS_H

#include "base/buffer.h"
#include "base/source.h"
#include "grammar/tree.h"

enum pn_mutation {
    PN_MUTANT_DELETED, /* a rule is gone */
    PN_MUTANT_FLIPPED, /* allow and deny are swapped, in a rule or an assertion */
    PN_MUTANT_LONGER,  /* a prefix is longer by a bit, a host by a label */
    PN_MUTANT_SHORTER, /* the other way round */
    PN_MUTANT_SUFFIX,  /* a host has become a suffix */
    PN_MUTANT_EXACT,   /* a suffix has become a host */
    PN_MUTANT_DROPPED, /* a part is missing: a target, its ident, an except, a variable,
                          a group of variables, a limit, a rate, a reject text */
    PN_MUTANT_CHANGED, /* an ident, a value, a number or a text is another one */
    PN_MUTATION_COUNT
};

extern const char *const pn_mutation_names[]; /* by enum pn_mutation */

struct pn_mutant {
    enum pn_mutation mutation;
    bool of_assertion;
    uint32_t file;
    struct pn_span span;             /* what is replaced */
    size_t text, text_size;          /* the replacement, in pn_mutants.text */
    const struct pn_node *statement; /* it is of; valid as long as the unit, */
    struct pn_span whole;            /* and where that stands, without its line end */
    const struct pn_node *element;   /* the element of a set that alone changes, or the
                                        target of a rule that has others; or NULL */
};

struct pn_mutants {
    struct pn_mutant *items;
    size_t count, capacity;
    struct pn_buffer text;
    bool failed; /* out of memory */
};

void
pn_mutants_clear(struct pn_mutants *mutants);

/* Appends its statement alone, with the mutant in it. */
void
pn_mutant_write_statement(const struct pn_mutants *mutants,
                          const struct pn_mutant *mutant,
                          const struct pn_source *source, struct pn_buffer *out);

/* Appends the file's text with the mutant in it. */
void
pn_mutant_write(const struct pn_mutants *mutants, const struct pn_mutant *mutant,
                const struct pn_source *source, struct pn_buffer *out);

#endif
