/*
 * One pass over the ranges of all sets, in the order of their first address, holds
 * those that are open: at most one for each set. Each set has its ranges in that order
 * already, so that they are merged and need no array: lists have millions.
 */
#include "analysis/lint/overlaps.h"

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

/* The ranges of one set that are still to come, and the first of them. */
struct stream {
    size_t next, count; /* entries of the item */
    struct range range;
};

struct overlaps {
    struct stream *streams; /* a heap: the first has the least range */
    size_t stream_count, stream_capacity;
    struct overlap *items; /* by number in `pairs` */
    struct pn_intern pairs;
    size_t count, capacity;
    bool failed;
};

static bool
is_before(const struct range *a, const struct range *b)
{
    if (a->family != b->family)
        return a->family < b->family;
    if (a->first != b->first)
        return a->first < b->first;
    return a->item < b->item;
}

/* The next range of a set: an entry, with those that overlap or touch it, which follow
 * since entries of an item ascend. False behind the last. */
static bool
stream_next(const struct pn_lint *lint, struct stream *s)
{
    struct range *range = &s->range;
    bool has_one = false;

    for (; s->next < s->count; s->next++) {
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, range->item, s->next, &family);
        pn_number last = pn_prefix_last(p, family);

        if (!has_one) {
            *range = (struct range){ p->start, last, range->item, family };
            has_one = true;
        } else if (range->family != family || p->start > range->last + 1 ||
                   !(range->last + 1))
            break;
        else if (last > range->last)
            range->last = last;
    }
    return has_one;
}

/* Moves the first of the heap to where it belongs. */
static void
heap_sink(struct overlaps *o)
{
    struct stream moved = o->streams[0];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < o->stream_count) {
        if (child + 1 < o->stream_count &&
            is_before(&o->streams[child + 1].range, &o->streams[child].range))
            child++;
        if (!is_before(&o->streams[child].range, &moved.range))
            break;
        o->streams[at] = o->streams[child];
        at = child;
    }
    o->streams[at] = moved;
}

/* Adds the ranges of an item, if it has some. */
static void
stream_add(const struct pn_lint *lint, struct overlaps *o, uint32_t item)
{
    struct stream s = { .count = pn_lint_entry_count(lint, item),
                        .range = { .item = item } };
    size_t at = o->stream_count;

    o->failed |= !pn_work_take(lint->options->work, s.count + 1);
    if (o->failed || !stream_next(lint, &s))
        return;
    o->failed |= !pn_vector_add(&o->streams, &o->stream_count, &o->stream_capacity, &s,
                                sizeof(s));
    while (!o->failed && at && is_before(&s.range, &o->streams[(at - 1) / 2].range)) {
        o->streams[at] = o->streams[(at - 1) / 2];
        at = (at - 1) / 2;
        o->streams[at] = s;
    }
}

/* Takes the least range of all; false when there is none. */
static bool
range_next(const struct pn_lint *lint, struct overlaps *o, struct range *out)
{
    if (!o->stream_count)
        return false;
    *out = o->streams[0].range;
    if (!stream_next(lint, &o->streams[0]))
        o->streams[0] = o->streams[--o->stream_count];
    heap_sink(o);
    return true;
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
    struct range *open = NULL, r;
    size_t count = 0, capacity = 0;

    while (!o->failed && range_next(lint, o, &r)) {
        size_t kept = 0;

        if (!pn_work_take(lint->options->work, STEPS_A_PAIR * ((uint64_t)count + 1))) {
            o->failed = true;
            break;
        }
        for (size_t k = 0; k < count; k++) {
            if (open[k].family != r.family || open[k].last < r.first)
                continue;
            overlap_add(lint, o, &open[k], &r);
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
            stream_add(lint, &o, lint->survey.collections[i].item);
    overlaps_find(lint, &o);
    for (size_t i = 0; i < o.count; i++)
        if (share_queries(lint, &o.items[i]))
            overlap_report(lint, &o.items[i]);
    lint->failed |= o.failed;
    pn_free(o.streams);
    pn_free(o.items);
    pn_intern_clear(&o.pairs);
}
