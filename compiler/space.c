/* Sorted prefixes are nested or disjoint: one sweep with a stack makes pieces of them.
 */
#include "compiler/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "base/vector.h"

/* What can lie in one another: an extent and a rank each, both 0 to 128, what is spelt
 * a rank more; and exact. */
enum { DEPTH = 129 * 130 + 1, RADIX_FROM = 4096 };

static struct pn_group *
group_add(struct pn_space *space)
{
    struct pn_group *group;

    if (!pn_vector_reserve(&space->groups, &space->group_capacity,
                           space->group_count + 1, sizeof(*space->groups))) {
        space->failed = true;
        return NULL;
    }
    group = &space->groups[space->group_count++];
    *group =
        (struct pn_group){ .any_host = PN_NATIVE_NONE, .fallback = PN_NATIVE_NONE };
    return group;
}

void
pn_space_begin(struct pn_space *space)
{
    *space = (struct pn_space){ .zones = { .count = 1 } };
    for (int i = 0; i < PN_NATIVE_FIRST_GROUPS; i++)
        group_add(space);
}

void
pn_space_clear(struct pn_space *space)
{
    for (size_t i = 0; i < space->group_count; i++) {
        free(space->groups[i].v4.items);
        free(space->groups[i].v6.items);
        free(space->groups[i].spelt);
        free(space->groups[i].hosts);
    }
    free(space->groups);
    free(space->duplicates);
    pn_intern_clear(&space->names);
    pn_intern_clear(&space->idents);
    pn_intern_clear(&space->keys);
    *space = (struct pn_space){ 0 };
}

uint32_t
pn_space_group(struct pn_space *space, const char *ident, size_t size)
{
    uint32_t number = 0;

    if (!pn_intern_add(&space->idents, ident, size, &number))
        space->failed = true;
    else if (number + PN_NATIVE_FIRST_GROUPS == space->group_count)
        group_add(space);
    return space->failed ? PN_GROUP_NO_IDENT : number + PN_NATIVE_FIRST_GROUPS;
}

void
pn_duplicate_add(struct pn_space *space, uint32_t rule, uint32_t first)
{
    if (pn_vector_reserve(&space->duplicates, &space->duplicate_capacity,
                          space->duplicate_count + 1, sizeof(*space->duplicates)))
        space->duplicates[space->duplicate_count++] =
            (struct pn_duplicate){ rule, first };
    else
        space->failed = true;
}

/* pn_vector_reserve() doubles; this gives what is asked for. */
static bool
prefixes_reserve(struct pn_prefixes *list, size_t more)
{
    struct pn_prefix *items;

    if (list->capacity - list->count >= more)
        return true;
    items = realloc(list->items, (list->count + more) * sizeof(*items));
    if (!items)
        return false;
    list->items = items;
    list->capacity = list->count + more;
    return true;
}

bool
pn_space_reserve(struct pn_space *space, uint32_t group, size_t v4, size_t v6)
{
    struct pn_group *g = &space->groups[group];

    space->failed |= !prefixes_reserve(&g->v4, v4) || !prefixes_reserve(&g->v6, v6);
    return !space->failed;
}

void
pn_space_add_prefix(struct pn_space *space, uint32_t group, uint8_t family,
                    struct pn_prefix prefix)
{
    struct pn_group *g = &space->groups[group];
    struct pn_prefixes *list = family == 6 ? &g->v6 : &g->v4;

    if (pn_vector_reserve(&list->items, &list->capacity, list->count + 1,
                          sizeof(*list->items)))
        list->items[list->count++] = prefix;
    else
        space->failed = true;
}

uint8_t
pn_prefix_at(uint8_t family, pn_number first, pn_number last)
{
    unsigned length = pn_family_bits(family);

    while (length > 0) {
        pn_number wider = pn_host_mask(family, length - 1);

        if (first & wider || wider > last - first)
            break;
        length--;
    }
    return (uint8_t)length;
}

