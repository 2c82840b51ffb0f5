/* Names are found by their tokens, so that statements with errors have them too. */
#include "lsp/names.h"
#include "lsp/root.h"

#include <string.h>

#include "base/ascii.h"
#include "grammar/parser.h"

static bool
is_name(struct pn_str text)
{
    if (!text.len || pn_is_digit(text.ptr[0]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!pn_is_letter(text.ptr[i]) && !pn_is_digit(text.ptr[i]) &&
            text.ptr[i] != '_')
            return false;
    return true;
}

bool
pn_name_of_token(const struct pn_tree *tree, uint32_t token, struct pn_span *out)
{
    struct pn_span span = pn_token_span(tree->tokens[token]);
    struct pn_str text = pn_source_slice(tree->source, span);
    const char *sign;
    size_t skipped;

    *out = span;
    switch (tree->tokens[token].kind) {
    case PN_TOK_NAMED:
        return true;
    case PN_TOK_GROUP:
    case PN_TOK_WORD:
        sign = text.len ? memchr(text.ptr, '$', text.len) : NULL;
        if (!sign)
            return false;
        skipped = (size_t)(sign - text.ptr) + 1;
        *out = (struct pn_span){ span.offset + (uint32_t)skipped,
                                 span.size - (uint32_t)skipped };
        return is_name(pn_str_from(text, skipped));
    default:
        return false;
    }
}

bool
pn_name_at(const struct pn_cursor *cursor, struct pn_str *name, struct pn_span *span)
{
    const struct pn_tree *tree = &cursor->document->tree;

    if (cursor->token == PN_NO_TOKEN || !pn_name_of_token(tree, cursor->token, span))
        return false;
    *name = pn_source_slice(tree->source, *span);
    return true;
}

/* Was a file seen before, at another place of the policy? */
static bool
is_again(const struct pn_unit *unit, uint32_t file)
{
    for (uint32_t i = 0; i < file; i++)
        if (unit->files[i]->identity == unit->files[file]->identity)
            return true;
    return false;
}

void
pn_name_places(struct pn_lsp_root *root, struct pn_str name, pn_name_fn take,
               void *payload)
{
    const struct pn_unit *unit = &root->loaded.unit;

    for (uint32_t file = 0; file < unit->count; file++) {
        const struct pn_tree *tree = pn_unit_tree(unit, file);
        struct pn_name_place place = { .root = root, .file = file };

        if (is_again(unit, file))
            continue;
        for (uint32_t i = 0; i < tree->token_count; i++) {
            if (!pn_name_of_token(tree, i, &place.span) ||
                !pn_str_equal(pn_source_slice(tree->source, place.span), name))
                continue;
            place.is_definition = tree->tokens[i].kind == PN_TOK_NAMED;
            if (!take(payload, &place))
                return;
        }
    }
}

const struct pn_definition *
pn_name_definition(const struct pn_lsp_root *root, struct pn_str name)
{
    const struct pn_names *names = &root->loaded.policy.names;
    uint32_t number;

    if (!name.len || !pn_intern_find(&names->intern, name.ptr, name.len, &number))
        return NULL;
    return &names->items[number];
}

json_t *
pn_lsp_uri(const struct pn_lsp *server, const char *path)
{
    const struct pn_document *document = pn_documents_at(&server->documents, path);
    struct pn_buffer tidy = { 0 };
    json_t *made = NULL;

    if (document)
        return pn_json_words(document->uri);
    pn_buffer_add(&tidy, path, strlen(path) + 1);
    if (!tidy.failed) {
        if (tidy.bytes[0] == '/')
            pn_path_tidy(tidy.bytes + 1);
        made = pn_json_uri(pn_str_of_text(tidy.bytes));
    }
    pn_buffer_free(&tidy);
    return made;
}

json_t *
pn_unit_location(struct pn_lsp *server, struct pn_lsp_root *root, uint32_t file,
                 struct pn_span span)
{
    const char *path = pn_unit_source(&root->loaded.unit, file)->name;
    struct pn_lsp_view view;

    if (!pn_lsp_root_text(server, root, path, &view))
        return NULL;
    return json_pack("{s:o, s:o}", "uri", pn_lsp_uri(server, path), "range",
                     pn_json_range(&view, span));
}
