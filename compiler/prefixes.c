/* Sorted lists of prefixes. */
#include "compiler/prefixes.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"

enum { RADIX_FROM = 4096 }; /* where passes over bytes are faster than comparing */

int
pn_prefix_compare(const void *left, const void *right)
{
    const struct pn_prefix *a = left, *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    if (a->is_address != b->is_address)
        return a->is_address ? 1 : -1;
    if (a->rank_length != b->rank_length)
        return a->rank_length < b->rank_length ? -1 : 1;
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
    struct pn_prefix *from = list->items, *to = pn_malloc(list->count * sizeof(*to)),
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
    pn_free(to);
    for (size_t i = 0, end; i < list->count; i = end) {
        for (end = i + 1; end < list->count && from[end].start == from[i].start; end++)
            continue;
        if (end - i > 1)
            qsort(&from[i], end - i, sizeof(*from), pn_prefix_compare);
    }
    return true;
}

bool
pn_prefixes_sort(struct pn_prefixes *list, uint8_t family)
{
    if (!list->count || is_sorted(list))
        return true;
    if (list->count >= RADIX_FROM)
        return radix_sort(list, pn_family_bits(family) / 8);
    qsort(list->items, list->count, sizeof(*list->items), pn_prefix_compare);
    return true;
}

struct place {
    pn_number start;
    unsigned length;
};

static int
compare_place(const void *key, const void *item)
{
    const struct place *wanted = key;
    const struct pn_prefix *p = item;

    if (wanted->start != p->start)
        return wanted->start > p->start ? 1 : -1;
    return (wanted->length > p->length) - (wanted->length < p->length);
}

size_t
pn_prefixes_place(const struct pn_prefixes *list, pn_number start, unsigned length)
{
    return pn_lower_bound(&(struct place){ start, length }, list->items, list->count,
                          sizeof(*list->items), compare_place);
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
pn_prefixes_clear(struct pn_prefixes *list)
{
    pn_free(list->items);
    *list = (struct pn_prefixes){ 0 };
}
