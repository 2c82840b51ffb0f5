/* Files that a file names: includes, and lists. */
#include "lsp/links.h"

#include "compiler/literal.h"

bool
pn_link_path(const struct pn_tree *tree, const char *path, const struct pn_node *node,
             struct pn_buffer *out)
{
    struct pn_span quoted = pn_tree_behind(tree, node);
    struct pn_buffer written = { 0 };
    const char *slash = strrchr(path, '/');
    bool good = pn_literal_value(pn_source_slice(tree->source, quoted), &written) ==
                    PN_DIAG_NONE &&
                written.size && !memchr(written.bytes, '\0', written.size);

    if (good) {
        if (written.bytes[0] != '/')
            pn_buffer_add(out, path, (size_t)(slash - path) + 1);
        pn_buffer_add_str(out, pn_str_of(&written));
        pn_buffer_add(out, "", 1);
        good = !out->failed;
    }
    pn_buffer_free(&written);
    if (good) {
        pn_path_tidy(out->bytes + 1);
        out->size = strlen(out->bytes);
    }
    return good;
}

static json_t *
link_of(const struct pn_cursor *cursor, const struct pn_node *node)
{
    struct pn_span quoted = pn_tree_behind(&cursor->document->tree, node);
    struct pn_buffer path = { 0 };
    json_t *made = NULL;

    if (quoted.size > 2) { /* the quotes are no part of it */
        quoted.offset++;
        quoted.size -= 2;
    }
    if (pn_link_path(&cursor->document->tree, cursor->document->path, node, &path))
        made = json_pack("{s:o, s:o}", "range", pn_json_range(&cursor->view, quoted),
                         "target", pn_json_uri(pn_str_of(&path)));
    pn_buffer_free(&path);
    return made;
}

/* What a statement names, and its children; two levels deep, as lists may stand. */
static bool
links_of(struct pn_rpc_call *call, const struct pn_cursor *cursor,
         const struct pn_node *node, unsigned depth)
{
    bool good = true;

    if (node->kind == PN_NODE_INCLUDE || node->kind == PN_NODE_LIST) {
        json_t *link = link_of(cursor, node);

        good = !link || pn_call_add(call, link);
    }
    for (const struct pn_node *child = node->children.head; child && good && depth;
         child = child->next)
        good = links_of(call, cursor, child, depth - 1);
    return good;
}

void
pn_lsp_links(void *payload, struct pn_rpc_call *call)
{
    enum { DEPTH = 3 };
    struct pn_cursor cursor;

    if (!pn_cursor_document(payload, call, &cursor))
        return;
    pn_call_begin_array(call);
    if (call->result)
        (void)links_of(call, &cursor, cursor.document->tree.file, DEPTH);
}
