/*
 * Rows: for one area, hosts of equal class are collected into blocks, and equal blocks
 * of several areas are merged.
 */
#include "analysis/blocks_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

/* Bytes that a look-up and a pattern are charged as; see pn_blocks_take(). */
enum { ASK_BYTES = 48, PATTERN_BYTES = 16 };

void
pn_blocks_no_memory(struct pn_blocks_work *w)
{
    w->status = POSTERN_E_NOMEM;
}

bool
pn_blocks_take(struct pn_blocks_work *w, size_t bytes)
{
    if (!pn_work_take(w->r->work, 1 + bytes / PN_BLOCKS_BYTES_A_STEP))
        pn_blocks_no_memory(w);
    return w->status == POSTERN_OK;
}

static uint32_t
pn_blocks_text(struct pn_blocks_work *w, struct pn_str text)
{
    uint32_t number = 0;

    if (!pn_intern_add(&w->out->texts, text.ptr, text.len, &number))
        pn_blocks_no_memory(w);
    return number;
}

static struct pn_str
candidate_pattern(const struct pn_blocks_work *w, size_t candidate)
{
    return pn_intern_text(&w->r->hosts, w->r->candidates[candidate].pattern);
}

/*
 * The candidate of the longest pattern that contains this one; any host ("") contains
 * all.
 */
static uint32_t
parent_of(const struct pn_blocks_work *w, size_t candidate)
{
    struct pn_str name = candidate_pattern(w, candidate);
    uint32_t number = 0;

    for (size_t i = 1; i < name.len; i++)
        if (name.ptr[i] == '.' &&
            pn_intern_find(&w->patterns, name.ptr + i, name.len - i, &number))
            return w->by_pattern[number];
    return pn_intern_find(&w->patterns, "", 0, &number) ? w->by_pattern[number]
                                                        : UINT32_MAX;
}

/* The dot tells a suffix from an exact host, so that all patterns are in one index. */
static void
patterns_index(struct pn_blocks_work *w)
{
    const struct pn_regions *r = w->r;

    pn_intern_clear(&w->patterns);
    for (size_t c = 0; c < r->candidate_count; c++) {
        struct pn_str pattern = candidate_pattern(w, c);
        uint32_t number;

        if (r->candidates[c].kind == PN_HOST_ABSENT)
            continue;
        if (!pn_intern_add(&w->patterns, pattern.ptr, pattern.len, &number) ||
            !pn_vector_reserve(&w->by_pattern, &w->by_pattern_capacity,
                               w->patterns.count, sizeof(*w->by_pattern))) {
            pn_blocks_no_memory(w);
            return;
        }
        w->by_pattern[number] = (uint32_t)c;
    }
    for (size_t c = 0; c < r->candidate_count; c++)
        w->parents[c] = r->candidates[c].kind == PN_HOST_ABSENT ||
                                r->candidates[c].kind == PN_HOST_OTHER
                            ? UINT32_MAX
                            : parent_of(w, c);
}

void
pn_blocks_pattern(struct pn_blocks_work *w, struct pn_patterns *list,
                  enum pn_candidate_kind kind, struct pn_str text, bool inside)
{
    struct pn_pattern pattern;

    if (!pn_blocks_take(w, sizeof(*list->items)))
        return;
    pattern = (struct pn_pattern){ kind, pn_blocks_text(w, text), inside };
    if (!pn_vector_add(&list->items, &list->count, &list->capacity, &pattern,
                       sizeof(pattern)))
        pn_blocks_no_memory(w);
}

static uint32_t
class_at(const struct pn_blocks_work *w, size_t candidate)
{
    return w->classes[w->r->candidates[candidate].representative];
}

static void
extents_append(struct pn_blocks_work *w, struct pn_block *block,
               const struct pn_area *area)
{
    if (!pn_blocks_take(w, area->extent_count * sizeof(*area->extents)))
        return;
    if (!pn_vector_reserve(&block->extents, &block->extent_capacity,
                           block->extent_count + area->extent_count,
                           sizeof(*block->extents))) {
        pn_blocks_no_memory(w);
        return;
    }
    memcpy(block->extents + block->extent_count, area->extents,
           area->extent_count * sizeof(*area->extents));
    block->extent_count += area->extent_count;
}

/* Sets the witness: an address of the area, and the given candidate. */
static void
witness_take(struct pn_blocks_work *w, struct pn_block *block, size_t area,
             size_t candidate)
{
    struct postern_query query = pn_regions_query(w->r, area, candidate);

    block->address = query.remote;
    block->host = block->ident = UINT32_MAX;
    if (query.host.ptr)
        block->host =
            pn_blocks_text(w, (struct pn_str){ query.host.ptr, query.host.len });
    if (query.ident.ptr)
        block->ident =
            pn_blocks_text(w, (struct pn_str){ query.ident.ptr, query.ident.len });
}

void
pn_block_key(struct pn_buffer *key, const struct pn_block *block)
{
    pn_buffer_add(key, &block->class, sizeof(block->class));
    pn_buffer_add(key, &block->hosts.everything, sizeof(block->hosts.everything));
    for (size_t i = 0; i < block->hosts.count; i++) {
        const struct pn_pattern *p = &block->hosts.items[i];
        uint32_t numbers[] = { p->kind, p->text, p->inside };

        pn_buffer_add(key, numbers, sizeof(numbers));
    }
    pn_buffer_add(key, "", 1); /* a separator from what follows */
}

/* Adds a block of one row, whose addresses are the area's. */
static void
gather(struct pn_blocks_work *w, struct pn_gathered *g, size_t area,
       struct pn_block *block, size_t candidate)
{
    struct pn_buffer key = { 0 };
    size_t before = g->keys.count;
    uint32_t number = 0;

