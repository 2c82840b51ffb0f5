/*
 * For each ident: areas that decide every host alike are one row, and the hosts of one
 * class in a row are one set. Rows with the same set are one block; blocks that several
 * idents have are one.
 */
#include "analysis/blocks.h"

#include <string.h>

#include "analysis/blocks_row.h"
#include "base/memory.h"
#include "base/vector.h"

enum { NAME_STEPS = 8 }; /* of struct pn_work */

/* Adds a finished block to those of all idents, and this ident to its members. */
static void
block_keep(struct pn_blocks_work *w, struct pn_block *block)
{
    size_t before = w->keys.count;
    struct pn_buffer key = { 0 };
    uint32_t number = 0;

    pn_block_key(&key, block);
    for (size_t i = 0; i < block->extent_count; i++) {
        pn_buffer_add(&key, &block->extents[i].first, sizeof(pn_number));
        pn_buffer_add(&key, &block->extents[i].last, sizeof(pn_number));
        pn_buffer_add(&key, &block->extents[i].family, 1);
        pn_buffer_add(&key, &block->extents[i].zeros, sizeof(uint32_t));
    }
    if (!pn_blocks_take(w, 2 * key.size + sizeof(*block)) || key.failed ||
        !pn_intern_add(&w->keys, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&w->out->items, &w->out->capacity, w->keys.count,
                           sizeof(*w->out->items)) ||
        !pn_vector_reserve(&w->members, &w->member_capacity, w->keys.count,
                           sizeof(*w->members))) {
        pn_blocks_no_memory(w);
        pn_block_clear(block);
    } else if (number == before) {
        w->out->items[w->out->count++] = *block;
        w->members[number] = (struct pn_buffer){ 0 };
    } else {
        pn_block_clear(block);
    }
    pn_buffer_free(&key);
    if (w->status == POSTERN_OK)
        pn_buffer_add(&w->members[number], &w->ident_number, sizeof(w->ident_number));
}

/* Moves the extents of one set of zero patterns into a block of their own; *block keeps
 * the others. */
static void
set_split(struct pn_blocks_work *w, struct pn_block *block, struct pn_block *out)
{
    const struct postern_addr witness = block->address;
    uint32_t zeros = block->extents[0].zeros;
    size_t kept = 0;

    *out = (struct pn_block){ .class = block->class,
                              .host = block->host,
                              .ident = block->ident };
    out->hosts.everything = block->hosts.everything;
    if (!pn_vector_reserve(&out->extents, &out->extent_capacity, block->extent_count,
                           sizeof(*out->extents)) ||
        !pn_vector_reserve(&out->hosts.items, &out->hosts.capacity,
                           block->hosts.count + 1, sizeof(*out->hosts.items))) {
        pn_blocks_no_memory(w);
        return;
    }
    for (; out->hosts.count < block->hosts.count; out->hosts.count++)
        out->hosts.items[out->hosts.count] = block->hosts.items[out->hosts.count];
    for (size_t i = 0; i < block->extent_count; i++)
        if (block->extents[i].zeros == zeros)
            out->extents[out->extent_count++] = block->extents[i];
        else
            block->extents[kept++] = block->extents[i];
    block->extent_count = kept;
    out->address = pn_number_address(pn_extent_nearest(&w->r->zeros, out->extents, 0),
                                     out->extents[0].family);
    for (size_t i = 0; i < out->extent_count; i++)
        if (pn_extent_holds(&w->r->zeros, &out->extents[i], &witness))
            out->address = witness;
}

static void
keep_or_clear(struct pn_blocks_work *w, struct pn_block *block)
{
    if (w->status == POSTERN_OK)
        block_keep(w, block);
    else
        pn_block_clear(block);
}

/* Keeps a block of the current ident, as one block for each set of zero patterns. */
static void
sets_keep(struct pn_blocks_work *w, struct pn_block *block)
{
    bool one = true;
    if (!pn_extents_join(&block->extents, &block->extent_count, &block->extent_capacity,
                         &w->r->zeros))
        pn_blocks_no_memory(w);
    for (size_t i = 1; i < block->extent_count; i++)
        one = one && block->extents[i].zeros == block->extents[0].zeros;
    while (!one && block->extent_count && w->status == POSTERN_OK) {
        struct pn_block part;

        set_split(w, block, &part);
        keep_or_clear(w, &part);
    }
    if (one)
        keep_or_clear(w, block);
    else
        pn_block_clear(block);
}

static bool
ident_begin(struct pn_blocks_work *w)
{
    size_t count = w->r->candidate_count + 1;

    w->classes = pn_malloc(count * sizeof(*w->classes));
    w->parents = pn_malloc(count * sizeof(*w->parents));
    w->active = pn_malloc(count * sizeof(*w->active));
    w->wanted = pn_calloc(count, sizeof(*w->wanted));
    return w->classes && w->parents && w->active && w->wanted &&
           pn_work_take(w->r->work, count * NAME_STEPS);
}

