/* What a file is made of: symbols, folds, and what grows around a selection. */
#include <string.h>

#include "base/sizes.h"
#include "grammar/parser.h"
#include "lsp/cursor.h"

/* Numbers of the protocol. */
enum symbol_kind {
    KIND_MODULE = 2,
    KIND_NAMESPACE = 3,
    KIND_FUNCTION = 12,
    KIND_VARIABLE = 13,
    KIND_CONSTANT = 14,
    KIND_BOOLEAN = 17,
    KIND_ARRAY = 18,
    KIND_OBJECT = 19
};

/* What statements are called in an outline; 0: they are not in it. */
static const struct {
    uint8_t node, kind;
    const char *detail;
} outlined[] = {
    { PN_NODE_RULE, KIND_FUNCTION, NULL },
    { PN_NODE_SET, KIND_ARRAY, "set" },
    { PN_NODE_ENV, KIND_OBJECT, "env" },
    { PN_NODE_INCLUDE, KIND_MODULE, "include" },
    { PN_NODE_EXPECT, KIND_BOOLEAN, "expect" },
    { PN_NODE_ALWAYS, KIND_BOOLEAN, "always" },
};

/* From the first to the last of the children up to the colon: whom a rule is for. */
static struct pn_span
about_span(const struct pn_tree *tree, const struct pn_node *node)
{
    struct pn_span all = pn_node_span(tree, node);
    uint32_t first = node->range.first, last = first;

    if (tree->tokens[first].kind == PN_TOK_EXPECT ||
        tree->tokens[first].kind == PN_TOK_ALWAYS)
        first++;
    if (tree->tokens[first].kind == PN_TOK_KEY) { /* with its colon, which stays out */
        struct pn_span key = pn_token_span(tree->tokens[first]);

        key.size -= key.size > 1;
        return key;
    }
    while (last < node->range.last && tree->tokens[last + 1].kind != PN_TOK_COLON)
        last++;
    if (first > last || last >= node->range.last)
        return all;
    return pn_tree_span(tree, (struct pn_range){ first, last });
}

/* What a statement is called, and what of it is selected then. */
static struct pn_span
name_span(const struct pn_tree *tree, const struct pn_node *node)
{
    switch (node->kind) {
    case PN_NODE_SET:
    case PN_NODE_ENV:
        return pn_token_span(tree->tokens[node->token]);
    case PN_NODE_INCLUDE:
        return pn_tree_behind(tree, node);
    default:
        return about_span(tree, node);
    }
}

static const char *
verdict_word(const struct pn_node *rule)
{
    static const char *const words[] = {
        [PN_ALLOW] = "allow", [PN_DENY] = "deny", [PN_BLOCK] = "block"
    };

    return words[rule->action];
}

/* A symbol; flat ones have the place of the whole, and a URI. */
static json_t *
symbol(const struct pn_cursor *cursor, const struct pn_node *node, size_t row,
       bool is_tree)
{
    const struct pn_tree *tree = &cursor->document->tree;
    struct pn_span all = pn_node_span(tree, node), name = name_span(tree, node);
    const char *detail = outlined[row].detail;
    struct pn_str text = pn_source_slice(tree->source, name);
    json_t *made = json_object();

    if (!detail)
        detail = verdict_word(node);
    if (!text.len) /* a name may not be empty */
        text = PN_STR("(any)");
    if (made && pn_json_set(made, "name", pn_json_text(text)) &&
        pn_json_set(made, "kind", json_integer(outlined[row].kind)) &&
        (is_tree ? pn_json_set(made, "detail", json_string(detail)) &&
                       pn_json_set(made, "range", pn_json_range(&cursor->view, all)) &&
                       pn_json_set(made, "selectionRange",
                                   pn_json_range(&cursor->view, name))
                 : pn_json_set(made, "location",
                               json_pack("{s:s, s:o}", "uri", cursor->document->uri,
                                         "range", pn_json_range(&cursor->view, all)))))
        return made;
    json_decref(made);
    return NULL;
}

void
pn_lsp_symbols(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct pn_cursor cursor;

    if (!pn_cursor_document(server, call, &cursor))
        return;
    pn_call_begin_array(call);
    for (const struct pn_node *node = cursor.document->tree.file->children.head; node;
         node = node->next)
        for (size_t row = 0; row < PN_COUNT_OF(outlined); row++)
            if (outlined[row].node == node->kind &&
                !pn_call_add(call, symbol(&cursor, node, row, server->client.has_tree)))
                return;
}

/* From line to line, both of them shown as one. */
static bool
fold_add(struct pn_rpc_call *call, uint32_t first, uint32_t last, const char *kind)
{
    json_t *fold =
        json_pack("{s:i, s:i}", "startLine", (int)first, "endLine", (int)last);

    if (fold && kind)
        (void)pn_json_set(fold, "kind", json_string(kind));
    return pn_call_add(call, fold);
}

/* The first byte of a line that is no blank. */
static char
line_front(const struct pn_cursor *cursor, uint32_t line)
{
    uint32_t at = cursor->view.lines->starts[line];
    struct pn_str text = cursor->view.text;

    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
        at++;
    return at < text.len ? text.ptr[at] : '\n';
}

