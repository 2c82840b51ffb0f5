/*
 * A path whose file may be replaced. The rules in use are counted, so that an old
 * policy lives exactly as long as somebody decides with it.
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

enum { SETTLE_MS = 20, BUSY_MS = 1000, BUSY_STEP_MS = 5, NS_PER_MS = 1000000 };

/* Two files with equal identities are taken for the same file, unchanged. */
struct identity {
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
    enum postern_status status;     /* of the last load */
    int error;                      /* errno of the last load */
    bool exists;                    /* `identity` is known */
    struct identity identity;       /* of what the last load read */
    int64_t settle_ms;              /* read again at this time; 0 when that is done */
    struct generation *generations; /* newest first; older ones have holders */
};

static int64_t
now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

static void
identity_from(struct identity *out, const struct stat *st)
{
    *out = (struct identity){ .device = st->st_dev,
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
same(const struct identity *a, const struct identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(a->modified, b->modified) && same_time(a->changed, b->changed);
}

/*
 * Reads what the path names into *out, with its identity. E_BUSY when the file changed
 * between the looks before and after.
 */
static enum postern_status
load_once(struct postern_watch *watch, struct postern_rules **out)
{
    enum postern_status status = POSTERN_E_IO;
    struct postern_rules *rules = NULL;
    struct identity after;
    struct stat st;
    int saved_errno;
    int fd = open(watch->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    watch->exists = false;
    if (fd < 0) {
        saved_errno = errno;
        watch->exists = saved_errno == EACCES && stat(watch->path, &st) == 0;
        if (watch->exists)
            identity_from(&watch->identity, &st);
        errno = saved_errno;
        return POSTERN_E_IO;
    }
    if (fstat(fd, &st) < 0)
        goto done;
    identity_from(&watch->identity, &st);
    watch->exists = true;
    status = postern_rules_open_fd(fd, watch->flags, &rules);
    saved_errno = errno;
    if (fstat(fd, &st) == 0) {
        identity_from(&after, &st);
        if (!same(&watch->identity, &after))
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

/* Forgets generations that are neither the newest nor held. */
static void
prune(struct postern_watch *watch)
{
    struct generation **link = &watch->generations;

    while (*link) {
        struct generation *generation = *link;

        if (generation->holders || generation == watch->generations) {
            link = &generation->next;
            continue;
        }
        *link = generation->next;
        postern_rules_close(generation->rules);
        free(generation);
    }
}

/*
 * A file changed within the clock's grain of being read may change again and look the
 * same. Times of files are of the wall clock, so that is what tells its age.
 */
static void
settle_plan(struct postern_watch *watch, bool again)
{
    int64_t changed = (int64_t)watch->identity.changed.tv_sec * 1000 +
                      watch->identity.changed.tv_nsec / NS_PER_MS;
    int64_t age = now_ms(CLOCK_REALTIME) - changed;

    watch->settle_ms = 0;
    if (watch->exists && !again && age >= 0 && age < SETTLE_MS)
        watch->settle_ms = now_ms(CLOCK_MONOTONIC) + SETTLE_MS;
}

static enum postern_status
load(struct postern_watch *watch)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    bool again = watch->settle_ms != 0;

    if (!generation) {
        watch->exists = false; /* so that the next call tries again */
        return watch->status = POSTERN_E_NOMEM;
    }
    watch->status = load_settled(watch, &generation->rules);
    watch->error = errno;
    settle_plan(watch, again);
    if (watch->status == POSTERN_E_BUSY || watch->status == POSTERN_E_NOMEM)
        watch->exists = false;
    if (watch->status == POSTERN_OK) {
        generation->next = watch->generations;
        watch->generations = generation;
    } else {
        free(generation);
    }
    prune(watch);
    return watch->status;
}

/*
 * Must the file be read again? One stat. A path that named nothing, and still does not,
 * for the same reason, need not.
 */
static bool
changed(const struct postern_watch *watch)
{
    struct identity identity;
    struct stat st;

    if (stat(watch->path, &st) < 0)
        return watch->exists || watch->status != POSTERN_E_IO || errno != watch->error;
    if (!watch->exists)
        return true;
    identity_from(&identity, &st);
    if (!same(&identity, &watch->identity))
        return true;
    return watch->settle_ms && now_ms(CLOCK_MONOTONIC) >= watch->settle_ms;
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
    (void)load(watch); /* acquire tells how it went */
    *out = watch;
    return POSTERN_OK;
}

bool
postern_watch_changed(struct postern_watch *watch)
{
    bool answer;

    pthread_mutex_lock(&watch->lock);
    answer = changed(watch);
    pthread_mutex_unlock(&watch->lock);
    return answer;
}

enum postern_status
postern_watch_acquire(struct postern_watch *watch, const struct postern_rules **out)
{
    enum postern_status status;
    int error;

    pthread_mutex_lock(&watch->lock);
    status = changed(watch) ? load(watch) : watch->status;
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
    prune(watch);
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
