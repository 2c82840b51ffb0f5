/* Where a name is defined, where it is used, and another name in its place. */
#include <string.h>

#include "base/ascii.h"
#include "lsp/links.h"
#include "lsp/names.h"
#include "lsp/root.h"

/* What is collected of a name's places. */
struct search {
    struct pn_lsp *server;
    struct pn_rpc_call *call;
    bool with_definition;
    const struct pn_cursor *cursor;
    json_t *edits; /* of files by their URIs, for a rename; and what is put there */
    struct pn_str put;
};

/* The include or the list that the cursor is in; NULL when it is in none. */
static const struct pn_node *
file_at(const struct pn_cursor *cursor, const struct pn_node *node)
{
    const struct pn_tree *tree = &cursor->document->tree;

    while (node && node->kind != PN_NODE_INCLUDE && node->kind != PN_NODE_LIST) {
        const struct pn_node *child = node->children.head;

        for (; child; child = child->next) {
            struct pn_span span = pn_node_span(tree, child);

            if (span.offset <= cursor->offset &&
                cursor->offset <= span.offset + span.size)
                break;
        }
        node = child;
    }
    return node;
}

/* The beginning of the file that is named. */
static void
file_show(struct pn_lsp *server, struct pn_rpc_call *call,
          const struct pn_cursor *cursor, const struct pn_node *node)
{
    const struct pn_place start = { 0, 0 };
    struct pn_buffer path = { 0 };

    if (pn_link_path(&cursor->document->tree, cursor->document->path, node, &path))
        (void)pn_call_add(call,
                          json_pack("{s:o, s:{s:o, s:o}}", "uri",
                                    pn_lsp_uri(server, path.bytes), "range", "start",
                                    pn_json_place(start), "end", pn_json_place(start)));
    pn_buffer_free(&path);
}

/* A pn_name_fn */
static bool
definition_take(void *payload, const struct pn_name_place *place)
{
    struct search *search = payload;

    return !place->is_definition ||
           pn_call_add(search->call, pn_unit_location(search->server, place->root,
                                                      place->file, place->span));
}

void
pn_lsp_definition(void *payload, struct pn_rpc_call *call)
{
    struct search search = { .server = payload, .call = call };
    struct pn_cursor cursor;
    const struct pn_node *file;
    struct pn_lsp_root *root;
    struct pn_str name;
    struct pn_span span;

    if (!pn_cursor_read(payload, call, &cursor))
        return;
    file = file_at(&cursor, pn_cursor_statement(&cursor));
    if (file) {
        file_show(payload, call, &cursor, file);
        return;
    }
    if (!pn_name_at(&cursor, &name, &span))
        return;
    root = pn_lsp_root_for(payload, cursor.document, call);
    if (root)
        pn_name_places(root, name, definition_take, &search);
}

/* A pn_name_fn */
static bool
reference_take(void *payload, const struct pn_name_place *place)
{
    struct search *search = payload;

    return (place->is_definition && !search->with_definition) ||
           pn_call_add(search->call, pn_unit_location(search->server, place->root,
                                                      place->file, place->span));
}

void
pn_lsp_references(void *payload, struct pn_rpc_call *call)
{
    struct search search = { .server = payload,
                             .call = call,
                             .with_definition = pn_json_is_true(
                                 call->params, "context.includeDeclaration") };
    struct pn_cursor cursor;
    struct pn_lsp_root *root;
    struct pn_str name;
    struct pn_span span;

    if (!pn_cursor_read(payload, call, &cursor) || !pn_name_at(&cursor, &name, &span))
        return;
    root = pn_lsp_root_for(payload, cursor.document, call);
    if (!root)
        return;
    pn_call_begin_array(call);
    if (call->result)
        pn_name_places(root, name, reference_take, &search);
}

void
pn_lsp_highlights(void *payload, struct pn_rpc_call *call)
{
    enum { READ = 2, WRITE = 3 };
    struct pn_cursor cursor;
    struct pn_str name;
    struct pn_span span;

    if (!pn_cursor_read(payload, call, &cursor) || !pn_name_at(&cursor, &name, &span))
        return;
    pn_call_begin_array(call);
    for (uint32_t i = 0; call->result && i < cursor.document->tree.token_count; i++) {
        const struct pn_tree *tree = &cursor.document->tree;
        bool is_definition;

        if (!pn_name_of_token(tree, i, &span) ||
            !pn_str_equal(pn_source_slice(tree->source, span), name))
            continue;
        is_definition = span.size == tree->tokens[i].size;
        if (!pn_call_add(call, json_pack("{s:o, s:i}", "range",
                                         pn_json_range(&cursor.view, span), "kind",
                                         is_definition ? WRITE : READ)))
            return;
    }
}

