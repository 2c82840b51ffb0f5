/* What was meant beside what an image says. */
#ifndef PN_COMPILER_IMAGE_VERIFY_H
#define PN_COMPILER_IMAGE_VERIFY_H

#include "compiler/image_decode.h"

enum pn_verify_result {
    PN_VERIFY_SAME,
    PN_VERIFY_OTHER,
    PN_VERIFY_SYSTEM /* errno says why */
};

/*
 * Does the native image that fd holds say what the finished space does, rule by rule?
 * It is read where it is, so that a large one is not in memory twice.
 */
enum pn_verify_result
pn_image_verify(int fd, struct pn_space *space);

#endif
