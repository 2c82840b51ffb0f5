/* A list goes straight into arrays of addresses: its lines make no nodes. */
#include "compiler/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

/* A list that is read, and how many of its prefixes had bits beyond their length. */
struct reading {
    const struct pn_lists_into *into;
    const struct pn_source *source;
    struct pn_list_addresses addresses;
    size_t masked;
    struct pn_span first_masked;
};

/* A line's first field; host bits are masked, as lists are written. */
static bool
field_read(struct reading *list, struct pn_str field)
{
    struct pn_buffer *scratch = list->into->scratch;
    struct pn_target target;
    enum pn_diag_id id;

    scratch->size = 0;
    id = pn_literal_target(field, scratch, &target);
    if (id == PN_DIAG_HOST_BITS) {
        target.first &= ~pn_number_below(target.family, target.length);
        if (!list->masked++)
            list->first_masked =
                (struct pn_span){ (uint32_t)(field.ptr - list->source->text),
                                  (uint32_t)field.len };
    } else if (id != PN_DIAG_COUNT || target.has_ident || target.kind > PN_TARGET_RANGE)
        return false;
    pn_list_add(&list->addresses, list->into->space, &target);
    return true;
}

/* strchr(), but a NUL is in no set. */
static bool
is_among(char c, const char *set)
{
    return c && strchr(set, c);
}

/* The first field of a line that is neither blank nor a comment. */
static void
line_read(struct reading *list, struct pn_str line)
{
    size_t start = 0, end;

    while (start < line.len && is_among(line.ptr[start], " \t\r"))
        start++;
    if (start == line.len || is_among(line.ptr[start], "#;"))
        return;
    for (end = start; end < line.len && !is_among(line.ptr[end], " \t\r#;,"); end++)
        continue;
    if (!field_read(list, (struct pn_str){ line.ptr + start, end - start }))
        pn_diags_add(
            list->into->unit->diags, PN_DIAG_LIST_LINE, list->source,
            (struct pn_span){ (uint32_t)(line.ptr + start - list->source->text),
                              (uint32_t)(end > start ? end - start : 1) });
}

/* One warning a list. */
static void
masked_tell(const struct reading *list)
{
    struct pn_diags *diags = list->into->unit->diags;
    struct pn_buffer note = { 0 };
    struct pn_diag *diag;

    if (!list->masked)
        return;
    diag =
        pn_diags_add(diags, PN_DIAG_LIST_HOST_BITS, list->source, list->first_masked);
    if (list->masked > 1)
        pn_buffer_add_format(&note, "  so in %zu more lines of this list\n",
                             list->masked - 1);
    if (note.size)
        pn_diag_note(diags, diag, (struct pn_str){ note.bytes, note.size });
    pn_diags_fail(diags, note.failed);
    pn_buffer_free(&note);
}

static void
text_read(struct pn_list_file *list, const struct pn_lists_into *into)
{
    const char *at = list->source.text, *end = at + list->source.size;
    struct reading reading = { .into = into, .source = &list->source };

    while (at < end && !into->space->failed) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        line_read(&reading, (struct pn_str){ at, len });
        at += len + 1;
    }
    masked_tell(&reading);
    list->covered = reading.addresses.v4_count + reading.addresses.v6_count;
    list->element = pn_hole_sets_add_list(into->holes, into->space, &reading.addresses);
}

/* Reads what is there, in the place behind the lists that there are. */
static struct pn_list_file *
list_read(struct pn_lists *lists, const struct pn_lists_into *into, const char *path)
{
    struct pn_list_file *list;

    if (!pn_vector_reserve(&lists->items, &lists->capacity, lists->count + 1,
                           sizeof(*lists->items)))
        return NULL;
    list = &lists->items[lists->count];
    *list = (struct pn_list_file){ .path = strdup(path) };
    if (!list->path)
        return NULL;
    lists->count++;
    list->fault = pn_unit_read(into->unit, list->path, &list->source);
    if (list->fault == PN_DIAG_COUNT)
        text_read(list, into);
    if (!lists->keep)
        pn_source_clear(&list->source);
    list->source.name = list->path;
    return list;
}

/* Room for the number of a list by its file's identity; NULL without memory. */
static uint32_t *
number_of(struct pn_lists *lists, uint32_t identity)
{
    if (identity == UINT32_MAX ||
        !pn_vector_reserve(&lists->numbers, &lists->number_capacity,
                           (size_t)identity + 1, sizeof(*lists->numbers)))
        return NULL;
    while (lists->number_count <= identity)
        lists->numbers[lists->number_count++] = 0;
    return &lists->numbers[identity];
}

/*
 * Which file a path led to when it was asked for first: what replaces it in the course
 * of a run is no other list for this policy. UINT32_MAX without memory.
 */
static uint32_t
identity_of(struct pn_lists *lists, struct pn_unit *unit, const char *path)
{
    size_t before = lists->paths.count;
    uint32_t number;

    if (!pn_vector_reserve(&lists->identities, &lists->identity_capacity, before + 1,
                           sizeof(*lists->identities)) ||
        !pn_intern_add(&lists->paths, path, strlen(path), &number))
        return UINT32_MAX;
    if (number == before)
        lists->identities[number] = pn_unit_identity(unit, path);
    return lists->identities[number];
}

const struct pn_list_file *
pn_lists_get(struct pn_lists *lists, const struct pn_lists_into *into, const char *path)
{
    uint32_t *number = number_of(lists, identity_of(lists, into->unit, path));
    struct pn_list_file *list = NULL;

    if (number && *number)
        return &lists->items[*number - 1];
    if (number)
        list = list_read(lists, into, path);
    if (!list) {
        into->space->failed = true;
        return NULL;
    }
    *number = (uint32_t)lists->count;
    return list;
}

void
pn_lists_use(struct pn_lists *lists, const struct pn_lists_into *into,
             const struct pn_list_file *list, struct pn_list_use at)
{
    if (!lists->keep)
        return;
    if (!pn_vector_reserve(&lists->uses, &lists->use_capacity, lists->use_count + 1,
                           sizeof(*lists->uses))) {
        into->space->failed = true;
        return;
    }
    at.list = (uint32_t)(list - lists->items);
    lists->uses[lists->use_count++] = at;
}

void
pn_lists_clear(struct pn_lists *lists)
{
    for (size_t i = 0; i < lists->count; i++) {
        pn_source_clear(&lists->items[i].source);
        free(lists->items[i].path);
    }
    free(lists->items);
    free(lists->uses);
    free(lists->numbers);
    pn_intern_clear(&lists->paths);
    free(lists->identities);
    *lists = (struct pn_lists){ 0 };
}
