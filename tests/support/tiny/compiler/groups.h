/* In the place of compiler/groups.h: three groups of two values, for a test of all. */
#ifndef PN_COMPILER_GROUPS_H
#define PN_COMPILER_GROUPS_H

enum {
    PN_ZERO_GROUPS = 3,
    PN_GROUP_BITS = 1,
    PN_GROUP_MOST = (1 << PN_GROUP_BITS) - 1,
    PN_ZERO_PATTERNS = 1 << PN_ZERO_GROUPS
};

#endif