void
pn_space_add_host(struct pn_space *space, uint32_t group, uint32_t name, uint32_t rule)
{
    struct pn_group *g = &space->groups[group];

    if (name == PN_NATIVE_NONE) {
        if (g->any_host == PN_NATIVE_NONE)
            g->any_host = rule;
        else
            pn_duplicate_add(space, rule, g->any_host);
    } else if (pn_vector_reserve(&g->hosts, &g->host_capacity, g->host_count + 1,
                                 sizeof(*g->hosts))) {
        g->hosts[g->host_count++] = (struct pn_host){ name, rule };
    } else {
        space->failed = true;
    }
}

void
pn_space_add_fallback(struct pn_space *space, uint32_t group, uint32_t rule)
{
    if (space->groups[group].fallback == PN_NATIVE_NONE)
        space->groups[group].fallback = rule;
    else
        pn_duplicate_add(space, rule, space->groups[group].fallback);
}

int
pn_prefix_compare(const void *left, const void *right)
{
    const struct pn_prefix *a = left, *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    if (a->exact != b->exact)
        return a->exact ? 1 : -1;
    if (a->counts != b->counts)
        return a->counts < b->counts ? -1 : 1;
    return (a->rule > b->rule) - (a->rule < b->rule);
}

static bool
is_sorted(const struct pn_prefixes *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (pn_prefix_compare(&list->items[i - 1], &list->items[i]) > 0)
            return false;
    return true;
}

/* The byte of a key that a pass looks at, the least of the start's in use first. */
static unsigned
digit_of(const struct pn_prefix *prefix, unsigned byte)
{
    return (unsigned)(prefix->start >> 8 * byte) & 0xff;
}

/*
 * Stable passes over the bytes of the starts (P. M. McIlroy, K. Bostic, M. D. McIlroy,
 * "Engineering radix sort", 1993); runs of one start are few, and sorted by comparing.
 */
static bool
radix_sort(struct pn_prefixes *list, unsigned bytes)
{
    struct pn_prefix *from = list->items, *to = malloc(list->count * sizeof(*to)),
                     *swap;

    if (!to)
        return false;
    for (unsigned byte = 0; byte < bytes; byte++) {
        size_t places[257] = { 0 };

        for (size_t i = 0; i < list->count; i++)
            places[digit_of(&from[i], byte) + 1]++;
        for (unsigned digit = 0; digit < 256; digit++)
            places[digit + 1] += places[digit];
        for (size_t i = 0; i < list->count; i++)
            to[places[digit_of(&from[i], byte)]++] = from[i];
        swap = from;
        from = to;
        to = swap;
    }
    list->items = from; /* after an even number of passes, where they were */
    free(to);
    for (size_t i = 0, end; i < list->count; i = end) {
        for (end = i + 1; end < list->count && from[end].start == from[i].start; end++)
            continue;
        if (end - i > 1)
            qsort(&from[i], end - i, sizeof(*from), pn_prefix_compare);
    }
    return true;
}

/* Rules are numbered in the order they were written: of equal keys the first stays. */
static void
sort_prefixes(struct pn_space *space, struct pn_prefixes *list, uint8_t family)
{
    size_t kept = 0;

    if (!list->count)
        return;
    if (!is_sorted(list)) {
        if (list->count < RADIX_FROM)
            qsort(list->items, list->count, sizeof(*list->items), pn_prefix_compare);
        else if (!radix_sort(list, pn_family_bits(family) / 8))
            space->failed = true;
    }
    for (size_t i = 1; i < list->count; i++) {
        const struct pn_prefix *a = &list->items[kept], *b = &list->items[i];

        if (a->start != b->start || a->length != b->length || a->exact != b->exact ||
            a->counts != b->counts)
            list->items[++kept] = *b;
        else
            pn_duplicate_add(space, b->rule, a->rule);
    }
    list->count = kept + 1;
}

static int
compare_hosts(const void *left, const void *right)
{
    const struct pn_host *a = left, *b = right;

    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    return (a->rule > b->rule) - (a->rule < b->rule);
}

