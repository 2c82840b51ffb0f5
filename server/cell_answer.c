/* The process that looks up: the same look-ups on a loop of its own, without rights. */
#define _GNU_SOURCE
#include "server/cell_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/cell_batch.h"
#include "server/cell_confine.h"
#include "server/cell_message.h"
#include "server/lookup.h"

enum { SOCKETS_MOST = 4096 };

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
    struct srv_timer turn_end;
    struct srv_dns_budget budget;
    struct srv_cell_reply replies[SRV_CELL_BATCH]; /* of this turn */
    size_t told;
    struct job **jobs; /* by place; NULL where there is none */
    size_t place_count;
};

/* Waits where the server does not read: it has asked, and will. */
static void
replies_send(struct cell *cell)
{
    struct srv_cell_batch batch;
    size_t done = 0;

    srv_cell_batch_of(&batch, cell->replies, sizeof(*cell->replies), cell->told);
    while (done < cell->told) {
        int sent = sendmmsg(cell->channel.fd, batch.messages + done,
                            (unsigned)(cell->told - done), MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            _exit(1);
        done += sent > 0 ? (size_t)sent : 0;
    }
    cell->told = 0;
}

static void
on_turn_end(struct srv_timer *timer)
{
    replies_send(timer->owner);
}

/* What is told in a turn of the loop goes together: each message wakes the server. */
static struct srv_cell_reply *
reply_begin(struct cell *cell)
{
    if (cell->told == SRV_CELL_BATCH)
        replies_send(cell);
    memset(&cell->replies[cell->told], 0, sizeof(*cell->replies));
    return &cell->replies[cell->told];
}

static void
reply_end(struct cell *cell)
{
    cell->told++;
    if (!srv_loop_set(cell->loop, &cell->turn_end, srv_loop_now(cell->loop)))
        replies_send(cell);
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
    struct srv_cell_reply *reply = reply_begin(job->cell);

    srv_cell_reply_of(lookup, reply);
    reply->place = job->place;
    reply->round = job->round;
    reply_end(job->cell);
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
refuse(struct cell *cell, const struct srv_cell_request *request)
{
    struct srv_cell_reply *reply = reply_begin(cell);

    reply->kind = SRV_CELL_ANSWER;
    reply->place = request->place;
    reply->round = request->round;
    reply->unanswered = true;
    reply_end(cell);
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
    struct srv_cell_request requests[SRV_CELL_BATCH];
    struct srv_cell_batch batch;
    int count;

    srv_cell_batch_of(&batch, requests, sizeof(*requests), SRV_CELL_BATCH);
    count = recvmmsg(watch->fd, batch.messages, SRV_CELL_BATCH, MSG_DONTWAIT, NULL);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        _exit(1);
    for (int i = 0; i < count; i++) {
        if (batch.messages[i].msg_len != sizeof(requests[i]))
            _exit(0); /* the server has gone */
        request_take(cell, &requests[i]);
    }
}

void
srv_cell_answer(int channel)
{
    struct cell *cell = calloc(1, sizeof(*cell)); /* a server has no room for it */
    struct srv_cell_reply *begun;

    if (!cell)
        _exit(1);
    cell->budget.most = SOCKETS_MOST;
    cell->loop = srv_loop_new();
    if (cell->loop)
        cell->resolver =
            srv_resolver_new(cell->loop, getenv("DNSCACHEIP"), &cell->budget);
    if (!cell->resolver)
        _exit(1);
    srv_resolver_use(cell->resolver); /* until it goes with the process */
    cell->channel =
        (struct srv_watch){ .ready = on_channel, .fd = channel, .owner = cell };
    if (!srv_loop_watch(cell->loop, &cell->channel, SRV_READABLE))
        _exit(1);
    cell->turn_end = (struct srv_timer){ .fire = on_turn_end, .owner = cell };
    begun = reply_begin(cell);
    begun->kind = SRV_CELL_BEGUN;
    begun->held = srv_cell_confine();
    cell->told++;
    replies_send(cell);
    while (srv_loop_turn(cell->loop))
        continue;
    _exit(1);
}
