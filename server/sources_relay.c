/* A pair of UNIX sockets keeps the bounds and the order of datagrams, and loses none.
 */
#include "server/sources_relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWERS_AT_ONCE = 16 };

/* The largest that UDP takes: over IPv6. */
enum { ANSWER_MOST = 65527 };

struct srv_queued {
    struct srv_queued *next;
    size_t size;
    char bytes[];
};

void
srv_relay_init(struct srv_relay *relay, size_t *all)
{
    *relay = (struct srv_relay){ .ours = -1, .programs = -1, .all = all };
    relay->end = &relay->first;
}

bool
srv_relay_open(struct srv_relay *relay)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    relay->ours = ends[0];
    relay->programs = ends[1];
    relay->delivered = 0;
    return true;
}

void
srv_relay_close(struct srv_relay *relay)
{
    if (relay->ours >= 0)
        close(relay->ours);
    if (relay->programs >= 0)
        close(relay->programs);
    relay->ours = relay->programs = -1;
}

static size_t
cost_of(size_t size)
{
    return sizeof(struct srv_queued) + size;
}

static struct srv_queued *
queued_new(const void *bytes, size_t size)
{
    struct srv_queued *queued = malloc(cost_of(size));

    if (!queued)
        return NULL;
    queued->next = NULL;
    queued->size = size;
    memcpy(queued->bytes, bytes, size);
    return queued;
}

static void
first_remove(struct srv_relay *relay)
{
    struct srv_queued *queued = relay->first;

    relay->first = queued->next;
    if (!relay->first)
        relay->end = &relay->first;
    relay->bytes -= cost_of(queued->size);
    *relay->all -= cost_of(queued->size);
    free(queued);
}

void
srv_relay_clear(struct srv_relay *relay)
{
    srv_relay_close(relay);
    while (relay->first)
        first_remove(relay);
    free(relay->answer);
    relay->answer = NULL;
}

bool
srv_relay_add(struct srv_relay *relay, const void *bytes, size_t size)
{
    size_t cost = cost_of(size);
    struct srv_queued *queued;

    if (relay->bytes + cost > SRV_RELAY_QUEUE_MOST ||
        *relay->all + cost > SRV_RELAY_QUEUES_MOST)
        return false;
    queued = queued_new(bytes, size);
    if (!queued)
        return false;
    *relay->end = queued;
    relay->end = &queued->next;
    relay->bytes += cost;
    *relay->all += cost;
    return true;
}

bool
srv_relay_deliver(struct srv_relay *relay)
{
    while (relay->first) {
        const struct srv_queued *queued = relay->first;

        if (send(relay->ours, queued->bytes, queued->size,
                 MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            if (errno != EMSGSIZE) /* no room, or no memory, for now */
                return false;
        } else {
            relay->delivered++;
        }
        first_remove(relay);
    }
    return true;
}

/* False when the kernel has no room for it now; any other fault is that of a net. */
static bool
answer_send(const struct srv_relay_way *way, const void *bytes, size_t size)
{
    return srv_datagram_answer(way->fd, way->family, &way->ends, bytes, size) ||
           (errno != EAGAIN && errno != ENOBUFS);
}

enum srv_relayed
srv_relay_answer(struct srv_relay *relay, const struct srv_relay_way *way)
{
    if (relay->answer) {
        if (!answer_send(way, relay->answer->bytes, relay->answer->size))
            return SRV_RELAYED_FULL;
        free(relay->answer);
        relay->answer = NULL;
    }
    for (int i = 0; i < ANSWERS_AT_ONCE; i++) {
        ssize_t got =
            recv(relay->ours, way->room, SRV_DATAGRAM_MOST, MSG_DONTWAIT | MSG_TRUNC);

        if (got < 0)
            return SRV_RELAYED_ALL;
        if (got > ANSWER_MOST || answer_send(way, way->room, (size_t)got))
            continue;
        relay->answer = queued_new(way->room, (size_t)got);
        if (relay->answer) /* without memory it is lost, as any may be on its way */
            return SRV_RELAYED_FULL;
    }
    return SRV_RELAYED_SOME;
}

bool
srv_relay_recover(struct srv_relay *relay, void *room)
{
    struct srv_queued *first = NULL, **end = &first;
    size_t count = 0;

    for (;;) {
        ssize_t got = recv(relay->programs, room, SRV_DATAGRAM_MOST, MSG_DONTWAIT);
        struct srv_queued *queued;

        if (got < 0)
            break;
        count++;
        queued = queued_new(room, (size_t)got);
        if (!queued)
            continue;
        *end = queued;
        end = &queued->next;
        relay->bytes += cost_of((size_t)got);
        *relay->all += cost_of((size_t)got);
    }
    if (first) {
        *end = relay->first;
        if (!relay->first)
            relay->end = end;
        relay->first = first;
    }
    return count < relay->delivered || !count;
}
