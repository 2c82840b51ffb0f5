/* A list goes straight into arrays of addresses: its lines make no nodes. */
#include "compiler/lists.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/list_bounds.h"
#include "compiler/list_faults.h"
#include "compiler/list_line.h"
#include "compiler/number_text.h"

/* A fault that is reported once for a list, and the number of its lines. */
struct tally {
    enum pn_diag_id id;
    size_t count;
    struct pn_span first;
    struct pn_buffer note, fix; /* of the first */
};

enum { TALLIES_MAX = 8 }; /* those of pn_list_fault_scope(), and three warnings */

/* The addresses of a family read so far. */
struct extent {
    size_t count;
    pn_number widest; /* the addresses of an entry, less one */
};

/* A list being read. */
struct reading {
    const struct pn_lists_into *into;
    struct pn_list_file *list;
    struct pn_list_addresses addresses;
    struct tally tallies[TALLIES_MAX];
    size_t tally_count;
    struct extent v4, v6;
    bool counts;
    struct pn_intern entries; /* that there were, while they are counted */
};

static struct pn_span
span_of(const struct reading *r, struct pn_str text)
{
    return (struct pn_span){ (uint32_t)(text.ptr - r->list->source.text),
                             (uint32_t)text.len };
}

/* Places may be looked up a hundred thousand times, hence an index. */
static struct pn_diag *
list_report(const struct reading *r, enum pn_diag_id id, struct pn_span span)
{
    struct pn_diags *diags = r->into->unit->diags;

    if (diags && !r->list->source.line_starts && !pn_source_index(&r->list->source))
        diags->failed = true;
    return pn_diags_add(diags, id, &r->list->source, span);
}

static void
diag_fill(const struct reading *r, struct pn_diag *diag, struct pn_span span,
          struct pn_buffer *fixes, size_t count, struct pn_buffer *note)
{
    struct pn_diags *diags = r->into->unit->diags;

    for (size_t i = 0; i < count; i++)
        if (!fixes[i].failed)
            pn_diag_fix(diags, diag, &r->list->source, span,
                        (struct pn_str){ fixes[i].bytes, fixes[i].size });
    if (note->size)
        pn_diag_note(diags, diag, (struct pn_str){ note->bytes, note->size });
}

static void
fault_report(const struct reading *r, const struct pn_list_line *line)
{
    struct pn_buffer fixes[PN_DIAG_FIXES_MAX] = { { 0 } }, note = { 0 };
    struct pn_span span = span_of(r, line->at);
    struct pn_diag *diag = list_report(r, line->fault, span);
    size_t count;

    if (!diag)
        return; /* there are no diagnostics to add to, or too many */
    count = pn_list_fault_fix(line->fault, line->at, fixes, &note);
    diag_fill(r, diag, span, fixes, count, &note);
    for (size_t i = 0; i < PN_DIAG_FIXES_MAX; i++) {
        pn_diags_fail(r->into->unit->diags, fixes[i].failed);
        pn_buffer_free(&fixes[i]);
    }
    pn_diags_fail(r->into->unit->diags, note.failed);
    pn_buffer_free(&note);
}

/* Counts it; the first of its kind is to be filled, else NULL. */
static struct tally *
tally_add(struct reading *r, enum pn_diag_id id, struct pn_str at)
{
    struct tally *tally;

    for (size_t i = 0; i < r->tally_count; i++)
        if (r->tallies[i].id == id) {
            r->tallies[i].count++;
            return NULL;
        }
    if (r->tally_count == TALLIES_MAX)
        return NULL;
    tally = &r->tallies[r->tally_count++];
    *tally = (struct tally){ .id = id, .count = 1, .first = span_of(r, at) };
    return tally;
}

