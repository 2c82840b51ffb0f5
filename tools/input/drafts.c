/* Texts of files before they are written. */
#include "tools/input/drafts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/vector.h"
#include "compiler/atomic.h"
#include "tools/input/seen.h"

static void
draft_clear(struct pn_draft *draft)
{
    free(draft->path);
    pn_buffer_free(&draft->names);
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
bool
pn_drafts_key(const char *path, struct pn_buffer *out)
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

/* The draft is, or was, asked for by this name. */
static bool
has_name(const struct pn_draft *draft, const char *name)
{
    if (strcmp(draft->path, name) == 0)
        return true;
    for (size_t at = 0; at < draft->names.size;
         at += strlen(draft->names.bytes + at) + 1)
        if (strcmp(draft->names.bytes + at, name) == 0)
            return true;
    return false;
}

/*
 * A file that the system cannot identify just now is known by the names that its draft
 * has had: its text is not to be read in the place of the draft.
 */
static struct pn_draft *
draft_named(const struct pn_drafts *drafts, const char *path)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (has_name(&drafts->items[i], path))
            return &drafts->items[i];
    return NULL;
}

char *
pn_drafts_place(const char *name)
{
    char *place = strcmp(name, "-") == 0 ? NULL : pn_files_real(name);

    return place ? place : strdup(name);
}

/* Notes that a draft is known by this name too. */
static void
name_add(struct pn_draft *draft, const char *name)
{
    if (!has_name(draft, name))
        pn_buffer_add(&draft->names, name, strlen(name) + 1);
}

bool
pn_drafts_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_drafts *drafts = payload;
    struct pn_draft *draft = NULL;
    struct pn_buffer key = { 0 };
    bool good = !drafts->count || pn_drafts_key(path, &key);

    if (drafts->seen)
        drafts->seen(drafts->payload, path);
    if (good && drafts->count)
        draft = draft_find(drafts, &key);
    if (good && !draft)
        draft = draft_named(drafts, path);
    pn_buffer_free(&key);
    if (!good) {
        errno = ENOMEM;
        return false;
    }
    if (!draft)
        return pn_read_file(NULL, path, limit, out);
    name_add(draft, path);
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
    return (struct pn_reading){ pn_drafts_read, drafts, pn_identify_file, 0 };
}

struct pn_draft *
pn_drafts_get(struct pn_drafts *drafts, const struct pn_source *source)
{
    struct pn_draft made = { 0 }, *draft = NULL;

    if (pn_drafts_key(source->name, &made.key))
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
    *out = (struct pn_drafts){ .seen = from->seen, .payload = from->payload };
    if (from->count && !pn_vector_reserve(&out->items, &out->capacity, from->count,
                                          sizeof(*out->items)))
        return false;
    for (size_t i = 0; i < from->count; i++) {
        const struct pn_draft *d = &from->items[i];
        struct pn_draft *copy = &out->items[out->count++];

        *copy = (struct pn_draft){ .path = strdup(d->path) };
        if (!copy->path || !buffer_copy(&d->key, &copy->key) ||
            !buffer_copy(&d->names, &copy->names) ||
            !buffer_copy(&d->before, &copy->before) ||
            !buffer_copy(&d->text, &copy->text))
            return false;
    }
    return true;
}

static bool
is_same(const struct pn_buffer *a, const struct pn_buffer *b)
{
    return a->size == b->size && (!a->size || memcmp(a->bytes, b->bytes, a->size) == 0);
}

bool
pn_draft_is_changed(const struct pn_draft *d)
{
    return !is_same(&d->before, &d->text);
}

bool
pn_draft_is_touched(const struct pn_draft *draft, const struct pn_drafts *before)
{
    const struct pn_draft *then = draft_find(before, &draft->key);

    return then ? !is_same(&then->text, &draft->text) : pn_draft_is_changed(draft);
}

/* Does a name still lead to the file that the draft was made from? */
static bool
is_still(const struct pn_draft *draft, const char *name)
{
    struct pn_buffer key = { 0 };
    bool still = pn_drafts_key(name, &key) && is_same(&key, &draft->key);

    pn_buffer_free(&key);
    return still;
}

/*
 * Each place that its names lead to: hard links are several, and all get the text, if
 * they still hold what was `before`.
 */
static bool
text_put(const struct pn_draft *draft, const struct pn_buffer *text,
         const struct pn_buffer *before)
{
    const char *at = draft->names.bytes;
    const char *end = draft->names.size ? at + draft->names.size : at;
    int saved_errno;
    char *path = draft->names.failed ? NULL : pn_files_real(draft->path), *other;
    struct pn_seen seen = { true, { before->bytes, before->size } };
    bool good = path && pn_atomic_put_if(path, text->bytes, text->size,
                                         pn_seen_is_still, &seen);

    for (; at < end && good; at += strlen(at) + 1) {
        other = pn_files_real(at);
        if (other && strcmp(other, path) != 0 && is_still(draft, at))
            good = pn_atomic_put_if(other, text->bytes, text->size, pn_seen_is_still,
                                    &seen);
        free(other);
    }
    saved_errno = errno;
    free(path);
    errno = saved_errno;
    return good;
}

static int
changed(struct pn_tool *tool, const struct pn_draft *draft)
{
    return pn_tool_fail_of(tool, PN_EXIT_SYSTEM, draft->path, PN_SEEN_CHANGED);
}

/* Of how many files that are to be written is this one of the names? */
static void
links_report(struct pn_tool *tool, const struct pn_draft *draft)
{
    const char *at = draft->names.bytes;
    const char *end = draft->names.size ? at + draft->names.size : at;
    unsigned names = 1;

    for (; at < end; at += strlen(at) + 1)
        names += is_still(draft, at) && strcmp(at, draft->path) != 0;
    pn_links_report(tool, draft->path, names);
}

/* What was proven is what was read: a file that somebody else has changed stays. */
static int
draft_look(struct pn_tool *tool, const struct pn_draft *draft)
{
    struct pn_seen seen = { true, { draft->before.bytes, draft->before.size } };

    switch (pn_seen_look(&seen, draft->path)) {
    case PN_SEEN_SAME:
        return PN_EXIT_OK;
    case PN_SEEN_OTHER:
        return changed(tool, draft);
    case PN_SEEN_UNREAD:
        break;
    }
    return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, draft->path);
}

/* Those that were written first are as they were, for all belong together. */
static void
drafts_undo(struct pn_tool *tool, const struct pn_drafts *drafts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pn_draft_is_changed(&drafts->items[i]) &&
            !text_put(&drafts->items[i], &drafts->items[i].before,
                      &drafts->items[i].text))
            (void)pn_tool_fail_system(tool, PN_EXIT_SYSTEM, drafts->items[i].path);
}

int
pn_drafts_write(struct pn_tool *tool, const struct pn_drafts *drafts)
{
    int status = PN_EXIT_OK;

    for (size_t i = 0; i < drafts->count && status == PN_EXIT_OK; i++)
        if (pn_draft_is_changed(&drafts->items[i]))
            status = draft_look(tool, &drafts->items[i]);
    for (size_t i = 0; i < drafts->count && status == PN_EXIT_OK; i++) {
        const struct pn_draft *d = &drafts->items[i];

        if (pn_draft_is_changed(d))
            links_report(tool, d);
        if (!pn_draft_is_changed(d) || text_put(d, &d->text, &d->before))
            continue;
        status = errno == ECANCELED
                     ? changed(tool, d)
                     : pn_tool_fail_system(tool, PN_EXIT_SYSTEM, d->path);
        drafts_undo(tool, drafts, i);
    }
    return status;
}
