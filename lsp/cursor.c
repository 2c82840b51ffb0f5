/* Positions of requests, and tokens by a binary search. */
#include "lsp/cursor.h"

#include "base/vector.h"
#include "grammar/parser.h"

bool
pn_cursor_document(struct pn_lsp *server, struct pn_rpc_call *call,
                   struct pn_cursor *out)
{
    struct pn_document *document = pn_lsp_document(server, call);

    if (!document)
        return false;
    if (!pn_document_parse(document)) {
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
        return false;
    }
    *out = (struct pn_cursor){ .document = document,
                               .view = pn_lsp_view(server, document),
                               .token = PN_NO_TOKEN };
    return true;
}

/* A pn_compare_fn: an offset, and the end of a token. */
static int
by_end(const void *key, const void *item)
{
    const struct pn_token *token = item;

    return *(const uint32_t *)key > token->offset + token->size ? 1 : -1;
}

/* Of two tokens that meet at the offset the second, but for signs and ends of lines. */
void
pn_cursor_move(struct pn_cursor *cursor, uint32_t offset)
{
    const struct pn_tree *tree = &cursor->document->tree;
    size_t at = pn_lower_bound(&offset, tree->tokens, tree->token_count,
                               sizeof(*tree->tokens), by_end);

    cursor->offset = offset;
    cursor->token = PN_NO_TOKEN;
    for (; at < tree->token_count && tree->tokens[at].offset <= offset; at++) {
        struct pn_token token = tree->tokens[at];
        bool is_sign = token.size <= 1 && token.kind != PN_TOK_WORD &&
                       token.kind != PN_TOK_NAMED && token.kind != PN_TOK_AMOUNT;

        if (token.kind == PN_TOK_NEWLINE || token.kind == PN_TOK_END || !token.size)
            continue;
        if (cursor->token == PN_NO_TOKEN || !is_sign)
            cursor->token = (uint32_t)at;
    }
}

bool
pn_cursor_read(struct pn_lsp *server, struct pn_rpc_call *call, struct pn_cursor *out)
{
    struct pn_place place;

    if (!pn_cursor_document(server, call, out))
        return false;
    if (!pn_json_read_place(pn_json_at(call->params, "position"), &place)) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a position is wanted");
        return false;
    }
    pn_cursor_move(out, pn_lines_offset(out->view.lines, out->view.text,
                                        out->view.encoding, place));
    return true;
}

struct pn_span
pn_node_span(const struct pn_tree *tree, const struct pn_node *node)
{
    struct pn_range range = node->range;

    while (range.last > range.first &&
           (tree->tokens[range.last].kind == PN_TOK_NEWLINE ||
            !tree->tokens[range.last].size))
        range.last--;
    return pn_tree_span(tree, range);
}

const struct pn_node *
pn_cursor_statement(const struct pn_cursor *cursor)
{
    const struct pn_tree *tree = &cursor->document->tree;

    for (const struct pn_node *node = tree->file->children.head; node;
         node = node->next) {
        struct pn_span span = pn_node_span(tree, node);

        if (span.offset > cursor->offset)
            return NULL;
        if (cursor->offset <= span.offset + span.size)
            return node;
    }
    return NULL;
}

void
pn_call_begin_array(struct pn_rpc_call *call)
{
    call->result = json_array();
    if (!call->result)
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
}

bool
pn_call_add(struct pn_rpc_call *call, json_t *item)
{
    if (!call->result && !call->code)
        pn_call_begin_array(call);
    if (call->result && pn_json_add(call->result, item))
        return true;
    pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
    return false;
}
