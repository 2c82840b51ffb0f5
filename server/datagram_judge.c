/* Rules, limits and look-ups, as for connections; nobody is sent a text. */
#include "server/datagram_judge.h"

#include <errno.h>
#include <string.h>

#include "base/errno_text.h"
#include "server/client_lookups.h"
#include "server/clock.h"
#include "server/count_decisions.h"
#include "server/drop.h"
#include "server/judge.h"

/* Names that are to be looked up: always, where rules ask for them, or never. */
static uint32_t
unknown_of(const struct srv_config *config)
{
    bool local = config->lookup_host == SRV_NAMES_ALWAYS && !config->local_host;

    return (config->lookup_host != SRV_NAMES_NEVER ? (uint32_t)POSTERN_NEEDS_HOST : 0) |
           (local ? (uint32_t)SRV_UNKNOWN_LOCAL_HOST : 0);
}

struct srv_pending
srv_datagram_client(struct srv_server *server, const struct srv_datagram_ends *ends)
{
    const struct srv_config *config = server->config;
    struct srv_pending pending = { .server = server, .unknown = unknown_of(config) };

    srv_client_init(&pending.client, -1, &ends->remote, false);
    srv_client_set_local(&pending.client, &ends->local, false);
    pending.client.local_host = config->local_host;
    return pending;
}

/* Of what is unknown, what is to be looked up; a damaged image is told by the decision.
 */
static uint32_t
wanted_of(const struct srv_server *server, const struct srv_pending *pending)
{
    const struct postern_rules *rules = server->rules.in_force;
    uint32_t needs = 0;

    if (server->config->lookup_host != SRV_NAMES_FOR_RULES || !pending->unknown)
        return pending->unknown;
    if (rules &&
        postern_rules_needs(rules, &pending->client.remote.addr, &needs) != POSTERN_OK)
        needs = 0;
    return pending->unknown & needs;
}

void
srv_datagram_drop(struct srv_server *server, const char *what, const char *reason)
{
    server->tally.dropped++;
    srv_server_warn_repeated(server, &server->no_client, what, reason);
}

static enum srv_datagram_verdict
drop_unread(struct srv_server *server, const char *reason)
{
    char text[512] = "dropping datagrams, unable to read ";
    size_t len = strlen(server->rules.path), used = strlen(text);

    if (len < sizeof(text) - used)
        memcpy(text + used, server->rules.path, len + 1);
    srv_datagram_drop(server, text, reason);
    return SRV_DATAGRAM_DONE;
}

static enum srv_datagram_verdict
refuse(struct srv_server *server, struct srv_pending *pending,
       enum srv_admission admission, const struct postern_decision *decision)
{
    srv_judge_decided(server, &pending->client, pending->unknown, admission, decision);
    srv_refuse(server, &pending->client, admission, decision, &pending->exceeded);
    return SRV_DATAGRAM_DONE;
}

/* Whether there is a place for one whom the rules allow, under -c and -C. */
static enum srv_admission
place_take(struct srv_server *server, struct srv_pending *pending,
           const struct srv_exceeded *full, enum srv_admission admission)
{
    if (pending->counted)
        return admission;
    if (full)
        pending->exceeded = *full;
    else if (srv_admit_source(&server->counters, &server->config->per_source,
                              &pending->client, &pending->exceeded)) {
        pending->counted = true;
        return admission;
    }
    srv_admit_release(&server->counters, &pending->client.held);
    return SRV_ADMIT_LIMIT;
}

enum srv_datagram_verdict
srv_datagram_judge(struct srv_server *server, enum srv_rules_state state,
                   struct srv_pending *pending, const struct srv_exceeded *full,
                   bool last, struct postern_decision *decision)
{
    struct srv_client *client = &pending->client;
    enum srv_admission admission;
    int64_t begun_ns;

    *decision = srv_undecided();
    if (state == SRV_RULES_BROKEN)
        return drop_unread(server, srv_rules_reason(&server->rules));
    begun_ns = srv_count_begin(server);
    admission = srv_admit(&server->counters, server->rules.in_force, client,
                          wanted_of(server, pending), decision, &pending->exceeded);
    if (admission == SRV_ADMIT_ALLOW || admission == SRV_ADMIT_UNSURE)
        admission = place_take(server, pending, full, admission);
    srv_count_time(server, client, admission, begun_ns);
    if (admission == SRV_ADMIT_UNSURE)
        return SRV_DATAGRAM_ASK;
    if (admission == SRV_ADMIT_DAMAGE)
        return drop_unread(server, pn_errno_text(EPROTO));
    if (admission == SRV_ADMIT_LIMIT && !last)
        return SRV_DATAGRAM_EXCEEDED;
    if (admission != SRV_ADMIT_ALLOW)
        return refuse(server, pending, admission, decision);
    srv_judge_decided(server, client, pending->unknown, admission, decision);
    return SRV_DATAGRAM_SERVE;
}

enum srv_datagram_verdict
srv_datagram_judge_more(struct srv_server *server, enum srv_rules_state state,
                        const struct srv_client *client, uint32_t unknown)
{
    struct srv_pending pending = { .client = *client, .unknown = unknown };
    struct postern_decision decision = srv_undecided();
    enum srv_admission admission;
    int64_t begun_ns;

    if (state == SRV_RULES_BROKEN)
        return drop_unread(server, srv_rules_reason(&server->rules));
    memset(&pending.client.held, 0, sizeof(pending.client.held)); /* the program's */
    begun_ns = srv_count_begin(server);
    admission = srv_admit_more(&server->counters, server->rules.in_force,
                               &pending.client, unknown, &decision);
    srv_count_time(server, &pending.client, admission, begun_ns);
    if (admission == SRV_ADMIT_UNSURE)
        return SRV_DATAGRAM_ASK;
    if (admission == SRV_ADMIT_DAMAGE)
        return drop_unread(server, pn_errno_text(EPROTO));
    if (admission != SRV_ADMIT_ALLOW)
        return refuse(server, &pending, admission, &decision);
    srv_judge_decided(server, &pending.client, unknown, admission, &decision);
    return SRV_DATAGRAM_SERVE;
}

bool
srv_datagram_ask(struct srv_server *server, struct srv_pending *pending)
{
    const struct postern_decision none = srv_undecided();
    enum srv_lookups_outcome outcome =
        srv_client_lookups_begin(server, pending, &pending->exceeded);

    if (outcome == SRV_LOOKUPS_FULL)
        srv_refuse(server, &pending->client, SRV_ADMIT_LIMIT, &none,
                   &pending->exceeded);
    memset(&pending->client.held, 0, sizeof(pending->client.held)); /* the copy's */
    return outcome == SRV_LOOKUPS_BEGUN;
}

void
srv_datagram_ask_no_more(struct srv_server *server, const void *owner)
{
    struct srv_pending *pending = server->lookup_places.under_way.first;

    while (pending && pending->owner != owner)
        pending = pending->next;
    if (pending)
        pending->expire(pending);
}
