/*
 * A path whose file may be replaced. Holders of rules are counted, so that old rules
 * live exactly as long as they are used. Times of files are rounded, to a tick of the
 * kernel or on some file systems to a second or two. A second change within that
 * interval changes only the content. So a file that was new when it was read is
 * compared with what was read, until its times can no longer hide a change.
 */
#include "postern/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/store.h"

enum { CHECK_MS = 20, BUSY_MS = 1000, BUSY_STEP_MS = 5, NS_PER_MS = 1000000 };
enum { RETRY_MOST_MS = 1000 };
enum { COMPARE_SIZE = 16 * 1024 };

/* Two files with equal identities are taken for the same file, unchanged. */
struct file_identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

struct generation {
    struct postern_rules *rules;
    struct generation *next;
    size_t holders;
};

struct postern_watch {
    pthread_mutex_t lock;
    char *path;
    uint32_t flags;
    enum postern_status status;         /* of the last load */
    int error;                          /* errno of the last load */
    bool exists;                        /* `file_identity` is known */
    struct file_identity file_identity; /* of what the last load read */
    int64_t check_ms; /* compare the content, or after a shortage load it, at this time;
                        0 for never */
    int64_t step_ms;  /* interval since the check before that one */
    int64_t settled_ms; /* from this time on, a change also changes the file's times */
    struct generation *generations; /* newest first; older ones are still held */
};

static int64_t
now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

static void
identity_from(struct file_identity *out, const struct stat *st)
{
    *out = (struct file_identity){ .device = st->st_dev,
                                   .inode = st->st_ino,
                                   .size = st->st_size,
                                   .modified = st->st_mtim,
                                   .changed = st->st_ctim };
}

static bool
same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same(const struct file_identity *a, const struct file_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(a->modified, b->modified) && same_time(a->changed, b->changed);
}

/*
 * The identity of the file at the path, without opening it; false with errno set when
 * there is none.
 */
static bool
look(struct postern_watch *watch)
{
    struct stat st;

    watch->exists = stat(watch->path, &st) == 0;
    if (watch->exists)
        identity_from(&watch->file_identity, &st);
    return watch->exists;
}

/*
 * Loads the file at the path into *out, with its identity. E_BUSY when the file changed
 * while it was read.
 */
