/* What was meant beside what an image says. */
#ifndef PN_COMPILER_COMPARE_H
#define PN_COMPILER_COMPARE_H

#include "compiler/lift.h"

enum pn_compare_result {
    PN_COMPARE_SAME,
    PN_COMPARE_OTHER,
    PN_COMPARE_SYSTEM /* errno says why */
};

/*
 * Does the native image that fd holds say what the finished space does, rule by rule?
 * It is read where it is, so that a large one is not in memory twice.
 */
enum pn_compare_result
pn_image_compare(int fd, struct pn_space *space);

#endif
