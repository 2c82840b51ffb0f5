/* Explains syntax errors by the habits, editors and pasted pages that cause them. */
#ifndef PN_GRAMMAR_HABITS_H
#define PN_GRAMMAR_HABITS_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/dialect.h"
#include "grammar/tree.h"

/* A recognised fault: its diagnostic, its place, and the text to write instead. */
struct pn_habit {
    enum pn_diag_id id;
    struct pn_span at;
    struct pn_span mended; /* the span that `fix` replaces; on the line of `at` */
    struct pn_buffer fix;  /* the caller's, to be freed; nothing where none is likely */
    bool has_fix;
};

/*
 * Examines a token that fits nowhere, by its index; the tokens of its statement before
 * it are in the tree. False when no habit is recognised; *out is cleared in any case. A
 * failed allocation sets out->fix.failed.
 */
bool
pn_habit_of(const struct pn_tree *tree, enum pn_dialect dialect, uint32_t token,
            struct pn_habit *out);

#endif
