/*
 * A load of rules in a thread of its own: a file that is large, that grows, or that is
 * changed again and again, is read while the server goes on. One load at a time.
 */
#ifndef SRV_RULES_LOADER_H
#define SRV_RULES_LOADER_H

#include <pthread.h>
#include <stdbool.h>

#include "postern/postern.h"

/* What a load came to: as of postern_watch_acquire(), with its errno. */
struct srv_loaded {
    const struct postern_rules *rules;
    enum postern_status status;
    int error;
};

struct srv_rules_loader {
    bool in_thread; /* in a thread, else while the caller waits */
    bool reload;    /* the file has not changed, but there is more memory for it */
    struct postern_watch *watch;
    const char *path;
    pthread_t thread;
    bool running;
    struct srv_loaded loaded; /* the thread's, while it runs */
};

/*
 * Begins a load, for srv_rules_loader_take(), and waits for it for two milliseconds at
 * most. While it runs nobody may use the watch. Where no thread is to be had it is done
 * when this returns.
 */
void
srv_rules_loader_start(struct srv_rules_loader *loader);

/* Whether a load has ended that was begun, and then what it came to. */
bool
srv_rules_loader_take(struct srv_rules_loader *loader, struct srv_loaded *out);

/* Waits for what runs yet. */
void
srv_rules_loader_clear(struct srv_rules_loader *loader);

#endif
