/* Functions for grammar actions: only these make nodes and report syntax errors. */
#ifndef PN_GRAMMAR_BUILD_H
#define PN_GRAMMAR_BUILD_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "grammar/expected.h"
#include "grammar/lexer.h"
#include "grammar/mends.h"
#include "grammar/tree.h"

/*
 * Takes one statement of a file that is read as a stream. The node, its children and
 * the tokens live until it returns. False stops the parse.
 */
typedef bool (*pn_statement_fn)(void *payload, const struct pn_tree *tree,
                                const struct pn_node *statement);

/* Nodes on their way to a parent: it keeps the head alone. */
struct pn_list {
    struct pn_node *head, *tail;
};

/*
 * The state of one parse. Arena and diagnostics belong to the caller and outlive it.
 * Builders accept NULL children: lack of memory is checked once, at the end.
 */
struct pn_build {
    struct pn_tree tree;
    struct pn_list statements; /* of the file, when the whole tree is kept */
    struct pn_lexer lexer;
    struct pn_arena *arena;
    struct pn_diags *diags;
    pn_statement_fn take; /* NULL: the tree is kept */
    void *payload;
    size_t token_capacity;
    enum pn_detail detail; /* of a tree that is kept */
    pn_trial_fn trial;     /* NULL: no mend is looked for */
    uint32_t mended;       /* faults for which a mend was looked for */
    bool failed;           /* out of memory */
    bool stopped;          /* `take` said so */
    bool told_return;      /* carriage returns have been reported: once for a file */
    bool faulty; /* a syntax error was found, from which the parser recovers */
};

/* The next token, kept in the tree. Its index goes to *out. Returns its kind. */
int
pn_build_token(struct pn_build *b, uint32_t *out);

struct pn_list
pn_list_append(struct pn_list list, struct pn_node *node);

/* A node without children that is named by one token. */
struct pn_node *
pn_build_leaf(struct pn_build *b, enum pn_node_kind kind, struct pn_range range);

/* A list, with its path and its bounds, if it has any. */
struct pn_node *
pn_build_list(struct pn_build *b, struct pn_range range);

/* Such leaves, distinguished by their `action`. */
struct pn_node *
pn_build_term(struct pn_build *b, struct pn_range range, enum pn_term term);

struct pn_node *
pn_build_verdict(struct pn_build *b, struct pn_range range, enum pn_action action);

struct pn_node *
pn_build_assume(struct pn_build *b, struct pn_range range, enum pn_assumption what);

struct pn_node *
pn_build_rule(struct pn_build *b, struct pn_range range, enum pn_action action,
              struct pn_list assigns);

/* A rule of the extended dialect: its targets and its settings. */
struct pn_node *
pn_build_policy_rule(struct pn_build *b, struct pn_range range, enum pn_action action,
                     struct pn_list targets, struct pn_list settings);

/* An EXPECT or an ALWAYS: what it is about, and its conditions. */
struct pn_node *
pn_build_assertion(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
                   struct pn_list about, struct pn_list conditions);

/* An ALWAYS about everything outside its targets. */
struct pn_node *
pn_build_outside(struct pn_build *b, struct pn_range range, struct pn_list about,
                 struct pn_list conditions);

/* A definition, named by the token behind its keyword. */
struct pn_node *
pn_build_named(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
               struct pn_list children);

/*
 * A definition of which only the name could be parsed, so that its uses are not
 * reported as undefined.
 */
struct pn_node *
pn_build_broken(struct pn_build *b, struct pn_range range);

struct pn_node *
pn_build_except(struct pn_build *b, struct pn_range range, struct pn_list children);

/* Appends a finished statement to the file, or hands it to `take` and forgets it. */
void
pn_build_statement(struct pn_build *b, struct pn_node *statement);

/* Reports a set whose brace was left open, and returns its elements. */
struct pn_list
pn_build_unclosed(struct pn_build *b, struct pn_range range, struct pn_list elements);

/*
 * Reports a syntax error by the token that the parser could not use, and by those that
 * it could have.
 */
void
pn_build_syntax_error(struct pn_build *b, struct pn_range range,
                      struct pn_expected expected);

#endif
