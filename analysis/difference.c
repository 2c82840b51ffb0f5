/*
 * Two passes over the regions of both images. The first compares outcomes, of which
 * there are few, and finds the addresses, hosts and idents where anything differs. The
 * second looks at those alone and compares statements; each pair of statements is a
 * class of blocks.
 */
#include "analysis/difference.h"

#include <string.h>

#include "analysis/difference_where.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/outcomes.h"
#include "compiler/query_text.h"

const char *const pn_direction_names[] = { "same", "stricter", "looser", "mixed" };

struct difference_work {
    struct pn_changes *out;
    const struct pn_side *sides;
    const struct pn_change_question *question;
    struct pn_intern shared;        /* outcomes of both */
    struct pn_outcomes outcomes[2]; /* of the first pass */
    struct pn_intern pairs;         /* pairs of statements, with their outcomes */
    struct pn_where where;          /* what the second pass looks at */
    enum postern_status status;
};

static struct pn_regions
regions_of(struct difference_work *w, bool by_statement)
{
    struct pn_regions r = {
        .side_count = 2,
        .host = w->question->no_host ? PN_ASK_NONE : PN_ASK_ALL,
        .ident = w->question->no_ident ? PN_ASK_NONE : PN_ASK_ALL,
        .keep_extents = true,
        .prefer_global = true,
        .work = w->question->work,
    };

    for (size_t i = 0; i < 2; i++) {
        r.sides[i] = w->sides[i];
        if (!by_statement) {
            r.sides[i].class_of = pn_outcome_of;
            r.sides[i].payload = &w->outcomes[i];
        }
    }
    return r;
}

/* A pn_differs_fn. */
static bool
region_differs(void *payload, const struct pn_regions *r,
               const struct pn_region *region)
{
    const struct postern_decision *d = region->decisions;
    struct difference_work *w = payload;

    (void)r;
    return pn_outcome_of(&w->outcomes[0], d[0].rule) !=
           pn_outcome_of(&w->outcomes[1], d[1].rule);
}

/* A pn_differing_fn. */
static bool
differing_take(void *payload, const struct pn_regions *r,
               const struct pn_differing *differing)
{
    struct difference_work *w = payload;

    return pn_where_add(&w->where, r, differing);
}

/* Finds where anything differs: addresses, hosts, idents. */
static void
first_pass(struct difference_work *w)
{
    struct pn_regions r = regions_of(w, false);

    w->status = pn_regions_differing(&r, region_differs, differing_take, w);
    if (w->where.failed)
        w->status = POSTERN_E_NOMEM;
    pn_regions_clear(&r);
}

enum pn_effect
pn_effect_of(const struct postern_decision decisions[2])
{
    if (decisions[0].verdict == decisions[1].verdict)
        return PN_EFFECT_OTHER;
    return decisions[0].verdict == POSTERN_ALLOW ? PN_EFFECT_LOSES : PN_EFFECT_GAINS;
}

/* A pn_region_class_fn: a number for each pair of statements with different outcomes.
 * */
static uint32_t
pair_of(void *payload, const struct pn_region *region)
{
    const struct postern_decision *d = region->decisions;
    struct difference_work *w = payload;
    struct pn_changes *out = w->out;
    uint32_t key[4], number;

    for (size_t i = 0; i < 2; i++) {
        key[i] = pn_side_class(&w->sides[i], d[i].rule);
        key[2 + i] = pn_outcome_of(&w->outcomes[i], d[i].rule);
    }
    if (key[2] == key[3])
        return PN_CLASS_IGNORED;
    if (!pn_intern_add(&w->pairs, key, sizeof(key), &number) ||
        !pn_vector_reserve(&out->effects, &out->effect_capacity, w->pairs.count,
                           sizeof(*out->effects))) {
        w->status = POSTERN_E_NOMEM;
        return PN_CLASS_IGNORED;
    }
    if (number == out->effect_count)
        out->effects[out->effect_count++] = (uint8_t)pn_effect_of(d);
    return number;
}

static void
second_pass(struct difference_work *w)
{
    struct pn_regions r = regions_of(w, true);
    enum postern_status status;

    r.ident_part = pn_where_ident;
    r.host_part = pn_where_host;
    r.part_payload = &w->where;
    r.class_of_region = pair_of;
    r.region_payload = w;
    status = pn_blocks_collect(&w->out->blocks, &r);
    if (w->status == POSTERN_OK) /* else pair_of() failed */
        w->status = status;
    pn_regions_clear(&r);
}

