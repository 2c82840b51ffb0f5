/* The log lines and the end of connections that get no program. */
#include "server/drop.h"

#include <unistd.h>

#include "server/fatal.h"
#include "server/messages.h"

static const char *const refusal_words[] = {
    [SRV_ADMIT_DENY] = "deny",
    [SRV_ADMIT_LIMIT] = "limit",
    [SRV_ADMIT_RATE] = "rate",
    /* as the patch has them, with the variable at the end of the line */
    [SRV_ADMIT_LOAD] = "deny",
    [SRV_ADMIT_PATCH] = "deny",
};

static bool
is_of_patch(enum srv_admission admission)
{
    return admission == SRV_ADMIT_LOAD || admission == SRV_ADMIT_PATCH;
}

/*
 * A connection without a process has the server's own pid in its lines, which are
 * otherwise those of one with a process.
 */
static void
log_begin(struct srv_server *server, const struct srv_client *client)
{
    srv_message_status(&server->log, server->children.count + 1, server->config->limit);
    srv_message_pid(&server->log, server->pid, client);
}

static void
log_end(struct srv_server *server, int exit_status)
{
    srv_message_end(&server->log, server->pid, exit_status << 8);
    srv_message_status(&server->log, server->children.count, server->config->limit);
}

/* A line of its own, so that the one before is what it is without tiers. */
static void
log_struck(struct srv_server *server, const struct postern_decision *decision,
           const struct srv_exceeded *exceeded)
{
    const struct postern_limit *tier = &server->config->per_source.of[exceeded->tier];
    struct postern_limit_iter more = decision->more_limits;
    struct postern_limit limit = decision->limit;

    if (exceeded->struck == SRV_STRUCK_SOURCE)
        srv_message_struck_source(&server->log, server->pid, tier);
    for (uint32_t i = 0; i < exceeded->tier && exceeded->struck == SRV_STRUCK_RULE; i++)
        if (!postern_limit_next(&more, &limit))
            return;
    if (exceeded->struck == SRV_STRUCK_RULE)
        srv_message_struck_limit(&server->log, server->pid, &limit);
}

static void
drop_begin(struct srv_server *server, const struct srv_client *client)
{
    server->tally.dropped++;
    if (srv_server_is_verbose(server))
        log_begin(server, client);
}

static void
drop_end(struct srv_server *server, struct srv_client *client)
{
    if (srv_server_is_verbose(server))
        log_end(server, SRV_EXIT_TEMPORARY);
    srv_admit_release(&server->counters, &client->held);
    close(client->fd);
}

void
srv_drop(struct srv_server *server, struct srv_client *client, const char *what,
         const char *name, const char *reason)
{
    drop_begin(server, client);
    if (server->config->verbosity >= SRV_ERRORS)
        srv_message_drop(&server->log, what, name, reason);
    drop_end(server, client);
}

void
srv_drop_disconnected(struct srv_server *server, struct srv_client *client)
{
    drop_begin(server, client);
    srv_server_warn_repeated(server, &server->no_client, "look-ups of clients",
                             "the client has gone");
    drop_end(server, client);
}

/* The last word to a refused client, who is not waited for. */
static void
reject(struct srv_server *server, int fd, enum srv_admission admission,
       const struct postern_decision *decision)
{
    struct pn_buffer message = { 0 };

    if (is_of_patch(admission) &&
        srv_limits_patch_message(&server->limits_patch, &message))
        srv_drain_add(&server->drain, fd, message.bytes, message.size);
    else if (decision->reject.ptr)
        srv_drain_add(&server->drain, fd, decision->reject.ptr, decision->reject.len);
    else
        close(fd);
    pn_buffer_free(&message);
}

static void
log_refused(struct srv_server *server, const struct srv_client *client,
            enum srv_admission admission, const struct postern_decision *decision,
            const struct srv_exceeded *exceeded)
{
    struct srv_line more; /* not cleared: it is large, and hardly ever used */

    more.size = 0;
    if (is_of_patch(admission))
        srv_limits_patch_say(&server->limits_patch, &more);
    log_begin(server, client);
    srv_message_refused(&server->log, refusal_words[admission], server->pid, client,
                        &more);
    if (admission == SRV_ADMIT_LIMIT)
        log_struck(server, decision, exceeded);
    log_end(server, SRV_EXIT_PERMANENT);
}

void
srv_refuse(struct srv_server *server, struct srv_client *client,
           enum srv_admission admission, const struct postern_decision *decision,
           const struct srv_exceeded *exceeded)
{
    if (admission == SRV_ADMIT_DENY)
        server->tally.denied++;
    else
        server->tally.limited++;
    server->tally.rated += admission == SRV_ADMIT_RATE;
    if (srv_server_is_verbose(server))
        log_refused(server, client, admission, decision, exceeded);
    srv_admit_release(&server->counters, &client->held);
    reject(server, client->fd, admission, decision);
}