static void
fault_take(struct reading *r, const struct pn_list_line *line)
{
    enum pn_list_scope scope = pn_list_fault_scope(line->fault);
    struct tally *tally;

    r->list->refused++;
    if (scope == PN_LIST_LINE) {
        fault_report(r, line);
        return;
    }
    tally = tally_add(r, line->fault, line->at);
    if (tally && scope == PN_LIST_FOREIGN && r->list->foreign == PN_DIAG_NONE) {
        r->list->foreign = line->fault;
        r->list->foreign_at = tally->first;
    }
    if (tally &&
        pn_list_fault_fix(line->fault, line->at, &tally->fix, &tally->note) > 1)
        tally->fix.size = 0;
}

/* "10.0.0.1/8 is 10.0.0.0/8, 16,777,216 addresses", a note on an odd entry. */
static void
entry_note(struct pn_buffer *note, const struct pn_list_line *line)
{
    const struct pn_target *t = &line->target;
    struct postern_addr first = pn_number_address(t->first, t->family);
    pn_number last = pn_list_line_last(t);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&first, text);
    pn_buffer_add_format(note, "  it is taken for %s", text);
    if (t->kind == PN_TARGET_PREFIXES && t->count == 1) {
        pn_buffer_add_format(note, "/%u", t->length);
    } else if (last != t->first) {
        first = pn_number_address(last, t->family);
        postern_addr_print(&first, text);
        pn_buffer_add_format(note, "-%s", text);
    }
    pn_buffer_add_text(note, ", ");
    pn_number_write_addresses(note, t->first, last);
    pn_buffer_add_text(note, "\n");
}

/*
 * No sensible list has an entry of so many addresses: more than a /8 of IPv4's unicast
 * space, a /16 of IPv6's.
 */
static bool
is_wide(const struct pn_target *target, pn_number last)
{
    static const struct {
        pn_number most; /* less one */
        pn_number first, last;
    } used[] = {
        { ((pn_number)1 << 24) - 1, (pn_number)1 << 24, ((pn_number)224 << 24) - 1 },
        { ((pn_number)1 << 112) - 1, (pn_number)1 << 125, ((pn_number)1 << 126) - 1 },
    };
    bool six = target->family == 6;

    return last - target->first > used[six].most && target->first <= used[six].last &&
           last >= used[six].first;
}

/* Could the last line, which has no newline, be truncated? */
static bool
is_cut(const struct pn_list_line *line, const struct extent *others, pn_number width)
{
    return line->is_last && (line->is_octets || line->is_masked ||
                             (others->count && width > others->widest));
}

/* Is it an entry that the list did not have yet? */
static void
entry_count(struct reading *r, const struct pn_list_line *line, pn_number last)
{
    struct {
        pn_number first, last;
        uint64_t family;
    } key;
    uint32_t number;

    memset(&key, 0, sizeof(key)); /* with what is between the members */
    key.first = line->target.first;
    key.last = last;
    key.family = line->target.family;
    if (!pn_intern_add(&r->entries, (const char *)&key, sizeof(key), &number))
        r->into->space->failed = true;
}

static void
entry_take(struct reading *r, const struct pn_list_line *line)
{
    struct extent *extent = line->target.family == 6 ? &r->v6 : &r->v4;
    pn_number last = pn_list_line_last(&line->target),
              width = last - line->target.first;
    enum pn_diag_id id = PN_DIAG_NONE;

    if (is_cut(line, extent, width))
        id = PN_DIAG_LIST_CUT;
    else if (is_wide(&line->target, last))
        id = PN_DIAG_LIST_WIDE;
    else if (line->is_masked)
        id = PN_DIAG_LIST_HOST_BITS;
    if (id != PN_DIAG_NONE) {
        struct tally *tally = tally_add(r, id, line->at);

        if (tally)
            entry_note(&tally->note, line);
    }
    extent->count++;
    if (width > extent->widest)
        extent->widest = width;
    if (r->counts)
        entry_count(r, line, last);
    if (!pn_list_add(&r->addresses, &line->target))
        r->into->space->failed = true;
}