static void
sort_hosts(struct pn_space *space, struct pn_group *group)
{
    size_t kept = 0;

    if (!group->host_count)
        return;
    qsort(group->hosts, group->host_count, sizeof(*group->hosts), compare_hosts);
    for (size_t i = 1; i < group->host_count; i++)
        if (group->hosts[i].name != group->hosts[kept].name)
            group->hosts[++kept] = group->hosts[i];
        else
            pn_duplicate_add(space, group->hosts[i].rule, group->hosts[kept].rule);
    group->host_count = kept + 1;
}

void
pn_space_finish(struct pn_space *space)
{
    for (size_t i = 0; i < space->group_count; i++) {
        sort_prefixes(space, &space->groups[i].v4, 4);
        sort_prefixes(space, &space->groups[i].v6, 6);
        sort_hosts(space, &space->groups[i]);
    }
    pn_space_finish_spelt(space);
}

/* The prefixes around the place that the sweep has come to, outermost first. */
struct sweep {
    struct pn_space *space;
    struct pn_pieces *out;
    const struct pn_prefix **stack; /* of DEPTH, or as many as there are */
    size_t depth;
    uint8_t family;
};

static pn_number
last_of(const struct sweep *sweep, const struct pn_prefix *prefix)
{
    return prefix->start | pn_host_mask(sweep->family, prefix->length);
}

/* Of those around the place the longest counts; of equals the first that was written.
 */
static struct pn_native_entry
entry_of(const struct sweep *sweep)
{
    struct pn_native_entry entry = { PN_NATIVE_NONE, PN_NATIVE_NONE, PN_NATIVE_NONE, 0,
                                     PN_NATIVE_NONE };
    const struct pn_prefix *best = NULL;

    for (size_t i = 0; i < sweep->depth; i++) {
        const struct pn_prefix *p = sweep->stack[i];

        if (p->exact)
            entry.exact = p->rule;
        else if (!best || pn_prefix_outranks(p, best))
            best = p;
    }
    if (best)
        entry.prefix = best->rule;
    return entry;
}

static bool
is_entry(const struct pn_pieces *pieces, size_t number,
         const struct pn_native_entry *entry)
{
    return number < pieces->entry_count &&
           memcmp(&pieces->entries[number], entry, sizeof(*entry)) == 0;
}

/* Most are as the piece before the last, or new. */
static bool
entry_number(struct pn_pieces *pieces, const struct pn_native_entry *entry,
             uint32_t *out)
{
    uint32_t sum = entry->block + entry->exact * 3 + entry->prefix * 5;
    uint32_t *recent = &pieces->recent[sum % PN_PIECES_RECENT];

    if (pieces->count > 1)
        *out = pieces->items[pieces->count - 2].entry;
    if (pieces->count > 1 && is_entry(pieces, *out, entry))
        return true;
    if (!is_entry(pieces, *recent, entry)) {
        if (!pn_vector_reserve(&pieces->entries, &pieces->entry_capacity,
                               pieces->entry_count + 1, sizeof(*pieces->entries)))
            return false;
        *recent = (uint32_t)pieces->entry_count;
        pieces->entries[pieces->entry_count++] = *entry;
    }
    *out = *recent;
    return true;
}

bool
pn_pieces_add(struct pn_pieces *pieces, pn_number start,
              const struct pn_native_entry *entry)
{
    uint32_t number;

    if (pieces->count &&
        is_entry(pieces, pieces->items[pieces->count - 1].entry, entry))
        return true;
    if (!entry_number(pieces, entry, &number) ||
        !pn_vector_reserve(&pieces->items, &pieces->capacity, pieces->count + 1,
                           sizeof(*pieces->items)))
        return false;
    pieces->items[pieces->count++] = (struct pn_piece){ start, number };
    return true;
}

void
pn_pieces_clear(struct pn_pieces *pieces)
{
    free(pieces->items);
    free(pieces->entries);
    *pieces = (struct pn_pieces){ 0 };
}

/* A piece at `start`: it takes the place of one that begins there. */
static void
piece_add(struct pn_space *space, struct pn_pieces *out, pn_number start,
          struct pn_native_entry entry)
{
    if (out->count && out->items[out->count - 1].start == start)
        out->count--;
    if (!pn_pieces_add(out, start, &entry))
        space->failed = true;
}

