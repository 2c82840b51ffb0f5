/* Reading a compiled file into memory of the engine, all of it checked. */
#define _GNU_SOURCE /* O_PATH */
#include "bindings/sql/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/beneath.h"

enum {
    STEP = 1024 * 1024, /* bytes between two questions whether to stop */
    COMPARED = 16 * 1024,
    BUSY_TRIES = 200,
    BUSY_STEP_NS = 5000000,
    GRAIN_S =
        3 /* more than any file system rounds its times to, which is two seconds */
};

static enum pn_fault
fault_of_errno(int error)
{
    static const struct {
        int error;
        enum pn_fault fault;
    } rows[] = {
        { ENOENT, PN_FAULT_MISSING },  { ENOTDIR, PN_FAULT_MISSING },
        { EXDEV, PN_FAULT_OUTSIDE },   { ELOOP, PN_FAULT_OUTSIDE },
        { EACCES, PN_FAULT_DENIED },   { EPERM, PN_FAULT_DENIED },
        { ENOMEM, PN_FAULT_MEMORY },   { EMFILE, PN_FAULT_SHORTAGE },
        { ENFILE, PN_FAULT_SHORTAGE }, { ENAMETOOLONG, PN_FAULT_MISSING },
        { ENXIO, PN_FAULT_DAMAGED }, /* a socket */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].error == error)
            return rows[i].fault;
    return PN_FAULT_IO;
}

static enum pn_fault
fault_of_status(enum postern_status status)
{
    static const enum pn_fault faults[] = {
        [POSTERN_OK] = PN_FAULT_NONE,          [POSTERN_E_ARG] = PN_FAULT_DAMAGED,
        [POSTERN_E_NOMEM] = PN_FAULT_MEMORY,   [POSTERN_E_IO] = PN_FAULT_IO,
        [POSTERN_E_FORMAT] = PN_FAULT_DAMAGED, [POSTERN_E_BUSY] = PN_FAULT_BUSY,
        [POSTERN_E_VERSION] = PN_FAULT_NEWER,
    };

    return status < sizeof(faults) / sizeof(faults[0]) ? faults[status]
                                                       : PN_FAULT_DAMAGED;
}

enum pn_fault
pn_opened_open(struct pn_opened *opened, const char *folder, const char *name)
{
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), saved_errno;

    opened->fd = -1;
    if (at < 0)
        return fault_of_errno(errno);
    /* without O_NONBLOCK the open of a FIFO would wait for a writer */
    opened->fd =
        pn_beneath_open(at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    saved_errno = errno;
    close(at);
    errno = saved_errno;
    if (opened->fd < 0)
        return fault_of_errno(errno);
    if (fstat(opened->fd, &opened->st) < 0)
        return PN_FAULT_IO;
    if (!S_ISREG(opened->st.st_mode) || (uintmax_t)opened->st.st_size > UINT32_MAX)
        return PN_FAULT_DAMAGED;
    opened->size = (size_t)opened->st.st_size;
    return PN_FAULT_NONE;
}

void
pn_opened_close(struct pn_opened *opened)
{
    int saved_errno = errno;

    if (opened->fd >= 0)
        close(opened->fd);
    opened->fd = -1;
    errno = saved_errno;
}

static bool
same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_size == b->st_size && same_time(a->st_mtim, b->st_mtim) &&
           same_time(a->st_ctim, b->st_ctim);
}

/* Could the file change now without another time? One of the future has no known age.
 */
static bool
may_hide(const struct stat *st)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return st->st_ctim.tv_sec >= now.tv_sec - GRAIN_S ||
           st->st_mtim.tv_sec >= now.tv_sec - GRAIN_S;
}

/* pread(2) of a part of the file, all of it; BUSY when the file ends before. */
static enum pn_fault
read_part(int fd, char *bytes, size_t size, size_t offset)
{
    while (size) {
        ssize_t got = pread(fd, bytes, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return PN_FAULT_IO;
        if (got == 0)
            return PN_FAULT_BUSY;
        bytes += got;
        offset += (size_t)got;
        size -= (size_t)got;
    }
    return PN_FAULT_NONE;
}

static enum pn_fault
read_whole(struct pn_image *image, int fd, const struct pn_engine *engine)
{
    enum pn_fault fault = PN_FAULT_NONE;

    for (size_t at = 0; at < image->size && fault == PN_FAULT_NONE; at += STEP) {
        size_t left = image->size - at;

        if (engine->stop && engine->stop())
            return PN_FAULT_STOPPED;
        fault = read_part(fd, image->bytes + at, left < STEP ? left : STEP, at);
    }
    return fault;
}

/* One try. BUSY when the file changed meanwhile, whatever was made of it. */
static enum pn_fault
read_once(struct pn_image *image, int fd, const struct pn_engine *engine)
{
    enum pn_fault fault;
    struct stat after;

    if (fstat(fd, &image->st) < 0)
        return PN_FAULT_IO;
    if ((uintmax_t)image->st.st_size > UINT32_MAX)
        return PN_FAULT_DAMAGED;
    image->size = (size_t)image->st.st_size;
    image->bytes = engine->take(image->size ? image->size : 1);
    if (!image->bytes)
        return PN_FAULT_MEMORY;
    fault = read_whole(image, fd, engine);
    if (fault == PN_FAULT_NONE)
        fault = fault_of_status(postern_rules_open_memory(
            image->bytes, image->size, POSTERN_OPEN_CHECK, &image->rules));
    if (fault == PN_FAULT_NONE || fault == PN_FAULT_DAMAGED || fault == PN_FAULT_NEWER)
        if (fstat(fd, &after) < 0 || !same(&image->st, &after))
            fault = PN_FAULT_BUSY;
    return fault;
}

enum pn_fault
pn_image_read(struct pn_image *image, const struct pn_opened *opened,
              const struct pn_engine *engine)
{
    static const struct timespec step = { .tv_nsec = BUSY_STEP_NS };
    enum pn_fault fault = PN_FAULT_BUSY;

    for (int i = 0; i < BUSY_TRIES && fault == PN_FAULT_BUSY; i++) {
        pn_image_clear(image, engine);
        if (i)
            nanosleep(&step, NULL);
        fault = read_once(image, opened->fd, engine);
    }
    if (fault == PN_FAULT_NONE)
        image->may_hide = may_hide(&image->st);
    else
        pn_image_clear(image, engine);
    return fault;
}

static bool
same_content(const struct pn_image *image, int fd)
{
    char part[COMPARED];

    for (size_t at = 0; at < image->size; at += sizeof(part)) {
        size_t left = image->size - at, size = left < COMPARED ? left : COMPARED;

        if (read_part(fd, part, size, at) != PN_FAULT_NONE ||
            memcmp(part, image->bytes + at, size) != 0)
            return false;
    }
    return true;
}

bool
pn_image_is(struct pn_image *image, const struct pn_opened *opened)
{
    bool hides;

    if (!same(&image->st, &opened->st))
        return false;
    if (!image->may_hide)
        return true;
    hides = may_hide(&image->st); /* asked before the content is read */
    if (!same_content(image, opened->fd))
        return false;
    image->may_hide = hides;
    return true;
}

void
pn_image_clear(struct pn_image *image, const struct pn_engine *engine)
{
    int saved_errno = errno;

    postern_rules_close(image->rules);
    if (image->bytes)
        engine->give(image->bytes);
    *image = (struct pn_image){ .rules = NULL };
    errno = saved_errno;
}
