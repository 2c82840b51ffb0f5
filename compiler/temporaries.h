/*
 * Temporary files that are being written, so that none stays: neither of this process,
 * when a signal ends it, nor of one that was killed.
 */
#ifndef PN_COMPILER_TEMPORARIES_H
#define PN_COMPILER_TEMPORARIES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * For a program of its own, which calls it before it starts threads: signals are its to
 * handle. In the process of somebody else they are not, and the file that a signal
 * leaves is removed by pn_temporaries_clear() of another run.
 */
void
pn_temporaries_guard(void);

/*
 * In a process that guards: from now on signals that would end it and can be caught
 * (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and their like, but for those of faults)
 * remove the file first, by its name in the open folder `at`. What is not remembered
 * (names are short, files few) is left likewise. Any thread.
 */
void
pn_temporaries_add(int at, const char *name);

/* It is renamed, or removed. */
void
pn_temporaries_forget(int at, const char *name);

/*
 * Takes a fresh file for its own: false when another process took it for abandoned
 * first, which happens within the moment before this call; then make another.
 */
bool
pn_temporaries_own(int fd);

/*
 * Removes the temporary files that killed processes have left in the folder for a
 * target of this name.
 */
void
pn_temporaries_clear(int at, const char *target);

/* ".TARGET.HEX.tmp", as pn_temporaries_clear() knows it; false when there is no room.
 */
bool
pn_temporaries_name(char *out, size_t size, const char *target, unsigned salt);

#endif
