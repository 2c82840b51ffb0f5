/* Texts of files before they are written. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "tools/drafts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/atomic.h"

void
pn_drafts_clear(struct pn_drafts *drafts)
{
    for (size_t i = 0; i < drafts->count; i++) {
        free(drafts->items[i].path);
        pn_buffer_free(&drafts->items[i].before);
        pn_buffer_free(&drafts->items[i].text);
    }
    free(drafts->items);
    *drafts = (struct pn_drafts){ 0 };
}

static struct pn_draft *
draft_find(const struct pn_drafts *drafts, const char *path)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (strcmp(drafts->items[i].path, path) == 0)
            return &drafts->items[i];
    return NULL;
}

bool
pn_drafts_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_draft *draft = draft_find(payload, path);

    if (!draft)
        return pn_read_file(NULL, path, limit, out);
    if (draft->text.size > limit) {
        errno = EFBIG;
        return false;
    }
    return pn_source_from_text(out, path,
                               (struct pn_str){ draft->text.bytes, draft->text.size });
}

struct pn_draft *
pn_drafts_get(struct pn_drafts *drafts, const struct pn_source *source)
{
    struct pn_draft *draft = draft_find(drafts, source->name);

    if (draft)
        return draft;
    if (!pn_vector_reserve(&drafts->items, &drafts->capacity, drafts->count + 1,
                           sizeof(*drafts->items)))
        return NULL;
    draft = &drafts->items[drafts->count];
    *draft = (struct pn_draft){ .path = strdup(source->name) };
    pn_buffer_add(&draft->before, source->text, source->size);
    pn_buffer_add(&draft->text, source->text, source->size);
    if (!draft->path)
        return NULL;
    drafts->count++;
    return draft;
}

bool
pn_drafts_copy(const struct pn_drafts *from, struct pn_drafts *out)
{
    *out = (struct pn_drafts){ 0 };
    for (size_t i = 0; i < from->count; i++) {
        const struct pn_draft *d = &from->items[i];
        struct pn_source source = { .name = d->path,
                                    .text = d->before.bytes,
                                    .size = d->before.size };
        struct pn_draft *copy = pn_drafts_get(out, &source);

        if (!copy)
            return false;
        copy->text.size = 0;
        pn_buffer_add(&copy->text, d->text.bytes, d->text.size);
        if (copy->text.failed || copy->before.failed)
            return false;
    }
    return true;
}

bool
pn_draft_is_changed(const struct pn_draft *d)
{
    return d->before.size != d->text.size ||
           (d->text.size && memcmp(d->before.bytes, d->text.bytes, d->text.size) != 0);
}

static int
draft_write(struct pn_tool *tool, const struct pn_draft *draft)
{
    char path[PATH_MAX];

    if (strcmp(draft->path, "-") == 0) {
        pn_output_add(&tool->out, draft->text.bytes, draft->text.size);
        return PN_EXIT_OK;
    }
    if (realpath(draft->path, path) &&
        pn_atomic_put(path, draft->text.bytes, draft->text.size))
        return PN_EXIT_OK;
    return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, draft->path);
}

int
pn_drafts_write(struct pn_tool *tool, const struct pn_drafts *drafts)
{
    int status = PN_EXIT_OK;

    for (size_t i = 0; i < drafts->count && status == PN_EXIT_OK; i++)
        if (pn_draft_is_changed(&drafts->items[i]))
            status = draft_write(tool, &drafts->items[i]);
    return status;
}
