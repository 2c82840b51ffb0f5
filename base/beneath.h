/* Opening files that lie beneath a folder, in spite of links and "..". */
#ifndef PN_BASE_BENEATH_H
#define PN_BASE_BENEATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buffer.h"

/*
 * open(2) of a path that is relative to a folder and may not leave it: not by "..", not
 * by a link, and no absolute link is followed at all. A descriptor, or -1 with errno
 * set: EXDEV when the path leads out. The kernel sees to it (openat2); where it cannot,
 * pn_beneath_walk() does.
 */
int
pn_beneath_open(int folder, const char *path, int flags, mode_t mode);

/*
 * The same without openat2: component by component, each link examined before it is
 * followed.
 */
int
pn_beneath_walk(int folder, const char *path, int flags, mode_t mode);

/*
 * open(2) of a path as a process would that has the folder for its root: a "/" in front
 * and absolute links begin at the folder, and ".." of it is itself. For trees of other
 * machines. RESOLVE_IN_ROOT of openat2, or pn_inside_walk().
 */
int
pn_inside_open(int folder, const char *path, int flags);

/* The same without openat2. */
int
pn_inside_walk(int folder, const char *path, int flags);

/*
 * Where such a path leads, links followed: appends the path from the folder, "." for
 * the folder itself, and a NUL. False with errno set, ENOENT when nothing is there.
 */
bool
pn_beneath_real(int folder, const char *path, struct pn_buffer *out);

#endif
