/* What a program of ours makes sure of before it does anything. */
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
 * For a program that is started under small limits (softlimit -d, -m): the heap grows
 * by what is asked for, not by 128 KiB at a time, and what is large is given back
 * whole.
 * Call it before the first allocation.
 */
void
pn_process_spare_memory(void);

/* The descriptors alone: for who runs another program, which inherits the signals. */
bool
pn_process_descriptors(void);

/*
 * From now on nothing that this process runs gains rights by being run, set-user-ID
 * programs neither (prctl(2), PR_SET_NO_NEW_PRIVS): for tools, that run only git.
 */
void
pn_process_gain_nothing(void);

#endif
