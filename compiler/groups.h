/*
 * The groups of an IPv6 address, and how many ways there are for them to be zero. One
 * test has another header in the place of this one, to try all there is in a world of
 * three groups.
 */
#ifndef PN_COMPILER_GROUPS_H
#define PN_COMPILER_GROUPS_H

enum {
    PN_ZERO_GROUPS = 8,
    PN_GROUP_BITS = 16,
    PN_GROUP_MOST = (1 << PN_GROUP_BITS) - 1,
    PN_ZERO_PATTERNS = 1 << PN_ZERO_GROUPS
};

#endif
