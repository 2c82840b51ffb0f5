/* Host names and ident, side by side. */
#include "server/lookup.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/reverse_name.h"
#include "server/cell_message.h"

enum { IDENT_PORT = 113, CELL_MS = 2000 };

static const unsigned names_work = SRV_LOOKUP_HOST | SRV_LOOKUP_LOCAL_HOST;

/* A bit that keeps the lookup open while several things end at once. */
static const unsigned held_open = 1u << 31;

/* Places of questions. */
enum { HOST, LOCAL, CONFIRM, QUESTIONS };

/* Marks part of the work as finished. After the last part, `lookup` may be freed. */
static void
finish(struct srv_lookup *lookup, unsigned work)
{
    bool was_open = lookup->open & work;

    lookup->open &= ~work;
    if (was_open && !lookup->open)
        lookup->done(lookup);
}

static void
on_confirm(void *payload, const struct srv_dns_answer *answer)
{
    struct srv_lookup *lookup = payload;
    const struct postern_addr *remote = &lookup->client.remote.addr;
    struct postern_addr found[SRV_DNS_ADDRESSES];
    size_t count = 0;

    if (answer->outcome == SRV_DNS_FOUND)
        count = srv_dns_addresses(answer->message, answer->size, found);
    lookup->unanswered |= answer->outcome == SRV_DNS_FAILED;
    for (size_t i = 0; i < count; i++)
        if (srv_addr_equal(&found[i], remote))
            lookup->client.host = lookup->host;
    finish(lookup, SRV_LOOKUP_HOST);
}

static void
on_host(void *payload, const struct srv_dns_answer *answer)
{
    struct srv_lookup *lookup = payload;
    bool found = answer->outcome == SRV_DNS_FOUND &&
                 srv_dns_name(answer->message, answer->size, lookup->host);

    lookup->unanswered |= answer->outcome == SRV_DNS_FAILED;
    if (answer->outcome == SRV_DNS_NONE)
        lookup->nameless |= SRV_LOOKUP_HOST;
    if (found && lookup->paranoid) {
        srv_resolver_ask(lookup->resolver, lookup->host,
                         lookup->client.remote.addr.family == 4 ? SRV_DNS_A
                                                                : SRV_DNS_AAAA,
                         on_confirm, lookup, &lookup->questions[CONFIRM]);
        return;
    }
    if (found)
        lookup->client.host = lookup->host;
    finish(lookup, SRV_LOOKUP_HOST);
}

static void
on_local_host(void *payload, const struct srv_dns_answer *answer)
{
    struct srv_lookup *lookup = payload;

    if (answer->outcome == SRV_DNS_FOUND &&
        srv_dns_name(answer->message, answer->size, lookup->local_host))
        lookup->client.local_host = lookup->local_host;
    lookup->unanswered |= answer->outcome == SRV_DNS_FAILED;
    if (answer->outcome == SRV_DNS_NONE)
        lookup->nameless |= SRV_LOOKUP_LOCAL_HOST;
    finish(lookup, SRV_LOOKUP_LOCAL_HOST);
}

/* Names not known by now stay unknown. */
static void
names_end(struct srv_lookup *lookup)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        srv_question_cancel(lookup->questions[i]);
        lookup->questions[i] = NULL;
    }
    if (lookup->open & names_work)
        lookup->unanswered = true;
    finish(lookup, names_work);
}

/* The timeout of names; or of the cell, which has timeouts of its own before. */
static void
on_names_timer(struct srv_timer *timer)
{
    struct srv_lookup *lookup = timer->owner;

    if (lookup->cell) {
        srv_cell_is_late(lookup->cell);
        srv_lookup_expire(lookup);
    } else
        names_end(lookup);
}

static void
ident_end(struct srv_lookup *lookup, bool answered)
{
    srv_loop_forget(lookup->loop, &lookup->ident_socket);
    srv_loop_unset(lookup->loop, &lookup->ident_timer);
    if (lookup->ident_socket.fd >= 0)
        close(lookup->ident_socket.fd);
    lookup->ident_socket.fd = -1;
    if (answered)
        lookup->client.ident = lookup->ident.text;
    finish(lookup, SRV_LOOKUP_IDENT);
}

