/* The texts of a policy, in which places are counted. */
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "lsp/root.h"

enum { ASIDE_MAX = 1 << 20 };

/* The source of a path in the policy, by the number of its text. */
static const struct pn_source *
source_at(const struct pn_lsp_root *root, size_t number)
{
    const struct pn_unit *unit = &root->loaded.unit;
    const struct pn_lists *lists = &root->loaded.policy.names.lists;

    if (number < unit->count)
        return pn_unit_source(unit, (uint32_t)number);
    return &lists->items[number - unit->count].source;
}

/* Room for each text that there is; false without memory. */
static bool
texts_make(struct pn_lsp_root *root)
{
    if (root->texts)
        return true;
    root->text_count = root->loaded.unit.count + root->loaded.policy.names.lists.count;
    root->texts = pn_calloc(root->text_count + 1, sizeof(*root->texts));
    for (size_t i = 0; root->texts && i < root->text_count; i++)
        root->texts[i].source = source_at(root, i);
    if (!root->texts)
        root->text_count = 0;
    return root->texts != NULL;
}

/* A file that is no part of the policy, read when it is first asked for; NULL without
 * memory. */
static struct pn_lsp_text *
aside_get(struct pn_lsp *server, struct pn_lsp_root *root, const char *path)
{
    struct pn_lsp_aside *made;

    for (size_t i = 0; i < root->aside_count; i++)
        if (strcmp(root->asides[i]->path, path) == 0)
            return &root->asides[i]->text;
    made = pn_calloc(1, sizeof(*made));
    if (made)
        made->path = pn_strdup(path);
    if (made && made->path &&
        pn_vector_add(&root->asides, &root->aside_count, &root->aside_capacity, &made,
                      sizeof(struct pn_lsp_aside *))) {
        if (!pn_documents_read(&server->documents, path, ASIDE_MAX, &made->source))
            made->source = (struct pn_source){ 0 };
        made->text.source = &made->source;
        return &made->text;
    }
    if (made)
        pn_free(made->path);
    pn_free(made);
    return NULL;
}

static struct pn_lsp_text *
text_find(struct pn_lsp *server, struct pn_lsp_root *root, const char *path)
{
    if (!texts_make(root))
        return NULL;
    for (size_t i = 0; i < root->text_count; i++) {
        const struct pn_source *source = root->texts[i].source;

        if (source->name && source->text && strcmp(source->name, path) == 0)
            return &root->texts[i];
    }
    return aside_get(server, root, path);
}

const struct pn_lsp_text *
pn_lsp_root_text(struct pn_lsp *server, struct pn_lsp_root *root, const char *path,
                 struct pn_lsp_view *out)
{
    struct pn_lsp_text *text = text_find(server, root, path);
    struct pn_str bytes;

    if (!text || !text->source->text)
        return NULL;
    bytes = (struct pn_str){ text->source->text, text->source->size };
    if (!text->lines.starts && !pn_lines_make(&text->lines, bytes))
        return NULL;
    *out = (struct pn_lsp_view){ bytes, &text->lines, server->encoding };
    return text;
}

void
pn_lsp_root_texts_clear(struct pn_lsp_root *root)
{
    for (size_t i = 0; i < root->text_count; i++)
        pn_lines_clear(&root->texts[i].lines);
    for (size_t i = 0; i < root->aside_count; i++) {
        pn_lines_clear(&root->asides[i]->text.lines);
        pn_source_clear(&root->asides[i]->source);
        pn_free(root->asides[i]->path);
        pn_free(root->asides[i]);
    }
    pn_free(root->texts);
    root->texts = NULL;
    root->text_count = root->aside_count = 0;
}
