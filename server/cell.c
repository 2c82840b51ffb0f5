/* A channel of datagrams, and a table of what was asked over it. */
#define _GNU_SOURCE
#include "server/cell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/cell_batch.h"
#include "server/cell_message.h"

enum { AT_ONCE = 4, TOGETHER = 8 };

struct srv_cell_slot {
    struct srv_cell_question question;
    uint32_t round;
    bool is_open, unsent;
};

static struct timespec
file_time(void)
{
    struct stat file;

    return stat("/etc/resolv.conf", &file) == 0 ? file.st_mtim
                                                : (struct timespec){ 0, 0 };
}

bool
srv_cell_fork(struct srv_cell *cell, bool follows_file, srv_cell_work_fn work)
{
    int channels[2] = { -1, -1 }, controls[2] = { -1, -1 };
    pid_t child = -1;

    cell->follows_file = follows_file;
    cell->file_changed = file_time();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channels) == 0 &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, controls) == 0)
        child = fork();
    if (child == 0)
        srv_cell_master(channels[1], controls[1], work);
    if (channels[1] >= 0)
        close(channels[1]);
    if (controls[1] >= 0)
        close(controls[1]);
    cell->channel = channels[0];
    cell->control = controls[0];
    return child > 0;
}

/* It may ask again meanwhile, which moves the table. */
static void
slot_answer(struct srv_cell *cell, size_t place, const struct srv_cell_reply *reply)
{
    const struct srv_cell_question question = cell->slots[place].question;

    cell->slots[place].is_open = false;
    question.answer(question.owner, reply);
}

/* What is open and was sent is answered as if nobody had answered it; or is sent anew.
 */
static void
sent_end(struct srv_cell *cell)
{
    const struct srv_cell_reply nothing = { .kind = SRV_CELL_ANSWER,
                                            .unanswered = true };

    for (size_t i = 0; i < cell->slot_count; i++) {
        struct srv_cell_slot *slot = &cell->slots[i];

        if (!slot->is_open || slot->unsent)
            continue;
        if (cell->is_asked_anew) {
            slot->unsent = true;
            cell->unsent++;
        } else {
            slot_answer(cell, i, &nothing);
        }
    }
}

static void
gone(struct srv_cell *cell)
{
    srv_loop_forget(cell->loop, &cell->watch);
    srv_loop_unset(cell->loop, &cell->turn_end);
    close(cell->channel);
    close(cell->control);
    cell->channel = cell->control = -1;
    cell->is_asked_anew = false;
    for (size_t i = 0; i < cell->slot_count; i++)
        cell->slots[i].unsent = false;
    cell->unsent = 0;
    sent_end(cell);
    cell->tell(cell->payload, SRV_CELL_IS_GONE);
}