static void
direction_find(struct pn_changes *out)
{
    const size_t *counts = out->counts;

    for (size_t i = 0; i < out->blocks.count; i++)
        out->counts[pn_change_effect(out, &out->blocks.items[i])]++;
    if (!out->blocks.count)
        out->direction = PN_SAME;
    else if (counts[PN_EFFECT_OTHER] ||
             (counts[PN_EFFECT_GAINS] && counts[PN_EFFECT_LOSES]))
        out->direction = PN_MIXED;
    else
        out->direction = counts[PN_EFFECT_GAINS] ? PN_LOOSER : PN_STRICTER;
}

enum postern_status
pn_changes_find(struct pn_changes *out, const struct pn_side sides[2],
                const struct pn_change_question *question)
{
    struct difference_work w = { .out = out, .sides = sides, .question = question };

    *out = (struct pn_changes){ 0 };
    w.status = POSTERN_OK;
    for (size_t i = 0; i < 2; i++) {
        w.outcomes[i] =
            (struct pn_outcomes){ .rules = sides[i].rules, .shared = &w.shared };
        pn_outcomes_fill(&w.outcomes[i], sides[i].decoded);
    }
    first_pass(&w);
    if (w.status == POSTERN_OK && w.where.count)
        second_pass(&w);
    if (w.outcomes[0].failed || w.outcomes[1].failed)
        w.status = POSTERN_E_NOMEM;
    if (w.status == POSTERN_OK)
        direction_find(out);
    pn_where_clear(&w.where);
    pn_intern_clear(&w.pairs);
    pn_outcomes_clear(&w.outcomes[0]);
    pn_outcomes_clear(&w.outcomes[1]);
    pn_intern_clear(&w.shared);
    return w.status;
}

/* A pn_region_fn: looks for a change outside of what is permitted. */
static bool
region_look(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct pn_outside *out = payload;

    if (region->decisions[2].verdict == POSTERN_DENY ||
        pn_side_class(&r->sides[0], region->decisions[0].rule) ==
            pn_side_class(&r->sides[1], region->decisions[1].rule))
        return true;
    out->found = true;
    out->query = pn_query_keep(&region->query, &out->host, &out->ident);
    return false;
}

enum postern_status
pn_changes_outside(const struct pn_image images[3],
                   const struct pn_change_question *question, struct pn_outside *out)
{
    const struct pn_images all = { .items = images,
                                   .count = 3,
                                   .no_host = question->no_host,
                                   .no_ident = question->no_ident,
                                   .work = question->work,
                                   .prefer_global = true };
    enum postern_status status;

    *out = (struct pn_outside){ 0 };
    status = pn_images_each(&all, region_look, out);
    return out->host.failed || out->ident.failed ? POSTERN_E_NOMEM : status;
}

void
pn_changes_clear(struct pn_changes *changes)
{
    pn_blocks_clear(&changes->blocks);
    pn_free(changes->effects);
    *changes = (struct pn_changes){ 0 };
}

/* Appends the extents of a block to others, with their sets in a pool. */
static bool
extents_add(const struct pn_changes *changes, const struct pn_block *block,
            struct pn_area *all, struct pn_intern *pool)
{
    if (!pn_vector_reserve(&all->extents, &all->extent_capacity,
                           all->extent_count + block->extent_count,
                           sizeof(*all->extents)))
        return false;
    for (size_t i = 0; i < block->extent_count; i++) {
        struct pn_extent extent = block->extents[i];

        if (extent.zeros) {
            struct pn_zeros set = pn_zeros_kept(&changes->blocks.zeros, extent.zeros);

            extent.zeros = pn_zeros_keep(pool, &set);
            if (!extent.zeros)
                return false;
        }
        all->extents[all->extent_count++] = extent;
    }
    return true;
}

bool
pn_changes_count(const struct pn_changes *changes, enum pn_effect effect,
                 pn_number counts[2])
{
    struct pn_area all = { .extents = NULL };
    struct pn_intern pool = { 0 };
    bool good = true;

    counts[0] = counts[1] = 0;
    for (size_t i = 0; i < changes->blocks.count && good; i++)
        if (pn_change_effect(changes, &changes->blocks.items[i]) == effect)
            good = extents_add(changes, &changes->blocks.items[i], &all, &pool);
    good = good && pn_extents_join(&all.extents, &all.extent_count,
                                   &all.extent_capacity, &pool);
    for (size_t i = 0; i < all.extent_count && good; i++)
        counts[all.extents[i].family == 6] += pn_extent_size(&pool, &all.extents[i]);
    pn_intern_clear(&pool);
    pn_free(all.extents);
    return good;
}
