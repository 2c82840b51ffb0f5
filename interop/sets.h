/* The sets of a file, of which some are meant. */
#ifndef PN_INTEROP_SETS_H
#define PN_INTEROP_SETS_H

#include "interop/import.h"

/* What is asked of a set that is seen. */
enum pn_set_answer { PN_SET_MEANT, PN_SET_OTHER };

/*
 * Without a name of the caller's, one set of each family is meant; a second one is an
 * error, which says what to do.
 */
struct pn_sets_meant {
    bool has[PN_FAMILIES];
    bool any;
};

enum pn_set_answer
pn_set_ask(struct pn_sets_meant *meant, struct pn_import *import, size_t line,
           struct pn_str name, uint8_t family);

/* An error when no set was meant. */
void
pn_sets_end(const struct pn_sets_meant *meant, struct pn_import *import);

#endif
