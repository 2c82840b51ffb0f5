/* Opening an image that is a file: mapped, or copied into memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store.h"

enum { FEATURES_MOST = 1024 };

/* The whole file into bytes; E_BUSY when it shrank meanwhile. */
static enum postern_status
read_whole(int fd, char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = pread(fd, bytes + done, size - done, (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return POSTERN_E_IO;
        if (got == 0)
            return POSTERN_E_BUSY;
        done += (size_t)got;
    }
    return POSTERN_OK;
}

static void
map_release(struct postern_rules *rules)
{
    munmap(rules->owned, rules->size);
}

/*
 * The header is read with pread(2) and not through the map, whose first page fault
 * costs more for a larger file. The file may change afterwards: look-ups check what
 * they read.
 */
static enum postern_status
map_whole(struct postern_rules *rules, int fd)
{
    uint8_t head[PN_NATIVE_HEAD_SIZE] = { 0 };
    size_t size = rules->size < sizeof(head) ? rules->size : sizeof(head);
    enum postern_status status = read_whole(fd, (char *)head, size);
    void *map;

    if (status != POSTERN_OK)
        return status;
    if (!pn_container_open(&rules->container, head, rules->size))
        return POSTERN_E_FORMAT;
    map = mmap(NULL, rules->size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return errno == ENOMEM ? POSTERN_E_NOMEM : POSTERN_E_IO;
    rules->owned = map;
    rules->release = map_release;
    rules->container.bytes = map;
    return pn_store_identify(rules, head);
}

static enum postern_status
copy_whole(struct postern_rules *rules, int fd)
{
    enum postern_status status;

    if (!pn_store_heap(rules))
        return POSTERN_E_NOMEM;
    status = read_whole(fd, rules->owned, rules->size);
    return status == POSTERN_OK ? pn_store_open(rules, rules->owned) : status;
}

/* Checks before mapping: a regular file of a size that a cdb can have. */
static enum postern_status
file_size(int fd, size_t *out)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return POSTERN_E_IO;
    if (!S_ISREG(st.st_mode) || st.st_size < PN_CDB_HEADER_SIZE ||
        (uintmax_t)st.st_size > UINT32_MAX)
        return POSTERN_E_FORMAT;
    *out = (size_t)st.st_size;
    return POSTERN_OK;
}

enum postern_status
postern_rules_open_fd(int fd, uint32_t flags, struct postern_rules **out)
{
    struct postern_rules *rules;
    enum postern_status status;

    if (flags & ~PN_STORE_FLAGS)
        return POSTERN_E_ARG;
    rules = calloc(1, sizeof(*rules));
    if (!rules)
        return POSTERN_E_NOMEM;
    status = file_size(fd, &rules->size);
    if (status == POSTERN_OK)
        status =
            flags & POSTERN_OPEN_COPY ? copy_whole(rules, fd) : map_whole(rules, fd);
    return pn_store_end(rules, status, flags, out);
}

enum postern_status
postern_rules_open_at(int folder_fd, const char *path, uint32_t flags,
                      struct postern_rules **out)
{
    enum postern_status status;
    int fd, saved_errno;

    if (flags & ~PN_STORE_FLAGS)
        return POSTERN_E_ARG;
    /* without O_NONBLOCK the open of a FIFO would wait for a writer */
    fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return POSTERN_E_IO;
    status = postern_rules_open_fd(fd, flags, out);
    saved_errno = errno;
    close(fd); /* the mapping outlives it */
    errno = saved_errno;
    return status;
}

enum postern_status
postern_rules_open(const char *path, uint32_t flags, struct postern_rules **out)
{
    return postern_rules_open_at(AT_FDCWD, path, flags, out);
}

/* Read and not mapped: the caller may be a server, and the file hostile. */
static size_t
lacking(int fd, char *out, size_t size)
{
    uint8_t head[PN_NATIVE_HEAD_SIZE], names[FEATURES_MOST];
    size_t at, length;
    uint32_t requires;
    ssize_t got;

    if (read_whole(fd, (char *)head, sizeof(head)) != POSTERN_OK ||
        !pn_native_features(head, sizeof(head), &requires, &at, &length))
        return 0;
    got = pread(fd, names, length < sizeof(names) ? length : sizeof(names), (off_t)at);
    return got > 0 ? pn_native_lacking(requires, names, (size_t)got, out, size) : 0;
}

size_t
postern_rules_lacking(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t ignored, used = 0;

    out[0] = '\0';
    if (fd < 0)
        return 0;
    if (file_size(fd, &ignored) == POSTERN_OK)
        used = lacking(fd, out, size);
    close(fd);
    return used;
}
