/* Arrays that grow, and searches in sorted ones. */
#ifndef PN_BASE_VECTOR_H
#define PN_BASE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Makes room for `need` items of `item_size` bytes. `items` points at the array
 * pointer (NULL at first), `capacity` counts items. False when out of memory; the
 * array is then as it was.
 */
bool
pn_vector_reserve(void *items, size_t *capacity, size_t need, size_t item_size);

/*
 * Copies one item of `size` bytes to the end of an array, and counts it. False when out
 * of memory; everything is then as it was.
 */
static inline bool
pn_vector_add(void *items, size_t *count, size_t *capacity, const void *item,
              size_t size)
{
    char *array;

    if (!pn_vector_reserve(items, capacity, *count + 1, size))
        return false;
    memcpy(&array, items, sizeof(array));
    memcpy(array + *count * size, item, size);
    (*count)++;
    return true;
}

/*
 * Compares a key with an item, as bsearch(): positive when the key comes after the
 * item.
 */
typedef int (*pn_compare_fn)(const void *key, const void *item);

/*
 * Returns the index of the first item of a sorted array for which `compare` is not
 * positive, or `count`: the number of items before `key`. A `compare` that is positive
 * for equal items finds the place behind them.
 */
size_t
pn_lower_bound(const void *key, const void *items, size_t count, size_t size,
               pn_compare_fn compare);

#endif
