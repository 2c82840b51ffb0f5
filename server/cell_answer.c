/* The process that looks up: the same look-ups on a loop of its own, without rights. */
#include "server/cell_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/cell_confine.h"
#include "server/cell_message.h"
#include "server/lookup.h"

enum { AT_ONCE = 16, SOCKETS_MOST = 4096 };

struct cell;

/* A request under way. */
struct job {
    struct cell *cell;
    struct srv_lookup *lookup;
    uint32_t place, round;
};

struct cell {
    struct srv_loop *loop;
    struct srv_resolver *resolver;
    struct srv_watch channel;
    struct srv_dns_budget budget;
    struct job **jobs; /* by place; NULL where there is none */
    size_t place_count;
};

/* Waits where the server does not read: it has asked, and will. */
static void
reply_send(const struct cell *cell, const struct srv_cell_reply *reply)
{
    while (send(cell->channel.fd, reply, sizeof(*reply), MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            _exit(1);
}

static void
job_end(struct job *job)
{
    job->cell->jobs[job->place] = NULL;
    srv_lookup_free(job->lookup);
    free(job);
}

static void
on_done(struct srv_lookup *lookup)
{
    struct job *job = lookup->owner;
    struct srv_cell_reply reply;

    srv_cell_reply_of(lookup, &reply);
    reply.place = job->place;
    reply.round = job->round;
    reply_send(job->cell, &reply);
    job_end(job);
}

static bool
places_grow(struct cell *cell, uint32_t place)
{
    size_t count = cell->place_count ? cell->place_count : 64;
    struct job **jobs;

    while (count <= place)
        count *= 2;
    if (count == cell->place_count)
        return true;
    jobs = realloc(cell->jobs, count * sizeof(*jobs));
    if (!jobs)
        return false;
    memset(jobs + cell->place_count, 0, (count - cell->place_count) * sizeof(*jobs));
    cell->jobs = jobs;
    cell->place_count = count;
    return true;
}

/* What cannot begin is answered as what nobody has answered. */
static void
refuse(const struct cell *cell, const struct srv_cell_request *request)
{
    struct srv_cell_reply reply;

    memset(&reply, 0, sizeof(reply));
    reply.kind = SRV_CELL_ANSWER;
    reply.place = request->place;
    reply.round = request->round;
    reply.unanswered = true;
    reply_send(cell, &reply);
}

static void
job_begin(struct cell *cell, const struct srv_cell_request *request)
{
    struct srv_client client = { .fd = -1,
                                 .remote = request->remote,
                                 .local = request->local };
    struct job *job = calloc(1, sizeof(*job));
    struct srv_lookup_plan plan = { .work = request->work,
                                    .ident_ms = request->ident_ms,
                                    .loop = cell->loop,
                                    .resolver = cell->resolver,
                                    .done = on_done,
                                    .owner = job };

    if (!job) {
        refuse(cell, request);
        return;
    }
    *job = (struct job){ cell, NULL, request->place, request->round };
    cell->jobs[request->place] = job;
    plan.out = &job->lookup;
    srv_resolver_use(cell->resolver);
    if (!srv_lookup_begin(&client, &plan)) {
        cell->jobs[request->place] = NULL;
        free(job);
        refuse(cell, request);
    }
}

static void
request_take(struct cell *cell, const struct srv_cell_request *request)
{
    struct job *job;

    if (!places_grow(cell, request->place)) {
        refuse(cell, request);
        return;
    }
    job = cell->jobs[request->place];
    if (job)
        job_end(job); /* nobody waits for it any more */
    if (request->work)
        job_begin(cell, request);
}

static void
on_channel(struct srv_watch *watch)
{
    struct cell *cell = watch->owner;
    struct srv_cell_request request;

    for (unsigned i = 0; i < AT_ONCE; i++) {
        ssize_t got = recv(watch->fd, &request, sizeof(request), MSG_DONTWAIT);

        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got != (ssize_t)sizeof(request))
            _exit(0); /* the server has gone */
        request_take(cell, &request);
    }
}

void
srv_cell_answer(int channel)
{
    static struct cell cell = { .budget = { 0, SOCKETS_MOST } };
    struct srv_cell_reply begun;

    cell.loop = srv_loop_new();
    if (cell.loop)
        cell.resolver = srv_resolver_new(cell.loop, getenv("DNSCACHEIP"), &cell.budget);
    if (!cell.resolver)
        _exit(1);
    srv_resolver_use(cell.resolver); /* until it goes with the process */
    cell.channel =
        (struct srv_watch){ .ready = on_channel, .fd = channel, .owner = &cell };
    if (!srv_loop_watch(cell.loop, &cell.channel, SRV_READABLE))
        _exit(1);
    memset(&begun, 0, sizeof(begun));
    begun.kind = SRV_CELL_BEGUN;
    begun.held = srv_cell_confine();
    reply_send(&cell, &begun);
    while (srv_loop_turn(cell.loop))
        continue;
    _exit(1);
}