    pn_block_key(&key, block);
    if (!pn_blocks_take(w, key.size + sizeof(*block)) || key.failed ||
        !pn_intern_add(&g->keys, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&g->items, &g->capacity, g->keys.count, sizeof(*g->items))) {
        pn_blocks_no_memory(w);
        pn_block_clear(block);
    } else if (number == before) {
        g->items[g->count++] = *block;
        witness_take(w, &g->items[number], area, candidate);
    } else {
        pn_block_clear(block);
    }
    if (w->status == POSTERN_OK)
        extents_append(w, &g->items[number], &w->r->areas[area]);
    pn_buffer_free(&key);
}

/* The block of a class in the row; NULL for the class that is ignored. */
static struct pn_block *
row_block(struct pn_blocks_work *w, struct pn_row *row, uint32_t class,
          size_t candidate)
{
    uint32_t number;

    if (class == PN_CLASS_IGNORED || w->status != POSTERN_OK)
        return NULL;
    if (!pn_intern_add(&row->classes, &class, sizeof(class), &number) ||
        !pn_vector_reserve(&row->items, &row->capacity, row->classes.count,
                           sizeof(*row->items)) ||
        !pn_vector_reserve(&row->firsts, &row->first_capacity, row->classes.count,
                           sizeof(*row->firsts))) {
        pn_blocks_no_memory(w);
        return NULL;
    }
    if (number == row->count) {
        row->items[row->count] = (struct pn_block){ .class = class };
        row->firsts[row->count++] = candidate;
    }
    if (candidate < row->firsts[number])
        row->firsts[number] = candidate;
    return &row->items[number];
}

/*
 * A candidate is a pattern where its class and that of the pattern around it differ: it
 * begins the set of its own class and ends that of the other.
 */
static void
row_pattern(struct pn_blocks_work *w, struct pn_row *row, size_t candidate)
{
    enum pn_candidate_kind kind = w->r->candidates[candidate].kind;
    struct pn_str text = candidate_pattern(w, candidate);
    uint32_t class = class_at(w, candidate), parent = w->parents[candidate];
    struct pn_block *block = row_block(w, row, class, candidate);

    if (parent != UINT32_MAX && class_at(w, parent) == class)
        return;
    if (block)
        pn_blocks_pattern(w, &block->hosts, kind, text, true);
    if (parent == UINT32_MAX)
        return;
    block = row_block(w, row, class_at(w, parent), parent);
    if (block)
        pn_blocks_pattern(w, &block->hosts, kind, text, false);
}

static void
row_hosts(struct pn_blocks_work *w, struct pn_row *row)
{
    const struct pn_regions *r = w->r;
    size_t last = r->candidate_count - 1, count = w->active_count;

    if (count && w->active[count - 1] == last &&
        r->candidates[last].kind == PN_HOST_OTHER) {
        row_pattern(w, row, last);
        count--;
    }
    if (!pn_blocks_take(w, count * PATTERN_BYTES))
        return;
    for (size_t i = 0; i < count; i++)
        row_pattern(w, row, w->active[i]);
    for (size_t i = 0; i < row->count; i++) {
        struct pn_patterns *hosts = &row->items[i].hosts;

        /*
         * when the class of the outermost candidates has no exceptions, the set is
         * every host
         */
        hosts->everything =
            r->host != PN_ASK_ALL ||
            (hosts->count == 2 && hosts->items[0].kind == PN_HOST_OTHER &&
             hosts->items[1].kind == PN_HOST_ABSENT);
        if (hosts->everything)
            hosts->count = 0;
    }
}

void
pn_row_gather(struct pn_blocks_work *w, struct pn_gathered *g, struct pn_row *row,
              size_t area)
{
    row->count = 0;
    pn_intern_clear(&row->classes);
    row_hosts(w, row);
    for (size_t i = 0; i < row->count; i++) {
        if (w->status == POSTERN_OK)
            gather(w, g, area, &row->items[i], row->firsts[i]);
        else
            pn_block_clear(&row->items[i]);
    }
}

void
pn_row_decide(struct pn_blocks_work *w, size_t area)
{
    struct pn_regions *r = w->r;
    struct pn_region region;

    for (size_t i = 0; i < w->active_count; i++) {
        size_t c = w->active[i];

        if (r->candidates[c].representative != c || !w->wanted[c])
            continue;
        if (!pn_blocks_take(w, ASK_BYTES * r->side_count))
            return;
        w->status = pn_regions_ask(r, area, c, &region);
        if (w->status != POSTERN_OK)
            return;
        w->classes[c] = r->class_of_region
                            ? r->class_of_region(r->region_payload, &region)
                            : pn_side_class(&r->sides[0], region.decisions[0].rule);
    }
}

/* Unwanted candidates get the ignored class without a look-up. */
void
pn_blocks_active_find(struct pn_blocks_work *w)
{
    const struct pn_regions *r = w->r;

    patterns_index(w);
    w->active_count = 0;
    if (w->status != POSTERN_OK)
        return; /* there are no parents */
    for (size_t c = 0; c < r->candidate_count; c++) {
        w->classes[c] = PN_CLASS_IGNORED;
        w->wanted[r->candidates[c].representative] |=
            !r->host_part || r->host_part(r->part_payload, r, c);
    }
    for (size_t c = 0; c < r->candidate_count; c++) {
        uint32_t parent = w->parents[c];

        if (w->wanted[r->candidates[c].representative] ||
            (parent != UINT32_MAX && w->wanted[r->candidates[parent].representative]))
            w->active[w->active_count++] = (uint32_t)c;
    }
}
