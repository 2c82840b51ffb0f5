/*
 * The folder of a file, watched by the system for a change of that name: inotify(7).
 * What it tells of is only a reason to look: it sees nothing behind a symbolic link.
 */
#ifndef SRV_FOLDER_WATCH_H
#define SRV_FOLDER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct srv_folder_watch {
    int fd;           /* readable when something in the folder has changed; or -1 */
    const char *name; /* of the file in it: points into the path */
};

/*
 * Begins to watch; the path must outlive it. False where the system has no watch to
 * give: then `fd` is -1.
 */
bool
srv_folder_watch_open(struct srv_folder_watch *watch, const char *path);

/* Reads what there is to read: whether any of it is about the file, or was lost. */
bool
srv_folder_watch_read(const struct srv_folder_watch *watch);

#endif
