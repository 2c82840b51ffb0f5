/* inotify(7) is Linux's. */
#define _DEFAULT_SOURCE
#include "server/folder_watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A file is created, moved, deleted, closed after writing, or changes its mode. */
static const unsigned long changes =
    IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE | IN_ATTRIB;

/* The folder of a path: everything before its last slash. */
static bool
folder_of(const char *path, size_t len, char folder[PATH_MAX])
{
    if (!len) {
        memcpy(folder, ".", 2);
        return true;
    }
    if (len >= PATH_MAX)
        return false;
    memcpy(folder, path, len);
    folder[len] = '\0';
    return true;
}

bool
srv_folder_watch_open(struct srv_folder_watch *watch, const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];

    watch->name = slash ? slash + 1 : path;
    watch->fd = -1;
    if (!folder_of(path, (size_t)(watch->name - path), folder))
        return false;
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->fd < 0)
        return false;
    if (inotify_add_watch(watch->fd, folder, (uint32_t)changes) >= 0)
        return true;
    close(watch->fd);
    watch->fd = -1;
    return false;
}

bool
srv_folder_watch_read(const struct srv_folder_watch *watch)
{
    char bytes[4096] __attribute__((aligned(8)));
    bool about = false;
    ssize_t got;

    while ((got = read(watch->fd, bytes, sizeof(bytes))) > 0 ||
           (got < 0 && errno == EINTR))
        for (ssize_t at = 0; at < got;) {
            struct inotify_event event;

            memcpy(&event, bytes + at, sizeof(event));
            about |=
                event.mask & IN_Q_OVERFLOW ||
                (event.len && strcmp(bytes + at + sizeof(event), watch->name) == 0);
            at += (ssize_t)(sizeof(event) + event.len);
        }
    return about;
}
