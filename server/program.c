/* The programs of a server. */
#include "server/program.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/messages.h"
#include "server/peer.h"
#include "server/spawn.h"

struct launch {
    struct srv_server *server;
    const struct srv_client *client;
    const struct postern_decision *decision;
    bool failed; /* it does not run: written in the child, whose memory is ours */
};

/* In the child, whose memory is the server's: the lines come before the program's. */
static void
on_started(void *payload, pid_t pid)
{
    const struct launch *launch = payload;
    struct srv_server *server = launch->server;

    srv_message_served(server, pid, launch->client, launch->decision);
    (void)srv_log_flush(&server->log); /* the server writes the rest */
}

static void
on_failed(void *payload, int error)
{
    struct launch *launch = payload;
    struct srv_server *server = launch->server;

    launch->failed = true;
    if (server->config->verbosity >= SRV_ERRORS)
        srv_message_failed(server, launch->client, pn_errno_text(error));
}

/*
 * What the rule has in store for how this program ends. Without memory for that, there
 * is nothing.
 */
static struct srv_penalty_list *
penalties_of(const struct srv_server *server, const struct postern_decision *decision)
{
    const struct srv_penalty_list *others = &server->config->penalties;
    struct srv_penalty_list list, *kept;

    if (!server->config->penalty_most_s || /* a server that has no penalties */
        (decision->penalties.at == decision->penalties.end && !others->count))
        return NULL;
    if (!srv_penalty_list_of(decision, others, &list))
        return NULL;
    kept = malloc(sizeof(*kept));
    if (kept)
        *kept = list;
    return kept;
}

/* A program has ended: its client's source may be penalised. */
static void
penalise(struct srv_server *server, const struct srv_child *child, int status)
{
    struct srv_penalties *penalties = &server->counters.penalties;
    uint32_t seconds = srv_penalty_of_status(child->penalties, status);
    struct srv_counter_key source = srv_penalties_source(penalties, &child->peer->addr);

    if (seconds)
        srv_penalties_add(penalties, &source, seconds, srv_now_ns());
}

/* Does everything that may fail for lack of memory before there is a process. */
static bool
launch_prepare(struct srv_server *server, const struct srv_client *client,
               const struct postern_decision *decision, struct srv_spawn *spawn,
               struct srv_child *child)
{
    char interface[IF_NAMESIZE];
    const char *name =
        client->remote.scope ? if_indextoname(client->remote.scope, interface) : NULL;
    struct srv_peer peer = srv_peer_of(client);

    spawn->env = srv_environ_build(&server->env, client, name, decision->env);
    if (!spawn->env || !srv_children_reserve(&server->children))
        return false;
    if (server->config->log_format == SRV_LOG_JSON)
        peer.begun_ns = srv_now_ns();
    child->peer = srv_peer_copy(&peer);
    return child->peer != NULL;
}

pid_t
srv_program_start(struct srv_server *server, struct srv_client *client,
                  const struct postern_decision *decision)
{
    struct launch launch = { .server = server, .client = client, .decision = decision };
    struct srv_spawn spawn = {
        .argv = server->config->program,
        .path = server->path,
        .fd = client->fd,
        .death_signal = server->config->source_each ? SIGTERM : 0,
        .mask = server->program_mask,
        .started = server->config->verbosity == SRV_VERBOSE ? on_started : NULL,
        .failed = on_failed,
        .payload = &launch
    };
    struct srv_child child = { .held = client->held, .owner = client->owner };

    if (!launch_prepare(server, client, decision, &spawn, &child)) {
        errno = ENOMEM;
        return -1;
    }
    child.pid = srv_spawn(&spawn);
    if (child.pid < 0) {
        int error = errno;

        free(child.peer);
        errno = error;
        return -1;
    }
    if (!launch.failed) /* that it cannot be started is not its client's doing */
        child.penalties = penalties_of(server, decision);
    srv_children_add(&server->children, &child);
    server->tally.served++;
    /* a datagram is left where it is, and dropped then */
    server->tally.dropped += launch.failed && !server->config->datagrams;
    return child.pid;
}

void
srv_program_reap(struct srv_server *server)
{
    struct srv_child child;
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (!srv_children_take(&server->children, pid, &child))
            continue; /* inherited from whoever started the server */
        srv_admit_release(&server->counters, &child.held);
        if (child.penalties)
            penalise(server, &child, status);
        if (server->config->verbosity == SRV_VERBOSE)
            srv_message_ended(server, pid, status, child.peer->begun_ns);
        free(child.peer);
        free(child.penalties);
        if (child.owner)
            server->kind->ended(server, child.owner);
    }
}
