/* The state of the process that every program establishes first. */
#ifndef PN_BASE_PROCESS_H
#define PN_BASE_PROCESS_H

#include <stdbool.h>

/*
 * Puts /dev/null where one of the descriptors 0 to 2 is closed, or the next file that
 * is opened would take its place. It is opened the wrong way round, so that reading or
 * writing it still fails with EBADF. And a file that grows over its limit is an error
 * of write(2), EFBIG, and no signal. False with errno set.
 */
bool
pn_process_begin(void);

/*
 * For programs that run under small limits (softlimit -d, -m): lets the heap grow by
 * what is needed instead of 128 KiB at a time, and returns large allocations to the
 * system. Call it before the first allocation.
 */
void
pn_process_spare_memory(void);

/*
 * Only the descriptors: for a program that executes another, which would inherit the
 * signals.
 */
bool
pn_process_descriptors(void);

/*
 * From now on no program that this process executes gains privileges, not even a set-
 * user-ID one (prctl(2), PR_SET_NO_NEW_PRIVS). For the tools, which execute only git.
 */
void
pn_process_gain_nothing(void);

#endif
