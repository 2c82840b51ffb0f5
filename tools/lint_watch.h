/* The files that a run looked for, as they were before it looked. */
#ifndef PN_TOOLS_LINT_WATCH_H
#define PN_TOOLS_LINT_WATCH_H

#include <sys/types.h>
#include <time.h>

#include "base/intern.h"

/* What a name led to; all zero when it led to nothing. */
struct pn_watched_state {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec mtime, ctime;
};

/* All zero is none. Owns the paths and what it knows of them. */
struct pn_watched {
    struct pn_intern paths;
    struct pn_watched_state *states; /* of each path */
    size_t capacity;
};

/*
 * Notes what a path leads to now, before it is read; what was noted first stays, so
 * that a change in the course of a run is one. A path that leads nowhere may come to.
 * The payload is a struct pn_watched.
 */
void
pn_watched_note(void *payload, const char *path);

/* Is there another file by now, or one where there was none, or none? */
bool
pn_watched_is_changed(const struct pn_watched *watched);

void
pn_watched_clear(struct pn_watched *watched);

#endif
