/* The syntax tree of one file: written by the parser, read by everyone, const
 * afterwards. */
#ifndef PN_GRAMMAR_TREE_H
#define PN_GRAMMAR_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "grammar/token.h"

enum pn_node_kind {
    PN_NODE_FILE,
    PN_NODE_RULE, /* token: a classic key; TARGET, LIST, EXCEPT, ASSIGN, GROUP, TERM */
    PN_NODE_TARGET,  /* token: a WORD of an extended rule or set */
    PN_NODE_LIST,    /* file "path": the VALUE is the token behind it */
    PN_NODE_EXCEPT,  /* children: TARGET and LIST, which are excluded */
    PN_NODE_ASSIGN,  /* token: NAME, with comma and sign, or SETTING; VALUE is next */
    PN_NODE_GROUP,   /* token: $name of an env, behind the colon */
    PN_NODE_SET,     /* token: its name; children as of a rule's left side */
    PN_NODE_ENV,     /* token: its name; children as of its right side */
    PN_NODE_INCLUDE, /* the VALUE is the token behind it */
    PN_NODE_TERM, /* limit, rate, ...: the argument is behind the token; of a rule, or a
                     condition */
    PN_NODE_EXPECT,  /* TARGETs: a query; then conditions */
    PN_NODE_ALWAYS,  /* children as of a rule's left side; then conditions */
    PN_NODE_VERDICT, /* a claim: an action */
    PN_NODE_UNSET,   /* a condition: "!" and a name, or the word of a term */
    PN_NODE_BY,      /* a condition: the rule has the target behind the token */
    PN_NODE_ASSUME,  /* no condition: restricts an ALWAYS */
    PN_NODE_HEADER,  /* of an extended file */
    PN_NODE_SKIPPED, /* a classic line without a colon, which compiles to nothing */
    PN_NODE_ERROR,   /* a statement that could not be parsed */
    PN_NODE_BROKEN,  /* token: the name of a definition that could not be parsed */
    PN_NODE_PLAINS,  /* with PN_DETAIL_RUNS: the rules of plain.h from the first token
                        to the last, in the text alone */
};

/* What a tree has nodes of: for whom no node matters, long files need not have all. */
enum pn_detail { PN_DETAIL_WHOLE, PN_DETAIL_RUNS };

enum pn_action { PN_ALLOW, PN_DENY, PN_BLOCK };

/* What a rule has besides variables: terms of admission, and notes. */
enum pn_term {
    PN_TERM_LIMIT,
    PN_TERM_RATE,
    PN_TERM_REJECT,
    PN_TERM_UNTIL,
    PN_TERM_OWNER,
    PN_TERM_TICKET,
    PN_TERM_COUNT,                   /* of those with a place in a row of terms */
    PN_TERM_PENALTY = PN_TERM_COUNT, /* and rows of their own */
    PN_TERM_EXEMPT,
    PN_TERM_NONE /* a word that is no term */
};

enum pn_assumption { PN_NO_HOST, PN_NO_IDENT };

/* Token indices, both inclusive. */
struct pn_range {
    uint32_t first, last;
};

/* A node's children, linked by their `next`. */
struct pn_children {
    struct pn_node *head;
};

/* A policy has two nodes for each line: their size counts. */
struct pn_node {
    struct pn_node *next; /* sibling, in source order */
    struct pn_children children;
    struct pn_range range;
    uint32_t token; /* the one that names it */
    uint8_t kind;   /* enum pn_node_kind */
    /* enum pn_action of a RULE or VERDICT, pn_term of a TERM, pn_assumption of an
       ASSUME; 1 for an ALWAYS outside its targets */
    uint8_t action;
};

/*
 * A tree: nodes, tokens and their text. The source is borrowed and outlives the tree.
 * The tokens are freed by the caller who had the tree built; nodes belong to the arena.
 */
struct pn_tree {
    const struct pn_source *source;
    struct pn_token *tokens;
    size_t token_count;
    bool has_bounds;      /* some list has: file "path" at least N */
    struct pn_node *file; /* NULL while a file is handed over statement by statement */
};

/* From the first byte of the range's first token to the last byte of its last. */
struct pn_span
pn_tree_span(const struct pn_tree *tree, struct pn_range range);

/* The bytes of a classic rule's key, without its colon. */
struct pn_str
pn_tree_key(const struct pn_tree *tree, const struct pn_node *rule);

/* The quoted text of the token behind a node's own: a path, or an ASSIGN's value. */
struct pn_span
pn_tree_behind(const struct pn_tree *tree, const struct pn_node *node);

/* Name and value of an ASSIGN, without comma, sign and quotes. */
struct pn_str
pn_tree_name(const struct pn_tree *tree, const struct pn_node *assign);

struct pn_str
pn_tree_value(const struct pn_tree *tree, const struct pn_node *assign);

#endif
