/* The log lines and the end of connections that get no program. */
#include "server/drop.h"

#include <unistd.h>

#include "server/messages.h"

static void
drop(struct srv_server *server, struct srv_client *client)
{
    server->tally.dropped++;
    srv_admit_release(&server->counters, &client->held);
    if (client->fd >= 0)
        close(client->fd);
}

void
srv_drop(struct srv_server *server, struct srv_client *client, const char *what,
         const char *name, const char *reason)
{
    srv_message_dropped(server, client, what, name, reason);
    drop(server, client);
}

void
srv_drop_disconnected(struct srv_server *server, struct srv_client *client)
{
    srv_message_gone(server, client);
    drop(server, client);
}

/* The last word to a refused client, who is not waited for. */
static void
reject(struct srv_server *server, int fd, enum srv_admission admission,
       const struct postern_decision *decision)
{
    struct pn_buffer message = { 0 };

    if (srv_admission_is_of_patch(admission) &&
        srv_limits_patch_message(&server->limits_patch, &message))
        srv_drain_add(&server->drain, fd, message.bytes, message.size);
    else if (decision->reject.ptr)
        srv_drain_add(&server->drain, fd, decision->reject.ptr, decision->reject.len);
    else
        close(fd);
    pn_buffer_free(&message);
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
    server->tally.penalised += admission == SRV_ADMIT_PENALTY;
    if (srv_server_is_verbose(server))
        srv_message_refused(server, client, admission, decision, exceeded);
    srv_admit_release(&server->counters, &client->held);
    if (client->fd >= 0)
        reject(server, client->fd, admission, decision);
}
