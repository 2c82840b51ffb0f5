/* The variables that a rule of another program sets. */
#ifndef PN_INTEROP_RULE_VARIABLES_H
#define PN_INTEROP_RULE_VARIABLES_H

#include "interop/import.h"

enum { PN_RULE_VARIABLES_MOST = 32, PN_RULE_VARIABLES_SIZE_MOST = 65536 };

/* All zero but for the first two. */
struct pn_rule_variables {
    struct pn_import *import;
    struct pn_buffer
        *tails; /* what stands behind verdicts: ", NAME="value"" is added */
    uint32_t file;
    size_t line; /* of notes */
    struct pn_str names[PN_RULE_VARIABLES_MOST];
    size_t count, size; /* of all of them */
};

/* Adds a variable; a name that is none, or is there, is an error, and so are
 * values that are too long together. */
void
pn_rule_variable_add(struct pn_rule_variables *variables, struct pn_str name,
                     struct pn_str value);

/* One that is unset there: told of, since ours unsets nothing. */
void
pn_rule_variable_unset(struct pn_rule_variables *variables, struct pn_str name);

#endif
