/* The table of diagnostics, and the list that collects them. */
#include "base/diagnostic.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

const char *const pn_severity_name[] = { "error", "warning", "note" };

const struct pn_diag_info pn_diag_info[PN_DIAG_NONE] = {
#define X(id, slug, severity, text, help) { slug, severity, text, help },
#include "base/diagnostics.def"
#undef X
};

static void
excerpt_clear(struct pn_excerpt *excerpt)
{
    pn_free(excerpt->name);
    if (excerpt->line_users && !--*excerpt->line_users)
        pn_free(excerpt->line_users);
}

static void
diag_clear(struct pn_diag *diag)
{
    excerpt_clear(&diag->at);
    pn_free(diag->message);
    pn_free(diag->note);
    for (size_t i = 0; i < diag->related_count; i++) {
        excerpt_clear(&diag->related[i].at);
        pn_free(diag->related[i].message);
    }
    for (size_t i = 0; i < diag->fix_count; i++)
        pn_free(diag->fixes[i].text);
}

void
pn_diags_clear(struct pn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        diag_clear(&diags->items[i]);
    pn_free(diags->items);
    excerpt_clear(&diags->refused);
    *diags = (struct pn_diags){ 0 };
}

void
pn_diags_become(struct pn_diags *diags, struct pn_diags *whole)
{
    struct pn_diags kept = *whole;

    if (!whole->total)
        return;
    kept.limit = diags->limit;
    kept.failed |= diags->failed;
    for (size_t i = 0; i < diags->count && !kept.refused.name; i++)
        if (pn_diag_info[diags->items[i].id].severity == PN_ERROR) {
            kept.refused = diags->items[i].at;
            diags->items[i].at = (struct pn_excerpt){ 0 };
        }
    pn_diags_clear(diags);
    *diags = kept;
    *whole = (struct pn_diags){ 0 };
}

bool
pn_diags_has_room(const struct pn_diags *diags)
{
    return diags && (diags->count < diags->limit || diags->spare);
}

/* A copy of a line, or another reference to the copy of the last diagnostic's line. */
static size_t *
line_copy(struct pn_diags *diags, const char *name, size_t number, struct pn_str line)
{
    const struct pn_excerpt *last =
        diags->count ? &diags->items[diags->count - 1].at : NULL;
    size_t *copy;

    if (last && diags->last_line == line.ptr && last->line == number &&
        last->line_len == line.len && strcmp(last->name, name) == 0) {
        ++*last->line_users;
        return last->line_users;
    }
    copy = pn_malloc(sizeof(*copy) + line.len);
    if (!copy)
        return NULL;
    *copy = 1;
    memcpy(copy + 1, line.ptr, line.len);
    diags->last_line = line.ptr;
    return copy;
}

static bool
excerpt_make(struct pn_diags *diags, struct pn_excerpt *out,
             const struct pn_source *source, struct pn_span span)
{
    struct pn_position at = pn_source_position(source, span.offset);
    struct pn_str line = source->hidden ? (struct pn_str){ "", 0 }
                                        : pn_source_slice(source, at.whole_line);
    char *name = pn_strdup(source->name);
    size_t *copy = name ? line_copy(diags, name, at.line, line) : NULL;

    if (!copy) {
        pn_free(name);
        return false;
    }
    *out = (struct pn_excerpt){
        .name = name,
        .line_text = (char *)(copy + 1),
        .line_users = copy,
        .line_len = line.len,
        .line = at.line,
        .column = at.column,
        .size = span.size,
        .span = span,
        .text = source->text,
        .hidden = source->hidden,
    };
    return true;
}

/* An error replaces the last kept warning when the list is full. */
static bool
make_room(struct pn_diags *diags, enum pn_diag_id id)
{
    if (pn_diag_info[id].severity != PN_ERROR || !diags->spare)
        return false;
    for (size_t i = diags->count; i-- > 0;)
        if (pn_diag_info[diags->items[i].id].severity != PN_ERROR) {
            diag_clear(&diags->items[i]);
            memmove(&diags->items[i], &diags->items[i + 1],
                    (--diags->count - i) * sizeof(*diags->items));
            diags->spare--;
            return true;
        }
    return false;
}

