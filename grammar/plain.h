/* The statements that long files have most of, read without the parser. */
#ifndef PN_GRAMMAR_PLAIN_H
#define PN_GRAMMAR_PLAIN_H

#include "grammar/build.h"

enum { PN_PLAIN_TOKENS = 4 };

/*
 * Reads the statements that come next, as long as they are an address or a prefix, a
 * colon and a verdict; for whoever wants the first token of a statement. Nothing where
 * another token is next, or when a syntax error was found before: the parser counts
 * tokens to recover from one.
 */
void
pn_build_plain(struct pn_build *b);

/* A rule of a run, and where its line ends. */
struct pn_plain_rule {
    struct pn_token tokens[PN_PLAIN_TOKENS];
    enum pn_action action;
    uint32_t end;
};

/* The rule that comes next, at an offset of the text; false if it is another kind. */
bool
pn_plain_read(const struct pn_source *source, uint32_t at, struct pn_plain_rule *out);

/* A rule of a run as a tree has others. */
struct pn_plain_nodes {
    struct pn_node rule, target;
};

/* Its nodes, whose tokens stand behind those of the tree until the next one is made. */
void
pn_plain_nodes(struct pn_tree *tree, const struct pn_plain_rule *plain,
               struct pn_plain_nodes *out);

/* Gives a tree with runs the nodes of all of its rules. False when out of memory. */
bool
pn_plain_expand(struct pn_tree *tree, struct pn_arena *arena);

#endif
