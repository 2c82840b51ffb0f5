/* From a connection to a program, or to being turned away. */
#include "server/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/fatal.h"
#include "server/messages.h"
#include "server/program.h"

/* Not of the rules: the local host name, which only the program is told. */
enum { UNKNOWN_LOCAL_HOST = 4 };

enum { SHORTAGE_MS = 1000 };

static const char *const turned_away[] = {
    [SRV_ADMIT_DENY] = "deny",
    [SRV_ADMIT_LIMIT] = "limit",
    [SRV_ADMIT_RATE] = "rate",
};

static bool
is_verbose(const struct srv_server *server)
{
    return server->config->verbosity == SRV_VERBOSE;
}

/*
 * A connection that needs no process has the server's own pid in its lines, which are
 * otherwise those of one that had.
 */
static void
tell_begin(struct srv_server *server, const struct srv_client *client)
{
    srv_message_status(&server->log, server->children.count + 1, server->config->limit);
    srv_message_pid(&server->log, server->pid, client);
}

static void
tell_end(struct srv_server *server, int exit_status)
{
    srv_message_end(&server->log, server->pid, exit_status << 8);
    srv_message_status(&server->log, server->children.count, server->config->limit);
}

/* Ends a connection without a word to the client. */
static void
drop(struct srv_server *server, struct srv_client *client, const char *what,
     const char *name, const char *reason)
{
    server->tally.dropped++;
    if (is_verbose(server))
        tell_begin(server, client);
    if (server->config->verbosity >= SRV_ERRORS)
        srv_message_drop(&server->log, what, name, reason);
    if (is_verbose(server))
        tell_end(server, SRV_EXIT_TEMPORARY);
    srv_admit_release(&server->counters, client->held);
    close(client->fd);
}

static void
turn_away(struct srv_server *server, struct srv_client *client,
          enum srv_admission admission, const struct postern_decision *decision)
{
    if (admission == SRV_ADMIT_DENY)
        server->tally.denied++;
    else
        server->tally.limited++;
    if (is_verbose(server)) {
        tell_begin(server, client);
        srv_message_verdict(&server->log, turned_away[admission], server->pid, client);
        tell_end(server, SRV_EXIT_PERMANENT);
    }
    srv_admit_release(&server->counters, client->held);
    if (decision->reject.ptr)
        srv_drain_add(&server->drain, client->fd, decision->reject.ptr,
                      decision->reject.len);
    else
        close(client->fd);
}

static void
start(struct srv_server *server, struct srv_client *client,
      const struct postern_decision *decision)
{
    const struct srv_config *config = server->config;
    const int on = 1;
    int error;

    /* either may fail on a connection that is gone already: its program will see */
    if (!config->keep_ip_options && client->remote.addr.family == 4)
        (void)setsockopt(client->fd, IPPROTO_IP, IP_OPTIONS, NULL, 0);
    if (config->no_delay)
        (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (srv_program_start(server, client, decision)) {
        server->tally.served++;
        close(client->fd);
        return;
    }
    error = errno;
    if (error == EAGAIN || error == ENOMEM) /* processes are short: they come back */
        srv_server_back_off(server);
    drop(server, client, "fork", NULL, pn_errno_text(error));
}

/* The decision with what is known; true when `client` is done with, one way or other.
 */
static bool
settle(struct srv_server *server, enum srv_rules_state state, struct srv_client *client,
       uint32_t unknown)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    enum srv_admission admission;

    if (state == SRV_RULES_BROKEN) {
        drop(server, client, "read", server->rules.path,
             srv_rules_reason(&server->rules));
        return true;
    }
    admission =
        srv_admit(&server->counters, server->rules.held, client, unknown, &decision);
    switch (admission) {
    case SRV_ADMIT_UNSURE:
        return false;
    case SRV_ADMIT_ALLOW:
        start(server, client, &decision);
        return true;
    case SRV_ADMIT_DAMAGE:
        drop(server, client, "read", server->rules.path, pn_errno_text(EPROTO));
        return true;
    case SRV_ADMIT_DENY:
    case SRV_ADMIT_LIMIT:
    case SRV_ADMIT_RATE:
        break;
    }
    turn_away(server, client, admission, &decision);
    return true;
}

/*
 * Whether the rules are there. When they have to be waited for a timer comes back;
 * where there is no memory for it they are taken for broken, rather than for what they
 * were. It comes back after a load too: a file that was young then is looked at once
 * more, and no client should wait for that.
 */
static enum srv_rules_state
rules_state(struct srv_server *server)
{
    int64_t now_ms = srv_now_ms(), ready_ms = now_ms + SRV_RULES_LOAD_EVERY_MS;
    uint64_t before = server->rules.generation;
    enum srv_rules_state state = srv_rules_check(&server->rules, now_ms, &ready_ms);

    if (state != SRV_RULES_WAIT && server->rules.generation == before)
        return state;
    if (srv_loop_set(server->loop, &server->rules_timer, ready_ms) ||
        state != SRV_RULES_WAIT)
        return state;
    return SRV_RULES_BROKEN;
}

void
srv_serve_rules(struct srv_server *server)
{
    (void)rules_state(server); /* whoever comes asks again */
    srv_serve_arrivals(server);
    srv_serve_ready(server);
}

void
srv_serve_ready(struct srv_server *server)
{
    while (server->ready && server->children.count < server->config->limit) {
        struct srv_lookup *lookup = server->ready;
        enum srv_rules_state state = rules_state(server);

        if (state == SRV_RULES_WAIT)
            return;
        server->ready = lookup->next;
        if (!server->ready)
            server->ready_end = &server->ready;
        server->ready_count--;
        (void)settle(server, state, &lookup->client, 0); /* nothing is unknown */
        srv_lookup_free(lookup);
    }
    srv_server_listen(server);
}

