/*
 * Replaces compiler/groups.h: three groups of two values, so that a test can try all.
 */
#ifndef PN_COMPILER_GROUPS_H
#define PN_COMPILER_GROUPS_H

enum {
    PN_ZERO_GROUPS = 3,
    PN_GROUP_BITS = 1,
    PN_GROUP_MOST = (1 << PN_GROUP_BITS) - 1,
    PN_ZERO_PATTERNS = 1 << PN_ZERO_GROUPS
};

#endif
