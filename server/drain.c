/* Half-closed connections on their way out. */
#include "server/drain.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRAIN_MOST = 64, DRAIN_BYTES = 4096, DRAIN_MS = 1000 };

struct srv_drained {
    struct srv_watch watch; /* first: a watch is turned back into its client */
    struct srv_timer timer;
    struct srv_drain *drain;
    size_t read;
};

static void
end(struct srv_drained *drained)
{
    struct srv_drain *drain = drained->drain;

    srv_loop_forget(drain->loop, &drained->watch);
    srv_loop_unset(drain->loop, &drained->timer);
    close(drained->watch.fd);
    drain->count--;
    free(drained);
}

static void
on_readable(struct srv_watch *watch)
{
    struct srv_drained *drained = (struct srv_drained *)watch;
    char bytes[1024];
    ssize_t got = recv(watch->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0)
        drained->read += (size_t)got;
    if (got <= 0 || drained->read >= DRAIN_BYTES)
        end(drained);
}

static void
on_timer(struct srv_timer *timer)
{
    end((struct srv_drained *)((char *)timer - offsetof(struct srv_drained, timer)));
}

void
srv_drain_add(struct srv_drain *drain, int fd, const char *text, size_t size)
{
    struct srv_drained *drained = NULL;

    (void)send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL); /* it is refused anyway */
    (void)shutdown(fd, SHUT_WR);                             /* likewise */
    if (drain->count < DRAIN_MOST)
        drained = calloc(1, sizeof(*drained));
    if (!drained) {
        close(fd);
        return;
    }
    drained->watch = (struct srv_watch){ .ready = on_readable, .fd = fd };
    drained->timer.fire = on_timer;
    drained->drain = drain;
    drain->count++;
    if (!srv_loop_watch(drain->loop, &drained->watch, SRV_READABLE) ||
        !srv_loop_set(drain->loop, &drained->timer,
                      srv_loop_now(drain->loop) + DRAIN_MS))
        end(drained);
}
