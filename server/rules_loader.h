/*
 * Loads rules in a thread, so that a file that is large, or rewritten all the time,
 * does not block the server. One load at a time.
 */
#ifndef SRV_RULES_LOADER_H
#define SRV_RULES_LOADER_H

#include <pthread.h>
#include <stdbool.h>

#include "postern/postern.h"

/* So many hexadecimal digits name a policy in a log that machines read. */
enum { SRV_POLICY_DIGITS = 12 };

/* What a load came to: as of postern_watch_acquire(), with its errno. */
struct srv_loaded {
    const struct postern_rules *rules;
    enum postern_status status;
    int error;
    /* the front of the SHA-256 of the bytes that decide, where it was asked for */
    char policy[SRV_POLICY_DIGITS + 1];
};

struct srv_rules_loader {
    bool in_thread; /* load in a thread; false: the caller waits */
    bool reload; /* load although the file has not changed: memory has been freed for it
                  */
    bool names_policy; /* fill in `policy` */
    struct postern_watch *watch;
    const char *path;
    pthread_t thread;
    bool running;
    struct srv_loaded loaded; /* written by the thread; do not read while it runs */
};

/*
 * Starts a load and waits two milliseconds for its end. Its result is for
 * srv_rules_loader_take(). The watch must not be used while the load runs. Without a
 * thread, the load is done when this returns.
 */
void
srv_rules_loader_start(struct srv_rules_loader *loader);

/* Has the load ended? Then *out is its result. */
bool
srv_rules_loader_take(struct srv_rules_loader *loader, struct srv_loaded *out);

/* Waits for a running load, and frees what it loaded. */
void
srv_rules_loader_clear(struct srv_rules_loader *loader);

#endif
