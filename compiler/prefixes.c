/* Sorted lists of prefixes. */
#include "compiler/space.h"

size_t
pn_prefixes_place(const struct pn_prefixes *list, pn_number start, unsigned length)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pn_prefix *p = &list->items[middle];

        if (p->start < start || (p->start == start && p->length < length))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
