/* The mutants of targets: prefixes, hosts, idents, and one of several left out. */
#ifndef PN_ANALYSIS_MUTANTS_WORDS_H
#define PN_ANALYSIS_MUTANTS_WORDS_H

#include "analysis/mutants_edit.h"

/* Of a target as it is written, or a classic key. */
void
pn_mutants_word(struct pn_mutants_work *w, struct pn_span span);

/* Of all targets of a rule or a set. */
void
pn_mutants_targets(struct pn_mutants_work *w, const struct pn_node *node);

#endif
