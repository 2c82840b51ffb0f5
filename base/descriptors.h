/* Descriptors 0 to 2, which a program may be started without. */
#ifndef PN_BASE_DESCRIPTORS_H
#define PN_BASE_DESCRIPTORS_H

#include <stdbool.h>

/*
 * Puts /dev/null where one of them is closed, or the next file that is opened would take
 * its place. It is opened the wrong way round, so that reading or writing it still
 * fails with EBADF, as it would have. False with errno set.
 */
bool
pn_standard_descriptors(void);

#endif