/* Comments of several lines, one below the other. */
static bool
folds_of_comments(struct pn_rpc_call *call, const struct pn_cursor *cursor)
{
    uint32_t count = (uint32_t)cursor->view.lines->count;

    for (uint32_t line = 0, first; line < count; line++) {
        first = line;
        while (line < count && line_front(cursor, line) == '#')
            line++;
        if (line > first + 1 && !fold_add(call, first, line - 1, "comment"))
            return false;
    }
    return true;
}

/* Statements of several lines, and includes one below the other. */
static bool
folds_of_statements(struct pn_rpc_call *call, const struct pn_cursor *cursor)
{
    const struct pn_tree *tree = &cursor->document->tree;
    const struct pn_lines *lines = cursor->view.lines;
    uint32_t include = UINT32_MAX, last = 0;

    for (const struct pn_node *node = tree->file->children.head; node;
         node = node->next) {
        struct pn_span span = pn_node_span(tree, node);
        uint32_t from = pn_lines_line(lines, span.offset);
        uint32_t to = pn_lines_line(lines, span.offset + span.size);

        if (to > from && !fold_add(call, from, to, NULL))
            return false;
        if (node->kind != PN_NODE_INCLUDE) {
            if (include < last && !fold_add(call, include, last, "imports"))
                return false;
            include = UINT32_MAX;
        } else if (include == UINT32_MAX)
            include = from;
        last = to;
    }
    return include >= last || fold_add(call, include, last, "imports");
}

void
pn_lsp_folds(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;

    if (!pn_cursor_document(payload, call, &cursor))
        return;
    pn_call_begin_array(call);
    if (call->result && folds_of_comments(call, &cursor))
        (void)folds_of_statements(call, &cursor);
}

/* The lines around, up to blank ones. */
static struct pn_span
paragraph(const struct pn_cursor *cursor)
{
    const struct pn_lines *lines = cursor->view.lines;
    uint32_t line = pn_lines_line(lines, cursor->offset), first = line, last = line;
    uint32_t end;

    while (first > 0 && line_front(cursor, first - 1) != '\n')
        first--;
    while (last + 1 < lines->count && line_front(cursor, last + 1) != '\n')
        last++;
    end = last + 1 < lines->count ? lines->starts[last + 1]
                                  : (uint32_t)cursor->view.text.len;
    return (struct pn_span){ lines->starts[first], end - lines->starts[first] };
}

static bool
is_around(struct pn_span outer, struct pn_span inner)
{
    return outer.offset <= inner.offset &&
           outer.offset + outer.size >= inner.offset + inner.size;
}

/* Puts a range around what is selected: from the outside to the inside. */
static json_t *
selection_in(const struct pn_cursor *cursor, json_t *parent, struct pn_span span)
{
    json_t *made = json_pack("{s:o}", "range", pn_json_range(&cursor->view, span));

    if (!made || !parent)
        json_decref(made ? NULL : parent);
    else
        (void)pn_json_set(made, "parent", parent);
    return made;
}

enum { NESTED_MAX = 16 };

/* Spans from the file to the token at the cursor, each within the one before. */
static size_t
spans_around(const struct pn_cursor *cursor, struct pn_span out[NESTED_MAX])
{
    const struct pn_tree *tree = &cursor->document->tree;
    const struct pn_node *node = pn_cursor_statement(cursor);
    struct pn_span here = { cursor->offset, 0 };
    size_t count = 0;

    out[count++] = (struct pn_span){ 0, (uint32_t)cursor->view.text.len };
    out[count++] = paragraph(cursor);
    while (node && count < NESTED_MAX - 1) {
        const struct pn_node *child = node->children.head;

        out[count++] = pn_node_span(tree, node);
        while (child && !is_around(pn_node_span(tree, child), here))
            child = child->next;
        node = child;
    }
    if (cursor->token != PN_NO_TOKEN)
        out[count++] = pn_token_span(tree->tokens[cursor->token]);
    return count;
}

static json_t *
selection(const struct pn_cursor *cursor)
{
    struct pn_span spans[NESTED_MAX];
    size_t count = spans_around(cursor, spans), last = 0;
    json_t *made = selection_in(cursor, NULL, spans[0]);

    for (size_t i = 1; i < count && made; i++) {
        if (!is_around(spans[last], spans[i]) ||
            (spans[i].offset == spans[last].offset &&
             spans[i].size == spans[last].size))
            continue;
        made = selection_in(cursor, made, spans[i]);
        last = i;
    }
    return made;
}

void
pn_lsp_selections(void *payload, struct pn_rpc_call *call)
{
    const json_t *positions = json_object_get(call->params, "positions"), *item;
    struct pn_cursor cursor;
    struct pn_place place;
    size_t i;

    if (!pn_cursor_document(payload, call, &cursor))
        return;
    if (!json_is_array(positions)) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "positions are wanted");
        return;
    }
    pn_call_begin_array(call);
    json_array_foreach(positions, i, item)
    {
        if (!pn_json_read_place(item, &place)) {
            pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a position is wanted");
            return;
        }
        pn_cursor_move(&cursor, pn_lines_offset(cursor.view.lines, cursor.view.text,
                                                cursor.view.encoding, place));
        if (!pn_call_add(call, selection(&cursor)))
            return;
    }
}
