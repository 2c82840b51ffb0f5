/*
 * What stands behind a fault of syntax: the habits, editors and pasted pages that make
 * lines which nobody would write on purpose.
 */
#ifndef PN_GRAMMAR_HABITS_H
#define PN_GRAMMAR_HABITS_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/dialect.h"
#include "grammar/tree.h"

/* A fault that is known: what is told, where, and what is to be written in its place.
 */
struct pn_habit {
    enum pn_diag_id id;
    struct pn_span at;
    struct pn_span mended; /* what `fix` is put in the place of; on the line of `at` */
    struct pn_buffer fix;  /* the caller's, to be freed; nothing where none is likely */
    bool has_fix;
};

/*
 * Looks at a token of the tree that fits nowhere: by its index, in a statement whose
 * tokens before it are there. False when it is no habit that is known; *out is cleared
 * in any case. A failed allocation is remembered in out->fix.
 */
bool
pn_habit_of(const struct pn_tree *tree, enum pn_dialect dialect, uint32_t token,
            struct pn_habit *out);

#endif