void
pn_lsp_prepare_rename(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;
    struct pn_str name;
    struct pn_span span;

    if (!pn_cursor_read(payload, call, &cursor) || !pn_name_at(&cursor, &name, &span))
        return;
    call->result = json_pack("{s:o, s:o}", "range", pn_json_range(&cursor.view, span),
                             "placeholder", pn_json_text(name));
}

/* A pn_name_fn: the edit of a place, with those of its file. */
static bool
rename_take(void *payload, const struct pn_name_place *place)
{
    struct search *search = payload;
    const char *path = pn_unit_source(&place->root->loaded.unit, place->file)->name;
    struct pn_lsp_view view;
    json_t *uri = pn_lsp_uri(search->server, path), *edits;
    bool good = uri && pn_lsp_root_text(search->server, place->root, path, &view);

    edits = good ? json_object_get(search->edits, json_string_value(uri)) : NULL;
    if (good && !edits) {
        edits = json_array();
        good = pn_json_set(search->edits, json_string_value(uri), edits);
    }
    good = good && pn_json_add(edits, pn_json_edit(&view, place->span, search->put));
    json_decref(uri);
    if (!good)
        pn_call_refuse(search->call, PN_RPC_INTERNAL_ERROR, "there is no memory");
    return good;
}

/* Is it what the language calls a name? */
static bool
may_be_named(struct pn_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!pn_is_letter(name.ptr[i]) && name.ptr[i] != '_' &&
            (!i || !pn_is_digit(name.ptr[i])))
            return false;
    return name.len > 0;
}

/* The edits with the versions of the texts that they are of, where these are open. */
static json_t *
versioned(const struct pn_lsp *server, json_t *changes)
{
    json_t *all = json_array(), *edits;
    const char *uri;

    json_object_foreach(changes, uri, edits)
    {
        const struct pn_document *document =
            pn_documents_find(&server->documents, pn_str_of_text(uri));

        if (!pn_json_add(
                all,
                json_pack("{s:{s:s, s:o}, s:O}", "textDocument", "uri", uri, "version",
                          document ? json_integer(document->version) : json_null(),
                          "edits", edits))) {
            json_decref(all);
            all = NULL;
            break;
        }
    }
    return all;
}

json_t *
pn_lsp_workspace_edit(const struct pn_lsp *server, json_t *changes)
{
    json_t *made;

    if (!server->client.has_changes)
        return json_pack("{s:o}", "changes", changes);
    made = json_pack("{s:o}", "documentChanges", versioned(server, changes));
    json_decref(changes);
    return made;
}

/* Every policy that reads the file has the name; each place is edited once. */
static void
renames_collect(struct search *search, struct pn_lsp_root *root, struct pn_str name)
{
    const struct pn_definition *taken = pn_name_definition(root, search->put);

    if (taken && !pn_str_equal(name, search->put)) {
        pn_call_refuse(search->call, PN_RPC_REQUEST_FAILED, "this name is taken");
        return;
    }
    pn_name_places(root, name, rename_take, search);
}

void
pn_lsp_rename(void *payload, struct pn_rpc_call *call)
{
    struct search search = { .server = payload, .call = call };
    struct pn_cursor cursor;
    struct pn_lsp_root *root;
    struct pn_str name;
    struct pn_span span;

    if (!pn_cursor_read(payload, call, &cursor))
        return;
    search.put = pn_json_read_text(json_object_get(call->params, "newName"));
    if (search.put.len && search.put.ptr[0] == '$') /* as it stands where it is used */
        search.put = pn_str_from(search.put, 1);
    if (!may_be_named(search.put)) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS,
                       "a name is letters, digits and _, and begins with no digit");
        return;
    }
    if (!pn_name_at(&cursor, &name, &span)) {
        pn_call_refuse(call, PN_RPC_REQUEST_FAILED,
                       "only sets and groups of variables are renamed");
        return;
    }
    root = pn_lsp_root_for(payload, cursor.document, call);
    if (!root)
        return;
    search.edits = json_object();
    renames_collect(&search, root, name);
    if (call->code)
        json_decref(search.edits);
    else
        call->result = pn_lsp_workspace_edit(payload, search.edits);
}
