/* Joins of classes: nothing, one class, or several. */
#ifndef PN_COMPILER_JOIN_H
#define PN_COMPILER_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#define PN_JOIN_NOTHING UINT32_MAX
#define PN_JOIN_SEVERAL (UINT32_MAX - 1)

static inline uint32_t
pn_join(uint32_t a, uint32_t b)
{
    if (a == PN_JOIN_NOTHING || a == b)
        return b;
    return b == PN_JOIN_NOTHING ? a : PN_JOIN_SEVERAL;
}

/* Is there something in the join besides this class? */
static inline bool
pn_join_changes(uint32_t joined, uint32_t class)
{
    return joined != PN_JOIN_NOTHING && joined != class;
}

#endif
