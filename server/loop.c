/* epoll, and a binary heap of timers. */
#include "server/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server/clock.h"

enum { EVENTS = 64, LONGEST_MS = 60000 };

struct srv_loop {
    int fd;
    int64_t now_ms;
    struct srv_timer **heap; /* from 1: heap[n] fires no later than its children */
    size_t count, capacity;
    struct epoll_event events[EVENTS]; /* of this turn */
    int event_count;
};

struct srv_loop *
srv_loop_new(void)
{
    struct srv_loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return NULL;
    loop->now_ms = srv_now_ms();
    loop->fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->fd < 0) {
        free(loop);
        return NULL;
    }
    return loop;
}

void
srv_loop_free(struct srv_loop *loop)
{
    if (!loop)
        return;
    close(loop->fd);
    free(loop->heap);
    free(loop);
}

bool
srv_loop_watch(struct srv_loop *loop, struct srv_watch *watch, unsigned interest)
{
    struct epoll_event event = { .data.ptr = watch };

    if (interest & SRV_READABLE)
        event.events |= EPOLLIN;
    if (interest & SRV_WRITABLE)
        event.events |= EPOLLOUT;
    if (interest & SRV_HANGUP)
        event.events |= EPOLLRDHUP;
    if (epoll_ctl(loop->fd, watch->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd,
                  &event) < 0)
        return false;
    watch->watched = true;
    return true;
}

void
srv_loop_forget(struct srv_loop *loop, struct srv_watch *watch)
{
    struct epoll_event none = { .events = 0 };

    if (!watch->watched)
        return;
    watch->watched = false;
    (void)epoll_ctl(loop->fd, EPOLL_CTL_DEL, watch->fd, &none); /* it was there */
    /* an event of this turn may still refer to it */
    for (int i = 0; i < loop->event_count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
}

static void
put(struct srv_loop *loop, size_t place, struct srv_timer *timer)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void
heap_sift(struct srv_loop *loop, size_t place, struct srv_timer *timer)
{
    while (place > 1 && loop->heap[place / 2]->at_ms > timer->at_ms) {
        put(loop, place, loop->heap[place / 2]);
        place /= 2;
    }
    for (;;) {
        size_t child = place * 2;

        if (child < loop->count &&
            loop->heap[child + 1]->at_ms < loop->heap[child]->at_ms)
            child++;
        if (child > loop->count || loop->heap[child]->at_ms >= timer->at_ms)
            break;
        put(loop, place, loop->heap[child]);
        place = child;
    }
    put(loop, place, timer);
}

static bool
grow(struct srv_loop *loop)
{
    size_t capacity = loop->capacity ? loop->capacity * 2 : 64;
    struct srv_timer **heap;

    if (loop->count + 1 < loop->capacity)
        return true;
    heap = realloc(loop->heap, capacity * sizeof(struct srv_timer *));
    if (!heap)
        return false;
    loop->heap = heap;
    loop->capacity = capacity;
    return true;
}

bool
srv_loop_set(struct srv_loop *loop, struct srv_timer *timer, int64_t at_ms)
{
    srv_loop_unset(loop, timer);
    if (!grow(loop))
        return false;
    timer->at_ms = at_ms;
    loop->heap[++loop->count] = timer;
    heap_sift(loop, loop->count, timer);
    return true;
}

void
srv_loop_unset(struct srv_loop *loop, struct srv_timer *timer)
{
    struct srv_timer *last;
    size_t place = timer->place;

    if (!place)
        return;
    timer->place = 0;
    last = loop->heap[loop->count--];
    if (last != timer)
        heap_sift(loop, place, last);
}

static int
wait_ms(const struct srv_loop *loop)
{
    int64_t left;

    if (!loop->count)
        return -1;
    left = loop->heap[1]->at_ms - srv_now_ms();
    if (left < 0)
        return 0;
    return left > LONGEST_MS ? LONGEST_MS : (int)left;
}

bool
srv_loop_turn(struct srv_loop *loop)
{
    loop->event_count = epoll_wait(loop->fd, loop->events, EVENTS, wait_ms(loop));
    loop->now_ms = srv_now_ms();
    if (loop->event_count < 0) {
        loop->event_count = 0;
        return errno == EINTR;
    }
    for (int i = 0; i < loop->event_count; i++) {
        struct srv_watch *watch = loop->events[i].data.ptr;

        if (watch)
            watch->ready(watch);
    }
    loop->event_count = 0;
    while (loop->count && loop->heap[1]->at_ms <= loop->now_ms) {
        struct srv_timer *timer = loop->heap[1];

        srv_loop_unset(loop, timer);
        timer->fire(timer);
    }
    return true;
}

int64_t
srv_loop_now(const struct srv_loop *loop)
{
    return loop->now_ms;
}
