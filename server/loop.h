/*
 * The event loop: descriptors by epoll(7), timers on the monotonic clock. One thread.
 * It knows nothing of what is watched.
 */
#ifndef SRV_LOOP_H
#define SRV_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A watched descriptor. The owner embeds it and keeps it until it is forgotten. */
struct srv_watch {
    void (*ready)(struct srv_watch *watch);
    int fd;
    bool watched;
    void *owner; /* for `ready` */
};

/*
 * A timer. The owner embeds it and keeps it until it has fired or is unset. `place` is
 * its index in the heap, 0 while it is not set.
 */
struct srv_timer {
    void (*fire)(struct srv_timer *timer);
    int64_t at_ms;
    size_t place;
    void *owner; /* for `fire` */
};

/* HANGUP: the peer has closed its sending side. Errors are reported in any case. */
enum srv_interest { SRV_READABLE = 1, SRV_WRITABLE = 2, SRV_HANGUP = 4 };

struct srv_loop;

/* NULL with errno set when the system refuses. */
struct srv_loop *
srv_loop_new(void);

void
srv_loop_free(struct srv_loop *loop);

/* Waits for `interest` from now on; may be called again to change it. False: errno. */
bool
srv_loop_watch(struct srv_loop *loop, struct srv_watch *watch, unsigned interest);

/* Before the descriptor is closed. One that is not watched is fine. */
void
srv_loop_forget(struct srv_loop *loop, struct srv_watch *watch);

/* Sets or moves a timer; false when there is no memory. */
bool
srv_loop_set(struct srv_loop *loop, struct srv_timer *timer, int64_t at_ms);

void
srv_loop_unset(struct srv_loop *loop, struct srv_timer *timer);

/* Waits for events and calls their owners. False with errno set on failure. */
bool
srv_loop_turn(struct srv_loop *loop);

/* The time at the beginning of this turn. */
int64_t
srv_loop_now(const struct srv_loop *loop);

#endif