static enum postern_status
load_once(struct postern_watch *watch, struct postern_rules **out)
{
    enum postern_status status = POSTERN_E_IO;
    struct postern_rules *rules = NULL;
    struct file_identity after;
    struct stat st;
    int saved_errno;
    int fd = open(watch->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    watch->exists = false;
    if (fd < 0) {
        saved_errno = errno;
        if (look(watch))
            errno =
                saved_errno; /* otherwise it is missing, which outranks a shortage */
        return POSTERN_E_IO;
    }
    if (fstat(fd, &st) < 0)
        goto done;
    identity_from(&watch->file_identity, &st);
    watch->exists = true;
    status = postern_rules_open_fd(fd, watch->flags, &rules);
    saved_errno = errno;
    if (fstat(fd, &st) == 0) {
        identity_from(&after, &st);
        if (!same(&watch->file_identity, &after))
            status = POSTERN_E_BUSY;
    }
    errno = saved_errno;
    if (status == POSTERN_OK) {
        *out = rules;
        rules = NULL; /* the caller's now */
    }
done:
    postern_rules_close(rules);
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return status;
}

static enum postern_status
load_settled(struct postern_watch *watch, struct postern_rules **out)
{
    static const struct timespec step = { .tv_nsec = (long)BUSY_STEP_MS * NS_PER_MS };
    int64_t give_up = now_ms(CLOCK_MONOTONIC) + BUSY_MS;
    enum postern_status status;

    while ((status = load_once(watch, out)) == POSTERN_E_BUSY &&
           now_ms(CLOCK_MONOTONIC) < give_up)
        nanosleep(&step, NULL);
    return status;
}

/* Frees generations without holders, except `kept`, which may be NULL. */
static void
prune(struct postern_watch *watch, const struct generation *kept)
{
    struct generation **link = &watch->generations;

    while (*link) {
        struct generation *generation = *link;

        if (generation->holders || generation == kept) {
            link = &generation->next;
            continue;
        }
        *link = generation->next;
        postern_rules_close(generation->rules);
        free(generation);
    }
}

/*
 * How long a file's time may stay the same while the file changes: two seconds for FAT,
 * one for file systems with times in seconds, a tick of the kernel, at most 10 ms, for
 * others. A fine-grained time that happens to be round costs a few more checks.
 */
static int64_t
grain_ms(struct timespec time)
{
    static const struct {
        long multiple_ns;
        int64_t ms;
    } grains[] = {
        { 1000000000, 2000 + CHECK_MS },
        { 100000000, 100 + CHECK_MS },
        { 10000000, 10 + CHECK_MS },
    };

    for (size_t i = 0; i < sizeof(grains) / sizeof(grains[0]); i++)
        if (time.tv_nsec % grains[i].multiple_ns == 0)
            return grains[i].ms;
    return CHECK_MS;
}

/*
 * For how long from now this time may hide a change. Its age is measured on the wall
 * clock, as file times are; a time in the future has no known age.
 */
static int64_t
hides_ms(struct timespec time)
{
    int64_t age = now_ms(CLOCK_REALTIME) -
                  ((int64_t)time.tv_sec * 1000 + time.tv_nsec / NS_PER_MS);

    return grain_ms(time) - (age > 0 ? age : 0);
}

/*
 * Did the last load fail for a reason that may pass although the file stays the same:
 * memory, descriptors, an I/O error, or constant changes?
 */
static bool
is_shortage(const struct postern_watch *watch)
{
    if (watch->status == POSTERN_E_IO)
        return watch->exists && watch->error != EACCES;
    return watch->status == POSTERN_E_BUSY || watch->status == POSTERN_E_NOMEM;
}

/* After a shortage, the next check is a load. The interval grows each time. */
static void
checks_plan(struct postern_watch *watch, bool was_short)
{
    int64_t modified = hides_ms(watch->file_identity.modified);
    int64_t changed = hides_ms(watch->file_identity.changed);
    int64_t hides = modified > changed ? modified : changed;
    int64_t now = now_ms(CLOCK_MONOTONIC);

    bool is_short = is_shortage(watch);

    watch->step_ms = was_short && is_short ? watch->step_ms * 2 : CHECK_MS;
    if (watch->step_ms > RETRY_MOST_MS)
        watch->step_ms = RETRY_MOST_MS;
    watch->check_ms =
        is_short || (watch->exists && hides > 0) ? now + watch->step_ms : 0;
    watch->settled_ms = now + hides;
}

/*
 * A check has found no change. Each interval is twice the last, so that there are few.
 */
static void
checks_continue(struct postern_watch *watch)
{
    int64_t now = now_ms(CLOCK_MONOTONIC);

    watch->step_ms *= 2;
    watch->check_ms = now < watch->settled_ms ? now + watch->step_ms : 0;
}

/* Does the file still have these bytes and this identity? */
static bool
has_content(int fd, const struct postern_watch *watch, const char *bytes, size_t size)
{
    char buffer[COMPARE_SIZE];
    struct file_identity file_identity;
    struct stat st;
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, buffer, sizeof(buffer));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || (size_t)got > size - done ||
            memcmp(bytes + done, buffer, (size_t)got) != 0)
            return false;
        done += (size_t)got;
    }
    if (fstat(fd, &st) < 0)
        return false;
    identity_from(&file_identity, &st);
    return same(&file_identity, &watch->file_identity);
}

/*
 * Is the file still what was read? Only a copy can be compared: a mapped file, or one
 * that could not be used, is loaded again.
 */
static bool
content_is_same(const struct postern_watch *watch)
{
    const struct postern_rules *rules;
    bool answer;
    int fd;

    if (watch->status != POSTERN_OK)
        return false;
    rules = watch->generations->rules;
    if (!pn_store_is_copy(rules))
        return false;
    fd = open(watch->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    answer = has_content(fd, watch, rules->owned, rules->size);
    close(fd);
    return answer;
}

/*
 * The old rules will not be handed out again, whatever the result of this load. If they
 * have no holders, they are freed first.
 */
static enum postern_status
load(struct postern_watch *watch)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    bool was_short = is_shortage(watch);

    prune(watch, NULL);
    if (generation)
        watch->status = load_settled(watch, &generation->rules);
    else
        watch->status = look(watch) ? POSTERN_E_NOMEM : POSTERN_E_IO;
    watch->error = errno;
    checks_plan(watch, was_short);
    if (watch->status == POSTERN_OK) {
        generation->next = watch->generations;
        watch->generations = generation;
    } else {
        free(generation);
    }
    return watch->status;
}