static void
tallies_report(struct reading *r)
{
    struct pn_diags *diags = r->into->unit->diags;

    for (size_t i = 0; i < r->tally_count; i++) {
        struct tally *t = &r->tallies[i];
        struct pn_diag *diag = list_report(r, t->id, t->first);

        if (t->count > 1)
            pn_buffer_add_format(&t->note, "  so in %zu more line%s of this list\n",
                                 t->count - 1, t->count == 2 ? "" : "s");
        diag_fill(r, diag, t->first, &t->fix, t->fix.size ? 1 : 0, &t->note);
        pn_diags_fail(diags, t->note.failed || t->fix.failed);
        pn_buffer_free(&t->note);
        pn_buffer_free(&t->fix);
    }
}

static void
lines_read(struct reading *r)
{
    struct pn_list_reader reader = pn_list_begin(&r->list->source, r->into->scratch);
    struct pn_list_line line;

    while (!r->into->space->failed && pn_list_next(&reader, &line)) {
        if (line.has_entry)
            entry_take(r, &line);
        else
            fault_take(r, &line);
    }
    tallies_report(r);
}

/* Reports a file that is no list once, at its beginning. */
static void
text_read(struct pn_list_file *list, const struct pn_lists_into *into, bool counts)
{
    struct reading reading = { .into = into, .list = list, .counts = counts };

    list->foreign =
        pn_list_file_fault((struct pn_str){ list->source.text, list->source.size });
    if (list->foreign == PN_DIAG_NONE) {
        pn_list_newlines(&list->source);
        lines_read(&reading);
    } else {
        list->refused++;
        (void)list_report(&reading, list->foreign, list->foreign_at);
    }
    list->has_stamp = list->has_stamp && !reading.tally_count && !list->refused &&
                      !into->space->failed;
    list->covered = reading.addresses.v4_count + reading.addresses.v6_count;
    list->element =
        pn_element_of_list(pn_set_pool_add_list(into->pool, &reading.addresses));
    into->space->failed |= into->pool->failed;
    list->entries = reading.entries.count;
    pn_intern_clear(&reading.entries);
    pn_list_addresses_clear(&reading.addresses); /* what was not taken over */
}

/* Takes a list that was kept, in the place of reading it. */
static bool
kept_take(struct pn_lists *lists, struct pn_list_file *list,
          const struct pn_lists_into *into)
{
    struct pn_kept_lists *kept = lists->kept;
    struct pn_kept_list found;
    uint32_t number;

    list->has_stamp = /* what is kept was not counted */
        kept && lists->keep && !lists->counts &&
        kept->stamp(kept->payload, list->path, &list->stamp);
    if (!list->has_stamp || !pn_kept_lists_take(kept, list->path, &list->stamp, &found))
        return false;
    pn_free(list->path);
    list->path = found.path;
    list->source = found.source;
    list->covered = found.addresses.v4_count + found.addresses.v6_count;
    into->unit->size += list->source.size;
    number = pn_set_pool_add_list(into->pool, &found.addresses);
    list->element = pn_element_of_list(number);
    into->space->failed |= into->pool->failed;
    pn_list_addresses_clear(&found.addresses); /* what was not taken over */
    return true;
}

