/* Where in a document a request points to, and what of its tree is there. */
#ifndef PN_LSP_CURSOR_H
#define PN_LSP_CURSOR_H

#include "lsp/server.h"

#define PN_NO_TOKEN UINT32_MAX

/* A document that was parsed, and a place in it. */
struct pn_cursor {
    struct pn_document *document;
    struct pn_lsp_view view;
    uint32_t offset;
    uint32_t token; /* that the offset is in, or at the end of; or PN_NO_TOKEN */
};

/*
 * The document of a call, parsed. False refuses the call. A list has an empty tree: it
 * holds no rules.
 */
bool
pn_cursor_document(struct pn_lsp *server, struct pn_rpc_call *call,
                   struct pn_cursor *out);

/* The same, with the member `position` of the params. */
bool
pn_cursor_read(struct pn_lsp *server, struct pn_rpc_call *call, struct pn_cursor *out);

/* Moves to an offset. */
void
pn_cursor_move(struct pn_cursor *cursor, uint32_t offset);

/* The statement at the cursor; NULL when there is none. */
const struct pn_node *
pn_cursor_statement(const struct pn_cursor *cursor);

/* The text of a token, and of a node. */
static inline struct pn_str
pn_token_text(const struct pn_tree *tree, uint32_t token)
{
    return pn_source_slice(tree->source, pn_token_span(tree->tokens[token]));
}

/* The span of a node, without the end of its line. */
struct pn_span
pn_node_span(const struct pn_tree *tree, const struct pn_node *node);

/* Adds to an array of the call's result, which is made at first; false without memory,
 * which refuses the call. */
bool
pn_call_add(struct pn_rpc_call *call, json_t *item);

/* A result that is an array, empty at first. */
void
pn_call_begin_array(struct pn_rpc_call *call);

#endif
