/* Arrays grow by half, so that n appends cost n moves. */
#include "base/vector.h"

#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"

bool
pn_vector_reserve(void *items, size_t *capacity, size_t need, size_t item_size)
{
    size_t grown = *capacity + *capacity / 2 + 16, bytes;
    void *old, *fresh;

    if (need <= *capacity)
        return true;
    if (grown < need)
        grown = need;
    if (!pn_size_mul(grown, item_size, &bytes))
        return false;
    memcpy(&old, items, sizeof(old)); /* any object pointer, whatever its type */
    fresh = pn_realloc(old, bytes);
    if (!fresh)
        return false;
    memcpy(items, &fresh, sizeof(fresh));
    *capacity = grown;
    /* cppcheck-suppress memleak ; the copy above keeps it */
    return true;
}

size_t
pn_lower_bound(const void *key, const void *items, size_t count, size_t size,
               pn_compare_fn compare)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(key, (const char *)items + middle * size) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