/* Reads the list at the path, and stores it behind the present ones. */
static struct pn_list_file *
list_read(struct pn_lists *lists, const struct pn_lists_into *into, const char *path)
{
    struct pn_list_file *list;

    if (!pn_vector_reserve(&lists->items, &lists->capacity, lists->count + 1,
                           sizeof(*lists->items)))
        return NULL;
    list = &lists->items[lists->count];
    *list = (struct pn_list_file){ .path = pn_strdup(path), .foreign = PN_DIAG_NONE };
    if (!list->path)
        return NULL;
    lists->count++;
    list->fault = PN_DIAG_NONE;
    if (!kept_take(lists, list, into)) {
        list->fault = pn_unit_read(into->unit, list->path, &list->source, &list->error);
        if (list->fault == PN_DIAG_NONE)
            text_read(list, into, lists->counts);
    }
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
 * The list of a path. The file that it named first counts for the whole policy, even if
 * it is replaced during the run. UINT32_MAX without memory.
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

/* Once, where it is named first: a place in a list without lines is of no use. */
static void
empty_report(struct pn_list_file *list, const struct pn_unit *unit,
             const struct pn_list_use *at)
{
    const struct pn_tree *tree = pn_unit_tree(unit, at->file);

    if (list->is_reported || list->fault != PN_DIAG_NONE || list->covered ||
        list->refused)
        return;
    list->is_reported = true;
    pn_diags_add(unit->diags, PN_DIAG_LIST_EMPTY, tree->source,
                 pn_tree_span(tree, at->node->range));
}

/* Of a list that could be read. */
static void
bounds_check(const struct pn_lists *lists, const struct pn_unit *unit,
             const struct pn_list_file *list, const struct pn_list_use *at,
             const struct pn_list_bounds *bounds)
{
    const struct pn_tree *tree = pn_unit_tree(unit, at->file);
    struct pn_buffer note = { 0 };
    struct pn_diag *diag;

    if (list->fault != PN_DIAG_NONE || !pn_list_bounds_break(bounds, list->entries))
        return;
    diag = pn_diags_add(unit->diags,
                        lists->refuses ? PN_DIAG_LIST_BOUNDS : PN_DIAG_LIST_OUTSIDE,
                        tree->source, pn_tree_span(tree, at->node->range));
    if (!diag)
        return;
    pn_buffer_add_text(&note, "  ");
    pn_list_bounds_tell(&note, bounds, list->entries);
    pn_buffer_add_text(&note, "\n");
    pn_diags_fail(unit->diags, note.failed);
    if (!note.failed)
        pn_diag_note(unit->diags, diag, pn_str_of(&note));
    pn_buffer_free(&note);
}

void
pn_lists_use(struct pn_lists *lists, const struct pn_lists_into *into,
             const struct pn_list_file *list, struct pn_list_use at)
{
    const struct pn_tree *tree = pn_unit_tree(into->unit, at.file);
    struct pn_list_bounds bounds;

    at.list = (uint32_t)(list - lists->items);
    if (!pn_list_bounds_read(tree, at.node, &bounds))
        pn_diags_add(into->unit->diags, PN_DIAG_BAD_BOUNDS, tree->source,
                     pn_tree_span(tree, at.node->range));
    else
        bounds_check(lists, into->unit, list, &at, &bounds);
    if (!bounds.has_least)
        empty_report(&lists->items[at.list], into->unit, &at);
    if (!lists->keep)
        return;
    if (pn_vector_reserve(&lists->uses, &lists->use_capacity, lists->use_count + 1,
                          sizeof(*lists->uses)))
        lists->uses[lists->use_count++] = at;
    else
        into->space->failed = true;
}

void
pn_lists_give(struct pn_lists *lists, struct pn_set_pool *pool)
{
    for (size_t i = 0; i < lists->count && lists->kept; i++) {
        struct pn_list_file *list = &lists->items[i];
        struct pn_kept_list given;

        if (!list->has_stamp || !list->source.text ||
            list->element.count >= pool->list_count)
            continue;
        given = (struct pn_kept_list){ list->path, list->stamp, list->source,
                                       pool->lists[list->element.count] };
        pool->lists[list->element.count] = (struct pn_list_addresses){ 0 };
        list->path = NULL;
        list->source = (struct pn_source){ 0 };
        pn_kept_lists_give(lists->kept, &given);
    }
}

void
pn_lists_clear(struct pn_lists *lists)
{
    for (size_t i = 0; i < lists->count; i++) {
        pn_source_clear(&lists->items[i].source);
        pn_free(lists->items[i].path);
    }
    pn_free(lists->items);
    pn_free(lists->uses);
    pn_free(lists->numbers);
    pn_intern_clear(&lists->paths);
    pn_free(lists->identities);
    *lists = (struct pn_lists){ 0 };
}