/* Leaves every prefix that ends before `start`. */
static void
leave_until(struct sweep *sweep, pn_number start)
{
    while (sweep->depth && last_of(sweep, sweep->stack[sweep->depth - 1]) < start) {
        pn_number behind = last_of(sweep, sweep->stack[sweep->depth - 1]) + 1;

        sweep->depth--;
        piece_add(sweep->space, sweep->out, behind, entry_of(sweep));
    }
}

/* At the end of the family's space there is nothing behind the last address. */
static void
leave_rest(struct sweep *sweep)
{
    pn_number end = pn_host_mask(sweep->family, 0);

    while (sweep->depth && last_of(sweep, sweep->stack[sweep->depth - 1]) != end) {
        pn_number behind = last_of(sweep, sweep->stack[sweep->depth - 1]) + 1;

        sweep->depth--;
        piece_add(sweep->space, sweep->out, behind, entry_of(sweep));
    }
}

static void
sweep_list(struct pn_space *space, const struct pn_prefixes *list, uint8_t family,
           struct pn_pieces *out)
{
    struct sweep sweep = { .space = space, .out = out, .family = family };
    size_t depth = list->count < DEPTH ? list->count + 1 : DEPTH;

    sweep.stack = malloc(depth * sizeof(const struct pn_prefix *));
    /* each begins a piece, and another may begin behind it */
    if (!sweep.stack || !pn_vector_reserve(&out->items, &out->capacity,
                                           2 * list->count + 1, sizeof(*out->items))) {
        free(sweep.stack);
        space->failed = true;
        return;
    }
    piece_add(space, out, 0, entry_of(&sweep));
    for (size_t i = 0; i < list->count; i++) {
        leave_until(&sweep, list->items[i].start);
        sweep.stack[sweep.depth++] = &list->items[i];
        piece_add(space, out, list->items[i].start, entry_of(&sweep));
    }
    leave_rest(&sweep);
    free(sweep.stack);
}

/* Two lists of pieces into one: the blocks' prefixes and addresses become blocks. */
static void
merge_blocks(struct pn_space *space, const struct pn_pieces *rules,
             const struct pn_pieces *blocks, struct pn_pieces *out)
{
    size_t i = 0, k = 0;

    while (i < rules->count || k < blocks->count) {
        bool take_rule =
            k == blocks->count ||
            (i < rules->count && rules->items[i].start <= blocks->items[k].start);
        pn_number start = take_rule ? rules->items[i].start : blocks->items[k].start;
        struct pn_native_entry entry, block;

        if (take_rule)
            i++;
        else
            k++;
        entry = pn_pieces_entry(rules, i ? i - 1 : 0);
        block = pn_pieces_entry(blocks, k ? k - 1 : 0);
        entry.block = block.exact != PN_NATIVE_NONE ? block.exact | PN_NATIVE_EXACT
                                                    : block.prefix;
        piece_add(space, out, start, entry);
    }
}

static void
sweep_group(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
            struct pn_pieces *out)
{
    struct pn_prefixes own = { 0 };

    sweep_list(space, pn_space_list(space, group, family, zone, &own), family, out);
    pn_prefixes_clear(&own);
}

void
pn_space_flatten(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
                 struct pn_pieces *out)
{
    const struct pn_group *b = &space->groups[PN_GROUP_BLOCKS];
    struct pn_pieces rules = { 0 }, blocks = { 0 };

    if (group != PN_GROUP_NO_IDENT || !(family == 6 ? b->v6.count : b->v4.count)) {
        sweep_group(space, group, family, zone, out);
        return;
    }
    sweep_group(space, group, family, zone, &rules);
    sweep_group(space, PN_GROUP_BLOCKS, family, zone, &blocks);
    if (!space->failed)
        merge_blocks(space, &rules, &blocks, out);
    pn_pieces_clear(&rules);
    pn_pieces_clear(&blocks);
}
