/* A file that replaces another whole, or not at all. */
#ifndef PN_COMPILER_ATOMIC_H
#define PN_COMPILER_ATOMIC_H

#include <stdbool.h>
#include <stddef.h>

/* A temporary file that is being written; one that others may name is locked. */
struct pn_atomic {
    char *temporary; /* its path */
    char *folder;    /* where the target lies, */
    int at;          /* and open: a unique file is made, renamed and removed there */
    int fd;          /* open for reading and writing */
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

/* Asked when all is ready, just before the target is replaced: may it still be? */
typedef bool (*pn_atomic_fn)(void *payload, const char *target);

/*
 * The same, if `may` says so then, of the target and once more of what came out of its
 * place; false with errno ECANCELED when it does not.
 */
bool
pn_atomic_put_if(const char *target, const void *bytes, size_t size, pn_atomic_fn may,
                 void *payload);

/*
 * Opens a fresh temporary file beside the target, with the mode and, where we may give
 * a file away, the owner of the file that is there now, or else 0666 less the umask. Of
 * its mode the permissions alone: what runs with another's rights is not made by
 * writing. Nothing is locked, for a lock on a folder is one that every reader may hold:
 * of two that write one target the last to be ready stays, whole.
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