enum change {
    CHANGE_NONE,
    CHANGE_DUE, /* no change is visible, but the file's times could hide one */
    CHANGE_SEEN
};

/*
 * Costs one stat(2). A path without a file, before and now for the same reason, has not
 * changed.
 */
static enum change
change_of(const struct postern_watch *watch)
{
    struct file_identity file_identity;
    struct stat st;

    if (stat(watch->path, &st) < 0)
        return watch->exists || watch->status != POSTERN_E_IO || errno != watch->error
                   ? CHANGE_SEEN
                   : CHANGE_NONE;
    if (!watch->exists)
        return CHANGE_SEEN;
    identity_from(&file_identity, &st);
    if (!same(&file_identity, &watch->file_identity))
        return CHANGE_SEEN;
    return watch->check_ms && now_ms(CLOCK_MONOTONIC) >= watch->check_ms ? CHANGE_DUE
                                                                         : CHANGE_NONE;
}

/*
 * Brings the newest generation up to date. A check that finds no change keeps it; after
 * a load the file counts as new again.
 */
static enum postern_status
follow(struct postern_watch *watch)
{
    enum change change = change_of(watch);

    if (change == CHANGE_DUE && content_is_same(watch)) {
        checks_continue(watch);
        change = CHANGE_NONE;
    }
    return change == CHANGE_NONE ? watch->status : load(watch);
}

enum postern_status
postern_watch_open(const char *path, uint32_t flags, struct postern_watch **out)
{
    struct postern_watch *watch;

    if (flags & ~((uint32_t)POSTERN_OPEN_COPY | (uint32_t)POSTERN_OPEN_CHECK))
        return POSTERN_E_ARG;
    watch = calloc(1, sizeof(*watch));
    if (!watch)
        return POSTERN_E_NOMEM;
    watch->path = strdup(path);
    if (!watch->path || pthread_mutex_init(&watch->lock, NULL) != 0) {
        free(watch->path);
        free(watch);
        return POSTERN_E_NOMEM;
    }
    watch->flags = flags;
    (void)load(watch); /* postern_watch_acquire() returns the status */
    *out = watch;
    return POSTERN_OK;
}

bool
postern_watch_changed(struct postern_watch *watch)
{
    bool answer;

    pthread_mutex_lock(&watch->lock);
    answer = change_of(watch) != CHANGE_NONE;
    pthread_mutex_unlock(&watch->lock);
    return answer;
}

int64_t
postern_watch_due_ms(struct postern_watch *watch)
{
    int64_t answer = -1;

    pthread_mutex_lock(&watch->lock);
    if (watch->check_ms) {
        answer = watch->check_ms - now_ms(CLOCK_MONOTONIC);
        if (answer < 0)
            answer = 0;
    }
    pthread_mutex_unlock(&watch->lock);
    return answer;
}

enum postern_status
postern_watch_acquire(struct postern_watch *watch, const struct postern_rules **out)
{
    enum postern_status status;
    int error;

    pthread_mutex_lock(&watch->lock);
    status = follow(watch);
    error = watch->error;
    if (status == POSTERN_OK) {
        watch->generations->holders++;
        *out = watch->generations->rules;
    }
    pthread_mutex_unlock(&watch->lock);
    errno = error;
    return status;
}

void
postern_watch_release(struct postern_watch *watch, const struct postern_rules *rules)
{
    pthread_mutex_lock(&watch->lock);
    for (struct generation *g = watch->generations; g; g = g->next)
        if (g->rules == rules && g->holders)
            g->holders--;
    prune(watch, watch->status == POSTERN_OK ? watch->generations : NULL);
    pthread_mutex_unlock(&watch->lock);
}

enum postern_status
postern_watch_reload(struct postern_watch *watch)
{
    enum postern_status status;
    int error;

    pthread_mutex_lock(&watch->lock);
    status = load(watch);
    error = watch->error;
    pthread_mutex_unlock(&watch->lock);
    errno = error;
    return status;
}

void
postern_watch_close(struct postern_watch *watch)
{
    int saved_errno = errno;

    if (!watch)
        return;
    while (watch->generations) {
        struct generation *next = watch->generations->next;

        postern_rules_close(watch->generations->rules);
        free(watch->generations);
        watch->generations = next;
    }
    pthread_mutex_destroy(&watch->lock);
    free(watch->path);
    free(watch);
    errno = saved_errno;
}
