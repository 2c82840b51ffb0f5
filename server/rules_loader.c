/* A thread a load: loads are rare, and a thread that waits costs memory. */
#define _GNU_SOURCE /* pthread_clockjoin_np */
#include "server/rules_loader.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "base/sha256.h"

/* A larger file is no rules file, and could exhaust the memory of the machine. */
enum { SIZE_MOST_MIB = 1024 };

/* Most loads take less than this, and the loop waits for them. */
enum { STACK_SIZE = 64 * 1024, PATIENCE_NS = 2000000, SECOND_NS = 1000000000 };

static bool
is_too_large(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           st.st_size > (off_t)SIZE_MOST_MIB * 1024 * 1024;
}

/* Of the bytes in memory, not of the file, which may be another by now. */
static void
policy_name(const struct postern_rules *rules, char name[SRV_POLICY_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    struct postern_str image = postern_rules_image(rules);
    uint8_t digest[PN_SHA256_SIZE];

    pn_sha256(image.ptr, image.len, digest);
    for (size_t i = 0; i < SRV_POLICY_DIGITS; i++)
        name[i] = digits[i % 2 ? digest[i / 2] & 15 : digest[i / 2] >> 4];
    name[SRV_POLICY_DIGITS] = '\0';
}

static struct srv_loaded
load(const struct srv_rules_loader *loader)
{
    struct srv_loaded loaded = { .rules = NULL };

    if (is_too_large(loader->path)) {
        loaded.status = POSTERN_E_IO;
        loaded.error = EFBIG;
        return loaded;
    }
    if (loader->reload)
        (void)postern_watch_reload(
            loader->watch); /* postern_watch_acquire() returns the result */
    loaded.status = postern_watch_acquire(loader->watch, &loaded.rules);
    loaded.error = errno;
    if (loaded.status == POSTERN_OK && loader->names_policy)
        policy_name(loaded.rules, loaded.policy);
    return loaded;
}

static void *
run(void *payload)
{
    struct srv_rules_loader *loader = payload;

    loader->loaded = load(loader);
    return NULL;
}

static bool
thread_start(struct srv_rules_loader *loader)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    bool started;

    if (!loader->in_thread || pthread_attr_init(&attributes) != 0)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all,
                    &before); /* signals are delivered to the main thread */
    started = pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0 &&
              pthread_create(&loader->thread, &attributes, run, loader) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

static struct timespec
wait_deadline(void)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PATIENCE_NS;
    if (until.tv_nsec >= SECOND_NS) {
        until.tv_nsec -= SECOND_NS;
        until.tv_sec++;
    }
    return until;
}

void
srv_rules_loader_start(struct srv_rules_loader *loader)
{
    struct timespec until;

    loader->running = thread_start(loader);
    if (!loader->running) {
        loader->loaded = load(loader);
        return;
    }
    until = wait_deadline();
    loader->running =
        pthread_clockjoin_np(loader->thread, NULL, CLOCK_MONOTONIC, &until) != 0;
}

bool
srv_rules_loader_take(struct srv_rules_loader *loader, struct srv_loaded *out)
{
    if (loader->running && pthread_tryjoin_np(loader->thread, NULL) != 0)
        return false;
    loader->running = false;
    *out = loader->loaded;
    return true;
}

void
srv_rules_loader_clear(struct srv_rules_loader *loader)
{
    if (!loader->running)
        return;
    pthread_join(loader->thread, NULL);
    loader->running = false;
    if (loader->loaded.status == POSTERN_OK)
        postern_watch_release(loader->watch, loader->loaded.rules);
}
