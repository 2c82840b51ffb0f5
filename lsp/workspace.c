/* Symbols of all policies that are looked at. */
#include "base/ascii.h"
#include "lsp/names.h"

enum { FOUND_MAX = 512, KIND_ARRAY = 18, KIND_OBJECT = 19, KIND_FUNCTION = 12 };

/* Are the letters of a question in a text, in order, whatever their case? */
static bool
is_like(struct pn_str text, struct pn_str asked)
{
    size_t at = 0;

    for (size_t i = 0; i < text.len && at < asked.len; i++)
        at += pn_lower(text.ptr[i]) == pn_lower(asked.ptr[at]);
    return at == asked.len;
}

static bool
symbol_add(struct pn_lsp *server, struct pn_rpc_call *call, struct pn_lsp_root *root,
           uint32_t file, const struct pn_node *node, struct pn_str name)
{
    const struct pn_tree *tree = pn_unit_tree(&root->loaded.unit, file);
    int kind = node->kind == PN_NODE_SET   ? KIND_ARRAY
               : node->kind == PN_NODE_ENV ? KIND_OBJECT
                                           : KIND_FUNCTION;

    return pn_call_add(call, json_pack("{s:o, s:i, s:o}", "name", pn_json_text(name),
                                       "kind", kind, "location",
                                       pn_unit_location(server, root, file,
                                                        pn_node_span(tree, node))));
}

/* What a statement is called: a definition by its name, a rule by its first target. */
static bool
name_of(const struct pn_tree *tree, const struct pn_node *node, struct pn_str *out)
{
    switch (node->kind) {
    case PN_NODE_SET:
    case PN_NODE_ENV:
        *out = pn_token_text(tree, node->token);
        return true;
    case PN_NODE_RULE:
        *out = pn_token_text(tree, node->range.first);
        return true;
    default:
        return false;
    }
}

static void
root_search(struct pn_lsp *server, struct pn_rpc_call *call, struct pn_lsp_root *root,
            struct pn_str asked)
{
    const struct pn_unit *unit = &root->loaded.unit;

    for (uint32_t file = 0; root->is_loaded && file < unit->count; file++) {
        const struct pn_tree *tree = pn_unit_tree(unit, file);

        if (!tree->file)
            continue;
        for (const struct pn_node *node = tree->file->children.head; node;
             node = node->next) {
            struct pn_str name;

            if (json_array_size(call->result) >= FOUND_MAX)
                return;
            if (name_of(tree, node, &name) && is_like(name, asked) &&
                !symbol_add(server, call, root, file, node, name))
                return;
        }
    }
}

void
pn_lsp_workspace_symbols(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct pn_str asked = pn_json_read_text(json_object_get(call->params, "query"));

    if (!asked.ptr) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a query is wanted");
        return;
    }
    pn_call_begin_array(call);
    for (size_t i = 0; call->result && i < server->roots.count; i++)
        root_search(server, call, server->roots.items[i], asked);
}
