/*
 * For each ident: areas that answer every host alike are one row, and in a row the
 * hosts of one class are one set. Rows with the same set are one block; blocks that are
 * there for several idents are one.
 */
#include "analysis/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

struct work {
    struct pn_blocks *out;
    struct pn_regions *r;
    struct pn_intern keys; /* of blocks: class, hosts, addresses */
    uint32_t *classes;     /* of the row at hand, by candidate */
    struct pn_intern patterns;
    uint32_t *by_pattern; /* the candidate of each pattern */
    size_t by_pattern_capacity;
    uint32_t *parents;         /* of each candidate, or UINT32_MAX */
    size_t ident_number;       /* 0: none */
    struct pn_buffer *members; /* of each block, the numbers of its idents */
    size_t member_capacity;
};

static void
no_memory(struct work *w)
{
    w->out->status = POSTERN_E_NOMEM;
}

static uint32_t
text_number(struct work *w, struct pn_str text)
{
    uint32_t number = 0;

    if (!pn_intern_add(&w->out->texts, text.ptr, text.len, &number))
        no_memory(w);
    return number;
}

static struct pn_str
candidate_pattern(const struct work *w, size_t candidate)
{
    return pn_lifted_name(&w->r->hosts, w->r->candidates[candidate].pattern);
}

/* The candidate of the next shorter pattern around one; of = for the outermost. */
static uint32_t
parent_of(const struct work *w, size_t candidate)
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

/* Suffixes and exact hosts can stand for the same text only with and without a dot. */
static void
patterns_index(struct work *w)
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
            no_memory(w);
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

static void
pattern_add(struct work *w, struct pn_patterns *list, enum pn_candidate_kind kind,
            struct pn_str text, bool inside)
{
    if (!pn_vector_reserve(&list->items, &list->capacity, list->count + 1,
                           sizeof(*list->items))) {
        no_memory(w);
        return;
    }
    list->items[list->count++] =
        (struct pn_pattern){ kind, text_number(w, text), inside };
}

static uint32_t
class_at(const struct work *w, size_t candidate)
{
    return w->classes[w->r->candidates[candidate].kin];
}

/* A block of the ident at hand while its rows are gathered. */
struct gathered {
    struct pn_block *items;
    size_t count, capacity;
    struct pn_intern keys; /* class and hosts */
};

static void
extents_append(struct work *w, struct pn_block *block, const struct pn_area *area)
{
    if (!pn_vector_reserve(&block->extents, &block->extent_capacity,
                           block->extent_count + area->extent_count,
                           sizeof(*block->extents))) {
        no_memory(w);
        return;
    }
    memcpy(block->extents + block->extent_count, area->extents,
           area->extent_count * sizeof(*area->extents));
    block->extent_count += area->extent_count;
}

/* A query of a block: of the area, the first candidate of the class. */
static void
witness_take(struct work *w, struct pn_block *block, size_t area, size_t candidate)
{
    struct postern_query query = pn_regions_query(w->r, area, candidate);

    block->address = query.remote;
    block->host = block->ident = UINT32_MAX;
    if (query.host.ptr)
        block->host = text_number(w, (struct pn_str){ query.host.ptr, query.host.len });
    if (query.ident.ptr)
        block->ident =
            text_number(w, (struct pn_str){ query.ident.ptr, query.ident.len });
}

/* Class and hosts: what is equal for equal ones. */
static void
key_write(struct pn_buffer *key, const struct pn_block *block)
{
    pn_buffer_add(key, &block->class, sizeof(block->class));
    pn_buffer_add(key, &block->hosts.everything, sizeof(block->hosts.everything));
    for (size_t i = 0; i < block->hosts.count; i++) {
        const struct pn_pattern *p = &block->hosts.items[i];
        uint32_t numbers[] = { p->kind, p->text, p->inside };

        pn_buffer_add(key, numbers, sizeof(numbers));
    }
    pn_buffer_add(key, "", 1); /* so that what follows is not taken for a pattern */
}

/* A block of one row, whose addresses are the area's. */
static void
gather(struct work *w, struct gathered *g, size_t area, struct pn_block *block,
       size_t candidate)
{
    struct pn_buffer key = { 0 };
    size_t before = g->keys.count;
    uint32_t number = 0;

    key_write(&key, block);
    if (key.failed || !pn_intern_add(&g->keys, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&g->items, &g->capacity, g->keys.count, sizeof(*g->items))) {
        no_memory(w);
        pn_block_clear(block);
    } else if (number == before) {
        g->items[g->count++] = *block;
        witness_take(w, &g->items[number], area, candidate);
    } else {
        pn_block_clear(block);
    }
    if (w->out->status == POSTERN_OK)
        extents_append(w, &g->items[number], &w->r->areas[area]);
    pn_buffer_free(&key);
}

