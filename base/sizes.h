/* Sums and products of sizes that cannot wrap. */
#ifndef PN_BASE_SIZES_H
#define PN_BASE_SIZES_H

#include <stdbool.h>
#include <stddef.h>

#define PN_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* False, and *out is not to be used, when the result does not fit. */
static inline bool
pn_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool
pn_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

#endif
