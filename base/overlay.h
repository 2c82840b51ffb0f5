/*
 * Texts in memory that stand in the place of files, for a process that was handed them:
 * base/files.c finds them by their paths before any file.
 */
#ifndef PN_BASE_OVERLAY_H
#define PN_BASE_OVERLAY_H

#include <stdbool.h>

#include "base/str.h"

enum { PN_OVERLAY_MOST = 4 };

/*
 * From now on this text is what the path names, for the whole process. The path is tidy
 * and is copied. To be called before any thread starts. False with
 * errno set; ENOSPC behind PN_OVERLAY_MOST.
 */
bool
pn_overlay_add(const char *path, struct pn_str text);

/* Is there any? */
bool
pn_overlay_is_used(void);

/* Does a text stand for this path? */
bool
pn_overlay_has(const char *path);

/*
 * A descriptor of the text, at its beginning; the position is shared with others of the
 * same text. -1 with errno set, ENOENT when there is none.
 */
int
pn_overlay_open(const char *path);

#endif
