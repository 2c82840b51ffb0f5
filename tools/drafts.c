/* Texts of files before they are written. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "tools/drafts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/atomic.h"

static void
draft_clear(struct pn_draft *draft)
{
    free(draft->path);
    pn_buffer_free(&draft->key);
    pn_buffer_free(&draft->before);
    pn_buffer_free(&draft->text);
}

void
pn_drafts_clear(struct pn_drafts *drafts)
{
    for (size_t i = 0; i < drafts->count; i++)
        draft_clear(&drafts->items[i]);
    free(drafts->items);
    *drafts = (struct pn_drafts){ 0 };
}

/* Standard input has no file, whatever else has its name. */
static bool
key_make(const char *path, struct pn_buffer *out)
{
    const struct pn_reading files = PN_READING_FILES;

    if (strcmp(path, "-") == 0)
        pn_buffer_add_text(out, path);
    else
        pn_reading_identify(&files, path, out);
    return !out->failed;
}

static struct pn_draft *
draft_find(const struct pn_drafts *drafts, const struct pn_buffer *key)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (drafts->items[i].key.size == key->size &&
            memcmp(drafts->items[i].key.bytes, key->bytes, key->size) == 0)
            return &drafts->items[i];
    return NULL;
}

bool
pn_drafts_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_drafts *drafts = payload;
    const struct pn_draft *draft = NULL;
    struct pn_buffer key = { 0 };
    bool good = !drafts->count || key_make(path, &key);

    if (good && drafts->count)
        draft = draft_find(drafts, &key);
    pn_buffer_free(&key);
    if (!good) {
        errno = ENOMEM;
        return false;
    }
    if (!draft)
        return pn_read_file(NULL, path, limit, out);
    if (draft->text.size > limit) {
        errno = EFBIG;
        return false;
    }
    if (pn_source_from_text(out, path,
                            (struct pn_str){ draft->text.bytes, draft->text.size }))
        return true;
    errno = ENOMEM;
    return false;
}

struct pn_reading
pn_drafts_reading(struct pn_drafts *drafts)
{
    return (struct pn_reading){ pn_drafts_read, drafts, pn_identify_file };
}

struct pn_draft *
pn_drafts_get(struct pn_drafts *drafts, const struct pn_source *source)
{
    struct pn_draft made = { 0 }, *draft = NULL;

    if (key_make(source->name, &made.key))
        draft = draft_find(drafts, &made.key);
    if (!draft && !made.key.failed &&
        pn_vector_reserve(&drafts->items, &drafts->capacity, drafts->count + 1,
                          sizeof(*drafts->items))) {
        made.path = strdup(source->name);
        pn_buffer_add(&made.before, source->text, source->size);
        pn_buffer_add(&made.text, source->text, source->size);
    }
    if (draft || !made.path || made.before.failed || made.text.failed) {
        draft_clear(&made);
        return draft;
    }
    drafts->items[drafts->count] = made;
    return &drafts->items[drafts->count++];
}

static bool
buffer_copy(const struct pn_buffer *from, struct pn_buffer *out)
{
    pn_buffer_add(out, from->bytes, from->size);
    return !out->failed;
}

bool
pn_drafts_copy(const struct pn_drafts *from, struct pn_drafts *out)
{
    *out = (struct pn_drafts){ 0 };
    if (from->count && !pn_vector_reserve(&out->items, &out->capacity, from->count,
                                          sizeof(*out->items)))
        return false;
    for (size_t i = 0; i < from->count; i++) {
        const struct pn_draft *d = &from->items[i];
        struct pn_draft *copy = &out->items[out->count++];

        *copy = (struct pn_draft){ .path = strdup(d->path) };
        if (!copy->path || !buffer_copy(&d->key, &copy->key) ||
            !buffer_copy(&d->before, &copy->before) ||
            !buffer_copy(&d->text, &copy->text))
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