/* The classes of a row: each a block, and the first candidate that has it. */
struct row {
    struct pn_block *items;
    size_t *firsts;
    size_t count, capacity, first_capacity;
    struct pn_intern classes;
};

/* The block of a class in the row; NULL for one that is of no interest. */
static struct pn_block *
row_block(struct work *w, struct row *row, uint32_t class, size_t candidate)
{
    uint32_t number;

    if (class == PN_CLASS_IGNORED || w->out->status != POSTERN_OK)
        return NULL;
    if (!pn_intern_add(&row->classes, &class, sizeof(class), &number) ||
        !pn_vector_reserve(&row->items, &row->capacity, row->classes.count,
                           sizeof(*row->items)) ||
        !pn_vector_reserve(&row->firsts, &row->first_capacity, row->classes.count,
                           sizeof(*row->firsts))) {
        no_memory(w);
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
 * A candidate is a pattern of its own class and of that around it, where the two
 * differ: with it the one begins, and the other ends.
 */
static void
row_pattern(struct work *w, struct row *row, size_t candidate)
{
    enum pn_candidate_kind kind = w->r->candidates[candidate].kind;
    struct pn_str text = candidate_pattern(w, candidate);
    uint32_t class = class_at(w, candidate), parent = w->parents[candidate];
    struct pn_block *block = row_block(w, row, class, candidate);

    if (parent != UINT32_MAX && class_at(w, parent) == class)
        return;
    if (block)
        pattern_add(w, &block->hosts, kind, text, true);
    if (parent == UINT32_MAX)
        return;
    block = row_block(w, row, class_at(w, parent), parent);
    if (block)
        pattern_add(w, &block->hosts, kind, text, false);
}

static void
row_hosts(struct work *w, struct row *row)
{
    const struct pn_regions *r = w->r;
    size_t last = r->candidate_count - 1;
    bool has_other = r->candidates[last].kind == PN_HOST_OTHER;

    if (has_other)
        row_pattern(w, row, last);
    for (size_t c = 0; c < last + !has_other; c++)
        row_pattern(w, row, c);
    for (size_t i = 0; i < row->count; i++) {
        struct pn_patterns *hosts = &row->items[i].hosts;

        /* unless it was not asked about, all is in that begins with any and none */
        hosts->everything =
            r->host != PN_ASK_ALL ||
            (hosts->count == 2 && hosts->items[0].kind == PN_HOST_OTHER &&
             hosts->items[1].kind == PN_HOST_ABSENT);
        if (hosts->everything)
            hosts->count = 0;
    }
}

/* Each class that a row has, once. */
static void
row_gather(struct work *w, struct gathered *g, struct row *row, size_t area)
{
    row->count = 0;
    pn_intern_clear(&row->classes);
    row_hosts(w, row);
    for (size_t i = 0; i < row->count; i++) {
        if (w->out->status == POSTERN_OK)
            gather(w, g, area, &row->items[i], row->firsts[i]);
        else
            pn_block_clear(&row->items[i]);
    }
}

static void
row_decide(struct work *w, size_t area)
{
    struct pn_regions *r = w->r;
    struct pn_region region;

    for (size_t c = 0; c < r->candidate_count; c++) {
        if (r->candidates[c].kin != c)
            continue;
        w->out->status = pn_regions_ask(r, area, c, &region);
        if (w->out->status != POSTERN_OK)
            return;
        w->classes[c] = r->class_of_region
                            ? r->class_of_region(r->region_payload, &region)
                            : pn_side_class(&r->sides[0], region.decisions[0].rule);
    }
}

/* A finished block among those of all idents, and that this ident has it. */
static void
block_keep(struct work *w, struct pn_block *block)
{
    size_t before = w->keys.count;
    struct pn_buffer key = { 0 };
    uint32_t number = 0;

    key_write(&key, block);
    for (size_t i = 0; i < block->extent_count; i++) {
        pn_buffer_add(&key, &block->extents[i].first, sizeof(pn_number));
        pn_buffer_add(&key, &block->extents[i].last, sizeof(pn_number));
        pn_buffer_add(&key, &block->extents[i].family, 1);
        pn_buffer_add(&key, &block->extents[i].zeros, sizeof(uint32_t));
    }
    if (key.failed || !pn_intern_add(&w->keys, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&w->out->items, &w->out->capacity, w->keys.count,
                           sizeof(*w->out->items)) ||
        !pn_vector_reserve(&w->members, &w->member_capacity, w->keys.count,
                           sizeof(*w->members))) {
        no_memory(w);
        pn_block_clear(block);
    } else if (number == before) {
        w->out->items[w->out->count++] = *block;
        w->members[number] = (struct pn_buffer){ 0 };
    } else {
        pn_block_clear(block);
    }
    pn_buffer_free(&key);
    if (w->out->status == POSTERN_OK)
        pn_buffer_add(&w->members[number], &w->ident_number, sizeof(w->ident_number));
}

/* The extents of one set, in a block of their own; *block keeps the others. */
static void
set_split(struct work *w, struct pn_block *block, struct pn_block *out)
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
        no_memory(w);
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
keep_or_clear(struct work *w, struct pn_block *block)
{
    if (w->out->status == POSTERN_OK)
        block_keep(w, block);
    else
        pn_block_clear(block);
}

/* A block of the ident at hand, as one for each set of zeros. */
static void
sets_keep(struct work *w, struct pn_block *block)
{
    bool one = true;
    if (!pn_extents_join(&block->extents, &block->extent_count, &block->extent_capacity,
                         &w->r->zeros))
        no_memory(w);
    for (size_t i = 1; i < block->extent_count; i++)
        one = one && block->extents[i].zeros == block->extents[0].zeros;
    while (!one && block->extent_count && w->out->status == POSTERN_OK) {
        struct pn_block part;

        set_split(w, block, &part);
        keep_or_clear(w, &part);
    }
    if (one)
        keep_or_clear(w, block);
    else
        pn_block_clear(block);
}

static void
ident_collect(struct work *w)
{
    struct gathered g = { 0 };
    struct row row = { 0 };

    w->classes = malloc((w->r->candidate_count + 1) * sizeof(*w->classes));
    w->parents = malloc((w->r->candidate_count + 1) * sizeof(*w->parents));
    if (w->classes && w->parents)
        patterns_index(w);
    else
        no_memory(w);
    for (size_t a = 0; a < w->r->area_count && w->out->status == POSTERN_OK; a++) {
        row_decide(w, a);
        if (w->out->status == POSTERN_OK)
            row_gather(w, &g, &row, a);
    }
    for (size_t i = 0; i < g.count; i++)
        sets_keep(w, &g.items[i]);
    free(g.items);
    pn_intern_clear(&g.keys);
    free(row.items);
    free(row.firsts);
    pn_intern_clear(&row.classes);
    free(w->classes);
    free(w->parents);
    w->classes = w->parents = NULL;
}

/* Which idents have the block: as few patterns as say it. */
static void
idents_of(struct work *w, struct pn_block *block, const struct pn_buffer *members)
{
    size_t count = members->size / sizeof(size_t), next = 0, number;
    struct pn_str nothing = { "", 0 };
    bool others;

    if (w->r->ident != PN_ASK_ALL) { /* it was not asked about */
        block->idents.everything = true;
        return;
    }
    memcpy(&number, members->bytes, sizeof(number));
    others = number == 0; /* whoever no rule names is answered as nobody is */
    block->idents.everything = others && count == w->r->idents.count + 1;
    if (block->idents.everything)
        return;
    if (others) {
        pattern_add(w, &block->idents, PN_HOST_OTHER, nothing, true);
        pattern_add(w, &block->idents, PN_HOST_ABSENT, nothing, true);
    }
    for (size_t i = 0; i <= w->r->idents.count; i++) {
        bool inside = false;

        if (next < count)
            memcpy(&number, members->bytes + next * sizeof(number), sizeof(number));
        inside = next < count && number == i;
        next += inside;
        if (i && inside != others)
            pattern_add(w, &block->idents, PN_HOST_EXACT,
                        pn_lifted_name(&w->r->idents, (uint32_t)i - 1), inside);
    }
}

void
pn_blocks_collect(struct pn_blocks *out, struct pn_regions *regions)
{
    struct work w = { .out = out, .r = regions };

    *out = (struct pn_blocks){ .status = POSTERN_OK };
    regions->keep_extents = true;
    while (out->status == POSTERN_OK && pn_regions_next(regions)) {
        ident_collect(&w);
        w.ident_number++;
    }
    if (regions->failed)
        out->status = POSTERN_E_NOMEM;
    out->zeros = regions->zeros;
    regions->zeros = (struct pn_intern){ { 0 }, NULL, 0, 0, NULL, 0 };
    for (size_t i = 0; w.members && i < out->count; i++) {
        if (w.members[i].failed)
            out->status = POSTERN_E_NOMEM;
        if (out->status == POSTERN_OK)
            idents_of(&w, &out->items[i], &w.members[i]);
        pn_buffer_free(&w.members[i]);
    }
    free(w.members);
    free(w.by_pattern);
    pn_intern_clear(&w.patterns);
    pn_intern_clear(&w.keys);
}