static void
on_ident_timer(struct srv_timer *timer)
{
    ident_end(timer->owner, false);
}

/* Connected, or not: a query is one small packet, so there is room for it. */
static bool
ident_ask(struct srv_lookup *lookup)
{
    const struct srv_client *client = &lookup->client;
    char query[32];
    size_t size =
        srv_ident_query(client->remote.port, client->local.port, query, sizeof(query));

    lookup->ident_asked = true;
    return send(lookup->ident_socket.fd, query, size, MSG_NOSIGNAL) == (ssize_t)size &&
           srv_loop_watch(lookup->loop, &lookup->ident_socket, SRV_READABLE);
}

static void
ident_read(struct srv_lookup *lookup)
{
    char bytes[512];
    ssize_t got = recv(lookup->ident_socket.fd, bytes, sizeof(bytes), 0);
    enum srv_ident_state state;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        ident_end(lookup, false);
        return;
    }
    state = srv_ident_feed(&lookup->ident, bytes, (size_t)got);
    if (state != SRV_IDENT_MORE)
        ident_end(lookup, state == SRV_IDENT_DONE);
}

static void
on_ident_socket(struct srv_watch *watch)
{
    struct srv_lookup *lookup = watch->owner;

    if (lookup->ident_asked)
        ident_read(lookup);
    else if (!ident_ask(lookup))
        ident_end(lookup, false);
}

