/* Growth of arrays: the one place that knows by how much. */
#ifndef PN_BASE_VECTOR_H
#define PN_BASE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes room for `need` items of `item_size` bytes. `items` points at the array
 * pointer (NULL at first), `capacity` counts items. False when out of memory; the
 * array is then as it was.
 */
bool
pn_vector_reserve(void *items, size_t *capacity, size_t need, size_t item_size);

#endif
