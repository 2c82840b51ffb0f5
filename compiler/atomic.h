/* A file that replaces another whole, or not at all. */
#ifndef PN_COMPILER_ATOMIC_H
#define PN_COMPILER_ATOMIC_H

#include <stdbool.h>
#include <stddef.h>

/* A temporary file that is being written, locked against another writer like us. */
struct pn_atomic {
    char *temporary; /* its path */
    char *folder;    /* where the target lies */
    int fd;          /* open for reading and writing */
    int folder_fd;   /* holds the lock of a target; -1 without one */
};

enum pn_atomic_result {
    PN_ATOMIC_OK,
    PN_ATOMIC_SYSTEM, /* errno says why */
    PN_ATOMIC_INPUT,  /* the temporary name is the very file that is to be read */
    PN_ATOMIC_SPECIAL /* the temporary name is no regular file */
};

/*
 * Opens a temporary file of a given name, as tcprules does: made if need be, links
 * followed, its mode kept. It is locked before it is truncated, and opened again when
 * the name leads elsewhere by then, so that of two writers who share a name neither
 * installs the other's half. `input_fd` must not be that file.
 */
enum pn_atomic_result
pn_atomic_open_named(struct pn_atomic *out, const char *target, const char *temporary,
                     int input_fd);

/*
 * Replaces or makes a file, by way of a fresh temporary one beside it: whole and
 * synced, or not at all. False with errno set.
 */
bool
pn_atomic_put(const char *target, const void *bytes, size_t size);

/*
 * Opens a fresh temporary file beside the target, with the mode of the file that is
 * there now or else 0666 less the umask, and locks the folder against other compiles.
 */
enum pn_atomic_result
pn_atomic_open_unique(struct pn_atomic *out, const char *target);

/*
 * Puts the temporary file in the target's place: sync, rename, sync of the folder. The
 * two halves are apart because tcprules tells their failures apart. False with errno.
 */
bool
pn_atomic_sync(struct pn_atomic *atomic);

bool
pn_atomic_rename(struct pn_atomic *atomic, const char *target);

/* Ends it. `remove` unlinks the temporary file: after a failure, when it was unique. */
void
pn_atomic_close(struct pn_atomic *atomic, bool remove);

#endif
