/* The programs of a server. */
#include "server/program.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/errno_text.h"
#include "server/messages.h"
#include "server/peer.h"
#include "server/spawn.h"

struct launch {
    struct srv_server *server;
    const struct srv_client *client;
    bool failed; /* it does not run: written in the child, whose memory is ours */
};

/* In the child, whose memory is the server's: the lines come before the program's. */
static void
on_started(void *payload, pid_t pid)
{
    const struct launch *launch = payload;
    struct srv_server *server = launch->server;

    srv_message_status(&server->log, server->children.count + 1, server->config->limit);
    srv_message_pid(&server->log, pid, launch->client);
    srv_message_verdict(&server->log, "ok", pid, launch->client);
    (void)srv_log_flush(&server->log); /* the server writes the rest */
}

static void
on_failed(void *payload, int error)
{
    struct launch *launch = payload;
    struct srv_server *server = launch->server;

    launch->failed = true;
    if (server->config->verbosity >= SRV_ERRORS)
        srv_message_drop(&server->log, "run", server->config->program[0],
                         pn_errno_text(error));
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
    child->peer = srv_peer_copy(&peer);
    return child->peer != NULL;
}

bool
srv_program_start(struct srv_server *server, struct srv_client *client,
                  const struct postern_decision *decision)
{
    struct launch launch = { .server = server, .client = client };
    struct srv_spawn spawn = { .argv = server->config->program,
                               .path = server->path,
                               .fd = client->fd,
                               .mask = server->program_mask,
                               .started = server->config->verbosity == SRV_VERBOSE
                                              ? on_started
                                              : NULL,
                               .failed = on_failed,
                               .payload = &launch };
    struct srv_child child = { .held = client->held };

    if (!launch_prepare(server, client, decision, &spawn, &child)) {
        errno = ENOMEM;
        return false;
    }
    child.pid = srv_spawn(&spawn);
    if (child.pid < 0) {
        int error = errno;

        free(child.peer);
        errno = error;
        return false;
    }
    srv_children_add(&server->children, &child);
    server->tally.served++;
    server->tally.dropped += launch.failed;
    return true;
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
        free(child.peer);
        if (server->config->verbosity != SRV_VERBOSE)
            continue;
        srv_message_end(&server->log, pid, status);
        srv_message_status(&server->log, server->children.count, server->config->limit);
    }
}
