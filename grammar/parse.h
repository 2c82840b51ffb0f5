/* Parses a text to its tree, whole or statement by statement. */
#ifndef PN_GRAMMAR_PARSE_H
#define PN_GRAMMAR_PARSE_H

#include "grammar/build.h"

/*
 * Reads a text as a stream: each statement goes to `take` and is forgotten, so
 * that memory does not grow with the file. What is wrong with it goes to `diags`;
 * parsing goes on at the next line. False when out of memory, or when `take` stopped
 * it.
 */
bool
pn_parse_stream(const struct pn_source *source, enum pn_dialect dialect,
                struct pn_diags *diags, pn_statement_fn take, void *payload);

/*
 * Builds a tree in `arena`; free tree->tokens. A text with errors gives a tree too.
 * False when out of memory.
 */
bool
pn_parse_tree_of(const struct pn_source *source, enum pn_dialect dialect,
                 enum pn_detail detail, struct pn_diags *diags, struct pn_arena *arena,
                 struct pn_tree *out);

/* The same with every node. */
static inline bool
pn_parse_tree(const struct pn_source *source, enum pn_dialect dialect,
              struct pn_diags *diags, struct pn_arena *arena, struct pn_tree *out)
{
    return pn_parse_tree_of(source, dialect, PN_DETAIL_WHOLE, diags, arena, out);
}

#endif