/* From the address that the client came to, so that the answer is about us. */
static bool
ident_connect(struct srv_lookup *lookup, int64_t ident_ms)
{
    struct srv_endpoint local = lookup->client.local, remote = lookup->client.remote;
    struct sockaddr_storage address;
    socklen_t size;
    int fd = socket(srv_endpoint_family(&remote),
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    lookup->ident_socket =
        (struct srv_watch){ .ready = on_ident_socket, .fd = fd, .owner = lookup };
    if (fd < 0)
        return false;
    local.port = 0;
    size = srv_endpoint_to(&local, &address);
    if (bind(fd, (struct sockaddr *)&address, size) < 0)
        return false;
    remote.port = IDENT_PORT;
    size = srv_endpoint_to(&remote, &address);
    if (connect(fd, (struct sockaddr *)&address, size) < 0 && errno != EINPROGRESS)
        return false;
    return srv_loop_watch(lookup->loop, &lookup->ident_socket, SRV_WRITABLE) &&
           srv_loop_set(lookup->loop, &lookup->ident_timer,
                        srv_loop_now(lookup->loop) + ident_ms);
}

static void
ask_name(struct srv_lookup *lookup, const struct postern_addr *addr, srv_dns_fn done,
         struct srv_question **out)
{
    static const struct srv_dns_answer failed = { .outcome = SRV_DNS_FAILED };
    char name[SRV_DNS_REVERSE_SIZE];

    if (pn_reverse_name(addr->family, addr->bytes, "in-addr.arpa", "ip6.arpa", name,
                        sizeof(name)))
        srv_resolver_ask(lookup->resolver, name, SRV_DNS_PTR, done, lookup, out);
    else
        done(lookup, &failed);
}

static void
start(struct srv_lookup *lookup, unsigned work, int64_t ident_ms)
{
    const struct srv_client *client = &lookup->client;

    /* the first answer may come before the last ask */
    lookup->open = work | held_open;
    if (work & names_work &&
        !srv_loop_set(lookup->loop, &lookup->names_timer,
                      srv_loop_now(lookup->loop) + SRV_DNS_TOTAL_MS))
        finish(lookup, names_work);
    if (lookup->open & SRV_LOOKUP_IDENT && !ident_connect(lookup, ident_ms))
        ident_end(lookup, false);
    if (lookup->open & SRV_LOOKUP_HOST)
        ask_name(lookup, &client->remote.addr, on_host, &lookup->questions[HOST]);
    if (lookup->open & SRV_LOOKUP_LOCAL_HOST)
        ask_name(lookup, &client->local.addr, on_local_host, &lookup->questions[LOCAL]);
    finish(lookup, held_open);
}

/* A sound reply. */
static void
on_cell(void *owner, const struct srv_cell_reply *reply)
{
    struct srv_lookup *lookup = owner;
    const unsigned asked = lookup->open;

    srv_loop_unset(lookup->loop, &lookup->names_timer);
    lookup->nameless = reply->nameless & asked;
    lookup->unanswered |= reply->unanswered && asked & names_work;
    if (reply->has_host && asked & SRV_LOOKUP_HOST) {
        memcpy(lookup->host, reply->host, sizeof(lookup->host));
        lookup->client.host = lookup->host;
    }
    if (reply->has_local_host && asked & SRV_LOOKUP_LOCAL_HOST) {
        memcpy(lookup->local_host, reply->local_host, sizeof(lookup->local_host));
        lookup->client.local_host = lookup->local_host;
    }
    if (reply->has_ident && asked & SRV_LOOKUP_IDENT) {
        memcpy(lookup->ident.text, reply->ident, sizeof(lookup->ident.text));
        lookup->client.ident = lookup->ident.text;
    }
    finish(lookup, asked);
}

/* The cell's own timeouts come before this one. */
static void
cell_start(struct srv_lookup *lookup, const struct srv_lookup_plan *plan)
{
    const unsigned work = plan->work & ~(unsigned)SRV_LOOKUP_PARANOID;
    const struct srv_cell_question question = { .remote = lookup->client.remote,
                                                .local = lookup->client.local,
                                                .work = plan->work,
                                                .ident_ms = plan->ident_ms,
                                                .answer = on_cell,
                                                .owner = lookup };
    int64_t most = work & names_work ? SRV_DNS_TOTAL_MS : 0;

    if (work & SRV_LOOKUP_IDENT && plan->ident_ms > most)
        most = plan->ident_ms;
    lookup->open = work | held_open;
    if (work && (!srv_loop_set(lookup->loop, &lookup->names_timer,
                               srv_loop_now(lookup->loop) + most + CELL_MS) ||
                 !srv_cell_ask(lookup->cell, &question, &lookup->cell_place))) {
        lookup->unanswered = work & names_work;
        finish(lookup, work);
    }
    finish(lookup, held_open);
}

bool
srv_lookup_begin(const struct srv_client *client, const struct srv_lookup_plan *plan)
{
    struct srv_lookup *lookup = calloc(1, sizeof(*lookup));

    *plan->out = lookup;
    if (!lookup) {
        srv_resolver_release(plan->resolver);
        return false;
    }
    lookup->client = *client;
    lookup->loop = plan->loop;
    lookup->resolver = plan->resolver;
    lookup->done = plan->done;
    lookup->owner = plan->owner;
    lookup->paranoid = plan->work & SRV_LOOKUP_PARANOID;
    lookup->ident_socket.fd = -1;
    lookup->names_timer = (struct srv_timer){ .fire = on_names_timer, .owner = lookup };
    lookup->ident_timer = (struct srv_timer){ .fire = on_ident_timer, .owner = lookup };
    lookup->cell = plan->cell;
    lookup->cell_place = SIZE_MAX;
    if (lookup->cell)
        cell_start(lookup, plan);
    else
        start(lookup, plan->work & ~(unsigned)SRV_LOOKUP_PARANOID, plan->ident_ms);
    return true; /* NOLINT(clang-analyzer-unix.Malloc): `done` has it, or its callbacks
                  */
}

void
srv_lookup_expire(struct srv_lookup *lookup)
{
    lookup->open |= held_open;
    names_end(lookup);
    ident_end(lookup, false);
    finish(lookup, held_open);
}

void
srv_lookup_free(struct srv_lookup *lookup)
{
    if (!lookup)
        return;
    lookup->open = 0;
    if (lookup->cell)
        srv_cell_forget(lookup->cell, lookup->cell_place, lookup);
    for (size_t i = 0; i < QUESTIONS; i++)
        srv_question_cancel(lookup->questions[i]);
    srv_loop_unset(lookup->loop, &lookup->names_timer);
    ident_end(lookup, false);
    srv_resolver_release(lookup->resolver);
    free(lookup);
}