struct pn_diag *
pn_diags_add(struct pn_diags *diags, enum pn_diag_id id, const struct pn_source *source,
             struct pn_span span)
{
    struct pn_diag diag = { .id = id };

    if (!diags)
        return NULL;
    diags->total++;
    if (pn_diag_info[id].severity == PN_ERROR)
        diags->errors++;
    if (diags->count >= diags->limit && !make_room(diags, id))
        return NULL;
    if (pn_vector_reserve(&diags->items, &diags->capacity, diags->count + 1,
                          sizeof(*diags->items)) &&
        excerpt_make(diags, &diag.at, source, span)) {
        diags->items[diags->count] = diag;
        diags->spare += pn_diag_info[id].severity != PN_ERROR;
        return &diags->items[diags->count++];
    }
    diags->failed = true;
    return NULL;
}

void
pn_diags_fail(struct pn_diags *diags, bool failed)
{
    if (diags)
        diags->failed |= failed;
}

/* A copy with a NUL behind it. */
static char *
copy_text(struct pn_diags *diags, struct pn_str text)
{
    char *copy = pn_malloc(text.len + 1);

    if (!copy) {
        diags->failed = true;
        return NULL;
    }
    if (text.len) /* the pointer of an empty text may be invalid */
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

void
pn_diag_say(struct pn_diags *diags, struct pn_diag *diag, struct pn_str message,
            const char *help)
{
    if (!diag)
        return;
    diag->help = help;
    if (diag->at.hidden || !message.len)
        return;
    pn_free(diag->message);
    diag->message = copy_text(diags, message);
}

const char *
pn_diag_message(const struct pn_diag *diag)
{
    return diag->message ? diag->message : pn_diag_info[diag->id].text;
}

const char *
pn_diag_help(const struct pn_diag *diag)
{
    return diag->help ? diag->help : pn_diag_info[diag->id].help;
}

void
pn_diag_note(struct pn_diags *diags, struct pn_diag *diag, struct pn_str text)
{
    if (!diag || diag->at.hidden)
        return;
    pn_free(diag->note);
    diag->note = copy_text(diags, text);
}

void
pn_diag_relate(struct pn_diags *diags, struct pn_diag *diag,
               const struct pn_source *source, struct pn_span span, const char *message)
{
    struct pn_related *related;

    if (!diag || diag->related_count == PN_DIAG_RELATED_MAX)
        return;
    related = &diag->related[diag->related_count];
    if (!excerpt_make(diags, &related->at, source, span)) {
        diags->failed = true;
        return;
    }
    related->message = copy_text(diags, (struct pn_str){ message, strlen(message) });
    diag->related_count++;
}

void
pn_diag_fix(struct pn_diags *diags, struct pn_diag *diag,
            const struct pn_source *source, struct pn_span span, struct pn_str text)
{
    struct pn_fix *fix;

    if (!diag || diag->at.hidden || diag->fix_count == PN_DIAG_FIXES_MAX)
        return;
    fix = &diag->fixes[diag->fix_count];
    fix->column = pn_source_position(source, span.offset).column;
    fix->size = span.size;
    fix->span = span;
    fix->text = copy_text(diags, text);
    diag->fix_count += fix->text != NULL;
}

static int
by_place(const void *left, const void *right)
{
    const struct pn_diag *a = left, *b = right;

    if (a->file_rank != b->file_rank)
        return a->file_rank < b->file_rank ? -1 : 1;
    if (a->at.line != b->at.line)
        return a->at.line < b->at.line ? -1 : 1;
    if (a->at.column != b->at.column)
        return a->at.column < b->at.column ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* The rank of a file: the order in which files first had a diagnostic. */
static size_t
rank_find(const struct pn_diags *diags, size_t number)
{
    const char *name = diags->items[number].at.name;

    for (size_t i = number; i-- > 0;) /* nearly always the same file as before */
        if (strcmp(diags->items[i].at.name, name) == 0)
            return diags->items[i].file_rank;
    return number;
}

void
pn_diags_sort(struct pn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        diags->items[i].order = i;
        diags->items[i].file_rank = rank_find(diags, i);
    }
    if (diags->count)
        qsort(diags->items, diags->count, sizeof(*diags->items), by_place);
}