static void
ident_end(struct pn_blocks_work *w)
{
    pn_free(w->classes);
    pn_free(w->parents);
    pn_free(w->active);
    pn_free(w->wanted);
    w->classes = w->parents = w->active = NULL;
    w->wanted = NULL;
}

static void
ident_collect(struct pn_blocks_work *w)
{
    struct pn_gathered g = { 0 };
    struct pn_row row = { 0 };

    if (ident_begin(w))
        pn_blocks_active_find(w);
    else
        pn_blocks_no_memory(w);
    for (size_t a = 0; a < w->r->area_count && w->status == POSTERN_OK; a++) {
        pn_row_decide(w, a);
        if (w->status == POSTERN_OK)
            pn_row_gather(w, &g, &row, a);
    }
    for (size_t i = 0; i < g.count; i++)
        sets_keep(w, &g.items[i]);
    pn_free(g.items);
    pn_intern_clear(&g.keys);
    pn_free(row.items);
    pn_free(row.firsts);
    pn_intern_clear(&row.classes);
    ident_end(w);
}

/* Reads ascending numbers of idents. */
struct numbers {
    const struct pn_buffer *bytes;
    size_t at;
};

/* Is the next one this? Then it is read. */
static bool
number_is(struct numbers *numbers, size_t wanted)
{
    size_t number;

    if (numbers->at == numbers->bytes->size)
        return false;
    memcpy(&number, numbers->bytes->bytes + numbers->at, sizeof(number));
    numbers->at += number == wanted ? sizeof(number) : 0;
    return number == wanted;
}

/* Adds the idents that have the block although clients without ident have not. */
static void
members_add(struct pn_blocks_work *w, struct pn_block *block, struct numbers *numbers)
{
    size_t number;

    for (; numbers->at < numbers->bytes->size; numbers->at += sizeof(number)) {
        memcpy(&number, numbers->bytes->bytes + numbers->at, sizeof(number));
        pn_blocks_pattern(w, &block->idents, PN_HOST_EXACT,
                          pn_intern_text(&w->r->idents, (uint32_t)number - 1), true);
    }
}

/* Describes the idents that have the block, in as few patterns as possible. */
static void
idents_of(struct pn_blocks_work *w, struct pn_block *block,
          const struct pn_buffer *members)
{
    struct numbers own = { members, 0 }, others_too = { &w->r->as_none, 0 };
    size_t count = members->size / sizeof(size_t);
    struct pn_str nothing = { "", 0 };
    bool others;

    if (w->r->ident != PN_ASK_ALL) { /* the question is not about idents */
        block->idents.everything = true;
        return;
    }
    others =
        number_is(&own, 0); /* idents that no rule names are decided like no ident */
    if (others)
        count += w->r->as_none.size / sizeof(size_t);
    block->idents.everything = others && count == w->r->idents.count + 1;
    if (block->idents.everything)
        return;
    if (others) {
        pn_blocks_pattern(w, &block->idents, PN_HOST_OTHER, nothing, true);
        pn_blocks_pattern(w, &block->idents, PN_HOST_ABSENT, nothing, true);
    }
    if (!others) {
        members_add(w, block, &own);
        return;
    }
    if (!pn_blocks_take(w, (w->r->idents.count + 1) * PN_BLOCKS_BYTES_A_STEP))
        return;
    for (size_t i = 1; i <= w->r->idents.count; i++) {
        bool inside = number_is(&own, i), follows = number_is(&others_too, i);

        if (!inside && !follows)
            pn_blocks_pattern(w, &block->idents, PN_HOST_EXACT,
                              pn_intern_text(&w->r->idents, (uint32_t)i - 1), false);
    }
}

enum postern_status
pn_blocks_collect(struct pn_blocks *out, struct pn_regions *regions)
{
    struct pn_blocks_work w = { .out = out, .r = regions };

    *out = (struct pn_blocks){ 0 };
    w.status = POSTERN_OK;
    regions->keep_extents = true;
    while (w.status == POSTERN_OK && pn_regions_next(regions)) {
        w.ident_number = regions->ident_text.ptr ? regions->next_ident : 0;
        ident_collect(&w);
    }
    if (regions->failed)
        w.status = POSTERN_E_NOMEM;
    out->zeros = regions->zeros;
    regions->zeros = (struct pn_intern){ { 0 }, NULL, 0, 0, NULL, 0 };
    for (size_t i = 0; w.members && i < out->count; i++) {
        if (w.members[i].failed)
            w.status = POSTERN_E_NOMEM;
        if (w.status == POSTERN_OK)
            idents_of(&w, &out->items[i], &w.members[i]);
        pn_buffer_free(&w.members[i]);
    }
    pn_free(w.members);
    pn_free(w.by_pattern);
    pn_intern_clear(&w.patterns);
    pn_intern_clear(&w.keys);
    return w.status;
}
