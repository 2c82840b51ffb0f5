/* What grammar actions call: they make nodes and say what is wrong, nothing else does.
 */
#ifndef PN_GRAMMAR_BUILD_H
#define PN_GRAMMAR_BUILD_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "grammar/lexer.h"
#include "grammar/tree.h"

/*
 * Takes one statement of a file that is read as a stream. The node, its children and
 * the tokens live until it returns. False stops the parse.
 */
typedef bool (*pn_statement_fn)(void *payload, const struct pn_tree *tree,
                                const struct pn_node *statement);

/*
 * The state of one parse, which arena and diagnostics outlive: they are the caller's.
 * Builders accept NULL children: memory is asked after once.
 */
struct pn_build {
    struct pn_tree tree;
    struct pn_lexer lexer;
    struct pn_arena *arena;
    struct pn_diags *diags;
    pn_statement_fn take; /* NULL: the whole tree is kept */
    void *payload;
    size_t token_capacity;
    uint32_t node_count;
    bool failed;      /* out of memory */
    bool stopped;     /* `take` said so */
    bool told_return; /* that lines end in a carriage return: once a file */
};

/* The next token, kept in the tree. Its index goes to *out. Returns its kind. */
int
pn_build_token(struct pn_build *b, uint32_t *out);

struct pn_list
pn_list_append(struct pn_list list, struct pn_node *node);

/* A node without children that is named by one token. */
struct pn_node *
pn_build_leaf(struct pn_build *b, enum pn_node_kind kind, struct pn_range range);

/* Such leaves, told apart by their `action`. */
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

/* An EXPECT or an ALWAYS: what it speaks of, and what it says of it. */
struct pn_node *
pn_build_assertion(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
                   struct pn_list about, struct pn_list conditions);

/* An ALWAYS of all that is outside its targets. */
struct pn_node *
pn_build_outside(struct pn_build *b, struct pn_range range, struct pn_list about,
                 struct pn_list conditions);

/* A definition, named by the token behind its keyword. */
struct pn_node *
pn_build_named(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
               struct pn_list children);

/* A definition of which only the name is known: its uses are no fault of theirs. */
struct pn_node *
pn_build_broken(struct pn_build *b, struct pn_range range);

struct pn_node *
pn_build_except(struct pn_build *b, struct pn_range range, struct pn_list children);

/* Appends a finished statement to the file, or hands it over and forgets it. */
void
pn_build_statement(struct pn_build *b, struct pn_node *statement);

/* Elements of a set whose brace was left open, which is told. Returns them. */
struct pn_list
pn_build_unclosed(struct pn_build *b, struct pn_range range, struct pn_list elements);

/* Where the parser speaks else: the token it could not use says what it is. */
void
pn_build_syntax_error(struct pn_build *b, struct pn_range range);

#endif
