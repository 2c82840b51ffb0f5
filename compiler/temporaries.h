/*
 * Temporary files that are being written, so that none stays: neither of this process,
 * when a signal ends it, nor of one that was killed.
 */
#ifndef PN_COMPILER_TEMPORARIES_H
#define PN_COMPILER_TEMPORARIES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * In programs of our own (endings.c): from now on signals that would end the process
 * and can be caught (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and their like, but for
 * those of faults) remove the file first, by its name in the open folder `at`. What is
 * not remembered (names are short, files few), and what is made in the process of
 * somebody else (library/no_endings.c), is left for pn_temporaries_clear() of another
 * run. Any thread.
 */
void
pn_temporaries_add(int at, const char *name);

/* It is renamed, or removed. */
void
pn_temporaries_forget(int at, const char *name);

/*
 * In programs of our own: such a signal also writes this short text, which stands as
 * long as it may be written, to the descriptor; -1: nothing any more.
 */
void
pn_ending_write(int fd, const char *text);

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