/* Has the process replaced. */
static void
replace(struct srv_cell *cell)
{
    if (!cell->is_alive || cell->is_ending || cell->control < 0)
        return;
    cell->is_ending = true;
    (void)send(cell->control, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
srv_cell_is_late(struct srv_cell *cell)
{
    replace(cell);
}

static void
request_fill(const struct srv_cell *cell, size_t place, struct srv_cell_request *out)
{
    const struct srv_cell_slot *slot = &cell->slots[place];

    memset(out, 0, sizeof(*out));
    out->place = (uint32_t)place;
    out->round = slot->round;
    out->work = slot->question.work;
    out->ident_ms = slot->question.ident_ms;
    out->remote = slot->question.remote;
    out->local = slot->question.local;
}

/* Sends some, all that are given or as many as there is room for; returns how many. */
static size_t
requests_send(const struct srv_cell *cell, struct srv_cell_request *requests,
              size_t count)
{
    struct srv_cell_batch batch;
    int sent;

    srv_cell_batch_of(&batch, requests, sizeof(*requests), count);
    sent = sendmmsg(cell->channel, batch.messages, (unsigned)count,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
        return (size_t)sent;
    /* a channel that is broken takes what it is given: that it is gone is told */
    return errno == EAGAIN || errno == ENOBUFS ? 0 : count;
}

/* Sends the next of what is unsent. False when there is no room for more. */
static bool
some_send(struct srv_cell *cell)
{
    struct srv_cell_request requests[TOGETHER];
    size_t count = 0, sent, place = cell->unsent_from;

    for (size_t i = 0; i < cell->slot_count && count < TOGETHER && count < cell->unsent;
         i++) {
        place = (place + 1) % cell->slot_count;
        if (cell->slots[place].is_open && cell->slots[place].unsent)
            request_fill(cell, place, &requests[count++]);
    }
    sent = requests_send(cell, requests, count);
    for (size_t i = 0; i < sent; i++)
        cell->slots[requests[i].place].unsent = false;
    if (sent)
        cell->unsent_from = requests[sent - 1].place;
    cell->unsent -= sent;
    cell->owed += sent;
    return sent == count;
}

/* None while a process is about to end. */
static void
unsent_send(struct srv_cell *cell)
{
    bool waits;

    while (cell->unsent && cell->channel >= 0 && !cell->is_ending && some_send(cell))
        continue;
    waits = cell->unsent && !cell->is_ending;
    if (cell->channel >= 0 && waits != cell->waits_for_room &&
        srv_loop_watch(cell->loop, &cell->watch,
                       SRV_READABLE | (waits ? SRV_WRITABLE : 0)))
        cell->waits_for_room = waits;
}

static void
on_turn_end(struct srv_timer *timer)
{
    unsent_send(timer->owner);
}

static void
answer_take(struct srv_cell *cell, const struct srv_cell_reply *reply)
{
    const struct srv_cell_slot *slot;

    if (!cell->owed || reply->place >= cell->slot_count) {
        replace(cell); /* nobody has asked that */
        return;
    }
    cell->owed--;
    slot = &cell->slots[reply->place];
    if (slot->round == reply->round && slot->is_open && !slot->unsent)
        slot_answer(cell, reply->place, reply); /* else nobody waits for it any more */
}

/* A process has ended: by itself, which is told, or because another was wanted. */
static void
ended_take(struct srv_cell *cell)
{
    const bool is_asked_anew = cell->is_asked_anew;

    /* some were lost with it, and some wait in the channel for the next one */
    if (cell->owed > cell->slot_count)
        cell->owed = cell->slot_count;
    sent_end(cell);
    cell->is_alive = cell->is_ending = cell->is_asked_anew = false;
    if (!is_asked_anew)
        cell->tell(cell->payload, SRV_CELL_IS_LOST);
}

/* Where the name servers are others now, a process that knows them takes over; one that
 * begins just now may have read of the old ones. */
static void
file_follow(struct srv_cell *cell)
{
    cell->is_changed = !cell->is_alive;
    cell->is_asked_anew = cell->is_alive;
    replace(cell);
}

static void
reply_take(struct srv_cell *cell, const struct srv_cell_reply *reply)
{
    switch ((enum srv_cell_kind)reply->kind) {
    case SRV_CELL_ANSWER:
        if (!cell->is_ending)
            answer_take(cell, reply);
        return;
    case SRV_CELL_BEGUN:
        cell->held = reply->held;
        cell->is_alive = true;
        if (cell->is_changed)
            file_follow(cell);
        cell->tell(cell->payload, SRV_CELL_IS_HELD);
        return;
    case SRV_CELL_ENDED:
        ended_take(cell);
    }
}

static void
message_take(struct srv_cell *cell, const struct srv_cell_reply *reply,
             const struct mmsghdr *message)
{
    if (!message->msg_len)
        gone(cell);
    else if (message->msg_hdr.msg_flags & MSG_TRUNC ||
             !srv_cell_reply_is_sound(reply, message->msg_len))
        replace(cell);
    else
        reply_take(cell, reply);
}

/* Reads some; false when there are no more. */
static bool
some_read(struct srv_cell *cell)
{
    struct srv_cell_reply replies[TOGETHER];
    struct srv_cell_batch batch;
    int count;

    srv_cell_batch_of(&batch, replies, sizeof(*replies), TOGETHER);
    count = recvmmsg(cell->channel, batch.messages, TOGETHER, MSG_DONTWAIT, NULL);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        gone(cell);
    for (int i = 0; i < count && cell->channel >= 0; i++)
        message_take(cell, &replies[i], &batch.messages[i]);
    return count == TOGETHER;
}

static void
on_channel(struct srv_watch *watch)
{
    struct srv_cell *cell = watch->owner;

    for (unsigned i = 0; i < AT_ONCE && cell->channel >= 0 && some_read(cell); i++)
        continue;
    unsent_send(cell);
}

bool
srv_cell_attach(struct srv_cell *cell, struct srv_loop *loop,
                void (*tell)(void *payload, enum srv_cell_event event), void *payload)
{
    cell->loop = loop;
    cell->tell = tell;
    cell->payload = payload;
    cell->watch =
        (struct srv_watch){ .ready = on_channel, .fd = cell->channel, .owner = cell };
    cell->turn_end = (struct srv_timer){ .fire = on_turn_end, .owner = cell };
    return srv_loop_watch(loop, &cell->watch, SRV_READABLE);
}

/* A free place, looked for behind the last one; slot_count without memory. */
static size_t
place_find(struct srv_cell *cell)
{
    size_t count = cell->slot_count, more = count ? count : 64;
    struct srv_cell_slot *slots;

    for (size_t i = 0; i < count; i++) {
        size_t place = (cell->last_place + 1 + i) % count;

        if (!cell->slots[place].is_open)
            return place;
    }
    slots = realloc(cell->slots, (count + more) * sizeof(*slots));
    if (!slots)
        return count;
    memset(slots + count, 0, more * sizeof(*slots));
    cell->slots = slots;
    cell->slot_count = count + more;
    return count;
}

static void
file_look(struct srv_cell *cell)
{
    struct timespec now;

    if (!cell->follows_file || cell->is_ending)
        return;
    now = file_time();
    if (now.tv_sec == cell->file_changed.tv_sec &&
        now.tv_nsec == cell->file_changed.tv_nsec)
        return;
    cell->file_changed = now;
    file_follow(cell);
}

bool
srv_cell_ask(struct srv_cell *cell, const struct srv_cell_question *question,
             size_t *place)
{
    struct srv_cell_slot *slot;
    size_t found, count = cell->slot_count;

    if (cell->channel < 0)
        return false;
    file_look(cell);
    found = place_find(cell);
    if (found == count && cell->slot_count == count)
        return false;
    cell->last_place = found;
    slot = &cell->slots[found];
    *slot = (struct srv_cell_slot){
        .question = *question, .round = slot->round + 1, .is_open = true, .unsent = true
    };
    *place = found;
    cell->unsent++;
    /* one message more is little, and one that wakes a process is much */
    if (cell->unsent == TOGETHER ||
        !srv_loop_set(cell->loop, &cell->turn_end, srv_loop_now(cell->loop)))
        unsent_send(cell);
    return true;
}

void
srv_cell_forget(struct srv_cell *cell, size_t place, const void *owner)
{
    struct srv_cell_request request = { .place = (uint32_t)place };
    struct srv_cell_slot *slot;

    if (place >= cell->slot_count || !cell->slots[place].is_open ||
        cell->slots[place].question.owner != owner)
        return;
    slot = &cell->slots[place];
    slot->is_open = false;
    request.round = slot->round;
    if (slot->unsent)
        cell->unsent--;
    else if (cell->channel >= 0)
        (void)requests_send(cell, &request, 1); /* it may be answered all the same */
}