static void
on_looked_up(struct srv_lookup *lookup)
{
    struct srv_server *server = lookup->owner;

    server->looking--;
    if (lookup->unanswered)
        srv_server_complain(server, &server->no_names, "look-ups of names",
                            "no answer");
    lookup->next = NULL;
    *server->ready_end = lookup;
    server->ready_end = &lookup->next;
    server->ready_count++;
    srv_serve_ready(server);
}

/* Other name servers may have been named since: asked for when nobody waits for these.
 */
static void
renew_resolver(struct srv_server *server)
{
    struct srv_resolver *fresh;

    if (!server->resolver || server->looking ||
        !srv_resolver_is_stale(server->resolver))
        return;
    fresh = srv_resolver_new(server->loop, NULL);
    if (!fresh)
        return; /* the old ones are better than none */
    srv_resolver_free(server->resolver);
    server->resolver = fresh;
}

static void
look_up(struct srv_server *server, struct srv_client *client)
{
    const struct srv_config *config = server->config;
    struct srv_lookup_plan plan = { .ident_ms = (int64_t)config->timeout_s * 1000,
                                    .loop = server->loop,
                                    .done = on_looked_up,
                                    .owner = server };

    renew_resolver(server);
    plan.resolver = server->resolver;
    if (config->lookup_host)
        plan.work |= SRV_LOOKUP_HOST;
    if (config->paranoid)
        plan.work |= SRV_LOOKUP_PARANOID;
    if (!config->local_host)
        plan.work |= SRV_LOOKUP_LOCAL_HOST;
    if (config->lookup_ident)
        plan.work |= SRV_LOOKUP_IDENT;
    server->looking++;
    if (srv_lookup_begin(client, &plan))
        return;
    server->looking--;
    drop(server, client, "look up", client->remote_text, pn_errno_text(ENOMEM));
}

/* What of a client is still to be found out. */
static uint32_t
unknown_of(const struct srv_config *config)
{
    return (config->lookup_host ? (uint32_t)POSTERN_NEEDS_HOST : 0) |
           (config->lookup_ident ? (uint32_t)POSTERN_NEEDS_IDENT : 0) |
           (config->local_host ? 0 : (uint32_t)UNKNOWN_LOCAL_HOST);
}

/* At once and to everybody, whatever the rules will say. */
static bool
send_banner(const struct srv_config *config, int fd)
{
    size_t size;

    if (!config->banner)
        return true;
    size = strlen(config->banner);
    errno = EAGAIN; /* what a banner that is too large for the kernel comes to */
    return send(fd, config->banner, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

static void
meet(struct srv_server *server, enum srv_rules_state state,
     const struct srv_arrival *arrival)
{
    const struct srv_config *config = server->config;
    struct postern_decision none = POSTERN_DECISION_INIT;
    struct srv_client client;

    srv_client_init(&client, arrival->fd, &arrival->remote, config->force_ipv6);
    client.local_host = config->local_host;
    if (!srv_client_find_local(&client, config->force_ipv6)) {
        drop(server, &client, "get local address", NULL, pn_errno_text(errno));
        return;
    }
    if (!srv_admit_source(&server->counters, &config->per_source, &client)) {
        turn_away(server, &client, SRV_ADMIT_LIMIT, &none);
        return;
    }
    if (!send_banner(config, client.fd)) {
        drop(server, &client, "print banner", NULL, pn_errno_text(errno));
        return;
    }
    if (!settle(server, state, &client, unknown_of(config)))
        look_up(server, &client);
}

void
srv_serve_arrivals(struct srv_server *server)
{
    enum srv_rules_state state =
        server->arrival_count ? rules_state(server) : SRV_RULES_WAIT;

    if (state != SRV_RULES_WAIT) {
        for (size_t i = 0; i < server->arrival_count; i++)
            meet(server, state, &server->arrivals[i]);
        server->arrival_count = 0;
    }
    srv_server_listen(server);
}

static size_t
room(const struct srv_server *server)
{
    size_t taken = server->children.count + server->ready_count, most = SRV_BATCH;

    if (taken >= server->config->limit || server->looking >= server->looking_most)
        return 0;
    if (most > server->config->limit - taken)
        most = server->config->limit - taken;
    if (most > server->looking_most - server->looking)
        most = server->looking_most - server->looking;
    return most;
}

/* No connection is to be had: waits, and after a second of it lets one client go. */
static void
suffer(struct srv_server *server, int listener)
{
    const char *reason = pn_errno_text(errno);
    int64_t now_ms = srv_now_ms();

    if (!server->short_since_ms)
        server->short_since_ms = now_ms;
    srv_server_complain(server, &server->no_accept, "unable to accept", reason);
    if (now_ms - server->short_since_ms >= SHORTAGE_MS)
        srv_reserve_let_go(listener, &server->reserve);
    srv_server_back_off(server);
}

void
srv_serve_listener(struct srv_source *source)
{
    struct srv_server *server = source->owner;
    size_t most = room(server);

    while (server->arrival_count < most) {
        struct srv_arrival *next = &server->arrivals[server->arrival_count];
        enum srv_accept_outcome outcome =
            srv_accept(source->fd, &server->reserve, &next->fd, &next->remote);

        if (outcome == SRV_ACCEPT_ONE) {
            server->arrival_count++;
            server->tally.accepted++;
            server->short_since_ms = server->pause_ms = 0;
        } else if (outcome != SRV_ACCEPT_AGAIN) {
            if (outcome != SRV_ACCEPT_EMPTY)
                suffer(server, source->fd);
            break;
        }
    }
    srv_serve_arrivals(server);
}
