/* Joins of classes: nothing, one class, or several. */
#ifndef PN_COMPILER_CLASS_H
#define PN_COMPILER_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#define PN_CLASS_NONE UINT32_MAX
#define PN_CLASS_MIXED (UINT32_MAX - 1)

static inline uint32_t
pn_class_merge(uint32_t a, uint32_t b)
{
    if (a == PN_CLASS_NONE || a == b)
        return b;
    return b == PN_CLASS_NONE ? a : PN_CLASS_MIXED;
}

/* Is there something in the join besides this class? */
static inline bool
pn_class_merge_changes(uint32_t joined, uint32_t class)
{
    return joined != PN_CLASS_NONE && joined != class;
}

#endif
