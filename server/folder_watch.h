/*
 * Watches the folder of a file for changes of its name, by inotify(7). An event is only
 * a hint to look: changes behind a symbolic link cause none.
 */
#ifndef SRV_FOLDER_WATCH_H
#define SRV_FOLDER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct srv_folder_watch {
    int fd;           /* readable when something in the folder has changed; or -1 */
    const char *name; /* base name of the file; points into the path */
};

/*
 * Begins to watch; the path must outlive it. False where inotify is not available: then
 * `fd` is -1.
 */
bool
srv_folder_watch_open(struct srv_folder_watch *watch, const char *path);

/* Reads all pending events. True when one concerns the file, or events were lost. */
bool
srv_folder_watch_read(const struct srv_folder_watch *watch);

#endif
