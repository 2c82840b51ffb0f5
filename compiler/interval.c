/* The one place that sorts, merges, searches and subtracts intervals. */
#include "compiler/interval.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"

/* Does an interval begin at or right above the end of another that begins below it? */
static bool
continues(const struct pn_interval *before, pn_number first)
{
    return first <= before->last || first - before->last == 1;
}

bool
pn_intervals_add(struct pn_intervals *list, pn_number first, pn_number last)
{
    struct pn_interval *before = list->count ? &list->items[list->count - 1] : NULL;

    if (before && first >= before->first && continues(before, first)) {
        if (last > before->last)
            before->last = last;
        return true;
    }
    return pn_vector_add(&list->items, &list->count, &list->capacity,
                         &(struct pn_interval){ first, last }, sizeof(*list->items));
}

static int
compare_firsts(const void *left, const void *right)
{
    const struct pn_interval *a = left, *b = right;

    return (a->first > b->first) - (a->first < b->first);
}

void
pn_intervals_finish(struct pn_intervals *list)
{
    struct pn_interval *items = list->items;
    size_t kept = 0;

    if (!list->count)
        return;
    qsort(items, list->count, sizeof(*items), compare_firsts);
    for (size_t i = 1; i < list->count; i++) {
        if (!continues(&items[kept], items[i].first))
            items[++kept] = items[i];
        else if (items[i].last > items[kept].last)
            items[kept].last = items[i].last;
    }
    list->count = kept + 1;
}

void
pn_intervals_clear(struct pn_intervals *list)
{
    pn_free(list->items);
    *list = (struct pn_intervals){ 0 };
}

static int
compare_end(const void *key, const void *item)
{
    return *(const pn_number *)key > ((const struct pn_interval *)item)->last ? 1 : -1;
}

size_t
pn_intervals_find(const struct pn_intervals *list, pn_number address)
{
    return pn_lower_bound(&address, list->items, list->count, sizeof(*list->items),
                          compare_end);
}

bool
pn_intervals_have(const struct pn_intervals *list, pn_number address)
{
    return pn_intervals_cover(list, address, address);
}

bool
pn_intervals_cover(const struct pn_intervals *list, pn_number first, pn_number last)
{
    size_t at = pn_intervals_find(list, first);

    return at < list->count && list->items[at].first <= first &&
           list->items[at].last >= last;
}

bool
pn_intervals_overlap(const struct pn_intervals *list, pn_number first, pn_number last)
{
    size_t at = pn_intervals_find(list, first);

    return at < list->count && list->items[at].first <= last;
}

pn_number
pn_intervals_size(const struct pn_intervals *list)
{
    pn_number size = 0;

    for (size_t i = 0; i < list->count; i++)
        size += list->items[i].last - list->items[i].first + 1;
    return size;
}

struct pn_gaps
pn_gaps_begin(const struct pn_intervals *list, pn_number first, pn_number last)
{
    return (struct pn_gaps){ .list = list,
                             .next = pn_intervals_find(list, first),
                             .rest = { first, last } };
}

bool
pn_gaps_next(struct pn_gaps *gaps, struct pn_interval *out)
{
    const struct pn_intervals *list = gaps->list;

    while (!gaps->ended) {
        const struct pn_interval *next =
            gaps->next < list->count ? &list->items[gaps->next++] : NULL;

        *out = gaps->rest;
        if (!next || next->first > out->last) {
            gaps->ended = true;
            return true;
        }
        gaps->ended = next->last >= out->last;
        gaps->rest.first = next->last + 1; /* unless it ended there */
        if (next->first > out->first) {
            out->last = next->first - 1;
            return true;
        }
    }
    return false;
}

bool
pn_address_set_is_empty(const struct pn_address_set *set)
{
    return pn_address_set_count(set) == 0;
}

bool
pn_address_set_has(const struct pn_address_set *set, uint8_t family, pn_number address)
{
    return pn_intervals_have(&set->families[pn_family_index(family)], address);
}

size_t
pn_address_set_count(const struct pn_address_set *set)
{
    size_t count = 0;

    for (unsigned f = 0; f < PN_FAMILIES; f++)
        count += set->families[f].count;
    return count;
}

bool
pn_address_set_add(struct pn_address_set *set, const struct pn_address_set *other)
{
    bool good = true;

    for (unsigned f = 0; f < PN_FAMILIES; f++)
        for (size_t i = 0; i < other->families[f].count && good; i++)
            good =
                pn_intervals_add(&set->families[f], other->families[f].items[i].first,
                                 other->families[f].items[i].last);
    return good;
}

static bool
intervals_without(struct pn_intervals *out, const struct pn_intervals *list,
                  const struct pn_intervals *holes)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pn_interval *whole = &list->items[i];
        struct pn_gaps gaps = pn_gaps_begin(holes, whole->first, whole->last);
        struct pn_interval part;

        while (pn_gaps_next(&gaps, &part))
            if (!pn_intervals_add(out, part.first, part.last))
                return false;
    }
    return true;
}

bool
pn_address_set_without(struct pn_address_set *out, const struct pn_address_set *set,
                       const struct pn_address_set *holes)
{
    bool good = true;

    for (unsigned i = 0; i < PN_FAMILIES && good; i++)
        good = intervals_without(&out->families[i], &set->families[i],
                                 &holes->families[i]);
    return good;
}

void
pn_address_set_finish(struct pn_address_set *set)
{
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        pn_intervals_finish(&set->families[f]);
}

void
pn_address_set_clear(struct pn_address_set *set)
{
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        pn_intervals_clear(&set->families[f]);
}
