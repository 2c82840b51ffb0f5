/*
 * One pass over the ranges of all sets, sorted by their first address, holds those that
 * are open: at most one for each set.
 */
#include "analysis/lint/overlaps.h"

#include <stdlib.h>

#include "analysis/lint/entry.h"
#include "analysis/lint/list_dependence.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/unicast.h"

enum { STEPS_A_PAIR = 8 }; /* a pair is a look into a table */

struct range {
    pn_number first, last;
    uint32_t item;
    uint8_t family;
};

struct overlap {
    uint32_t low, high; /* items */
    pn_number size;
    struct pn_witness witness;
};

struct overlaps {
    struct range *ranges;
    size_t range_count, range_capacity;
    struct overlap *items; /* by number in `pairs` */
    struct pn_intern pairs;
    size_t count, capacity;
    bool failed;
};

static int
by_first(const void *left, const void *right)
{
    const struct range *a = left, *b = right;

    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

static void
ranges_add(const struct pn_lint *lint, struct overlaps *o, uint32_t item)
{
    size_t count = pn_lint_entry_count(lint, item);

    o->failed |= !pn_work_take(lint->options->work, count + 1);
    for (size_t i = 0; i < count && !o->failed; i++) {
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);
        pn_number last = pn_prefix_last(p, family);
        struct range *before = o->range_count ? &o->ranges[o->range_count - 1] : NULL;
        struct range range;

        /* entries of an item ascend: one that overlaps or touches the last one extends
         * it */
        if (before && before->item == item && before->family == family &&
            p->start <= before->last + 1 && before->last + 1) {
            before->last = last > before->last ? last : before->last;
            continue;
        }
        range = (struct range){ p->start, last, item, family };
        o->failed |= !pn_vector_add(&o->ranges, &o->range_count, &o->range_capacity,
                                    &range, sizeof(range));
    }
}

static void
overlap_add(const struct pn_lint *lint, struct overlaps *o, const struct range *a,
            const struct range *b)
{
    pn_number last = a->last < b->last ? a->last : b->last;
    uint32_t low = a->item < b->item ? a->item : b->item;
    uint32_t high = a->item < b->item ? b->item : a->item;
    uint32_t key[] = { low, high }, number;

    if (pn_survey_class(&lint->survey, low) == pn_survey_class(&lint->survey, high))
        return;
    if (!pn_intern_add(&o->pairs, key, sizeof(key), &number) ||
        !pn_vector_reserve(&o->items, &o->capacity, o->pairs.count,
                           sizeof(*o->items))) {
        o->failed = true;
        return;
    }
    if (number < o->count) {
        o->items[number].size += last - b->first + 1;
        return;
    }
    o->items[o->count++] =
        (struct overlap){ low,
                          high,
                          last - b->first + 1,
                          { pn_example_address(b->family, b->first, last), b->family,
                            PN_RULE_NONE } };
}

static void
overlaps_find(const struct pn_lint *lint, struct overlaps *o)
{
    const struct range **open = NULL;
    size_t count = 0, capacity = 0;

    for (size_t i = 0; i < o->range_count && !o->failed; i++) {
        const struct range *r = &o->ranges[i];
        size_t kept = 0;

        if (!pn_work_take(lint->options->work, STEPS_A_PAIR * ((uint64_t)count + 1))) {
            o->failed = true;
            break;
        }
        for (size_t k = 0; k < count; k++) {
            if (open[k]->family != r->family || open[k]->last < r->first)
                continue;
            overlap_add(lint, o, open[k], r);
            open[kept++] = open[k];
        }
        count = kept;
        o->failed |= !pn_vector_add(&open, &count, &capacity, &r, sizeof(r));
    }
    pn_free(open);
}

/* Can both decide one query? Items with and without an ident cannot; blocks can with
 * all. */
static bool
share_queries(const struct pn_lint *lint, const struct overlap *overlap)
{
    uint32_t a = lint->survey.infos[overlap->low].group;
    uint32_t b = lint->survey.infos[overlap->high].group;

    return a == b || a == PN_GROUP_BLOCKS || b == PN_GROUP_BLOCKS;
}

static void
overlap_report(struct pn_lint *lint, const struct overlap *overlap)
{
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_SETS_OVERLAP, overlap->high);
    uint32_t group = lint->survey.infos[overlap->high].group;
    size_t size;

    if (!f)
        return;
    pn_depends_report(lint, f,
                      pn_depends_item(lint, overlap->low) ||
                          pn_depends_item(lint, overlap->high));
    size = pn_lint_number(lint, overlap->size);
    f->label = pn_report_format(lint->report, "%s addresses are in both",
                                pn_report_text(lint->report, size));
    pn_lint_link(lint, f, overlap->low, "the other set");
    pn_lint_query(lint, f, &overlap->witness, PN_HOST_NONE, group);
}

void
pn_overlaps_lint(struct pn_lint *lint)
{
    struct overlaps o = { 0 };

    if (!lint->report->on[PN_CHECK_SETS_OVERLAP])
        return;
    if (lint->survey.collection_count > 1)
        for (size_t i = 0; i < lint->survey.collection_count && !o.failed; i++)
            ranges_add(lint, &o, lint->survey.collections[i].item);
    if (o.range_count)
        qsort(o.ranges, o.range_count, sizeof(*o.ranges), by_first);
    overlaps_find(lint, &o);
    for (size_t i = 0; i < o.count; i++)
        if (share_queries(lint, &o.items[i]))
            overlap_report(lint, &o.items[i]);
    lint->failed |= o.failed;
    pn_free(o.ranges);
    pn_free(o.items);
    pn_intern_clear(&o.pairs);
}
