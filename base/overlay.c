/* A handful of texts, each in a file without a name. */
#include "base/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/memory_file.h"

/* A property of the process, like the folders of base/files.c. */
static struct {
    char *path;
    int fd;
} texts[PN_OVERLAY_MOST];
static size_t text_count;

bool
pn_overlay_add(const char *path, struct pn_str text)
{
    char *copy;
    int fd;

    if (text_count == PN_OVERLAY_MOST) {
        errno = ENOSPC;
        return false;
    }
    copy = pn_strdup(path);
    fd = copy ? pn_memory_file_of(text) : -1;
    if (fd < 0) {
        int saved_errno = errno;

        pn_free(copy);
        errno = saved_errno;
        return false;
    }
    texts[text_count].path = copy;
    texts[text_count++].fd = fd;
    return true;
}

static int
fd_of(const char *path)
{
    for (size_t i = 0; i < text_count; i++)
        if (strcmp(texts[i].path, path) == 0)
            return texts[i].fd;
    return -1;
}

bool
pn_overlay_is_used(void)
{
    return text_count > 0;
}

bool
pn_overlay_has(const char *path)
{
    return fd_of(path) >= 0;
}

int
pn_overlay_open(const char *path)
{
    int held = fd_of(path), fd;

    if (held < 0) {
        errno = ENOENT;
        return -1;
    }
    fd = fcntl(held, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET); /* of a file in memory: it cannot fail */
    return fd;
}
