/* udpserver HOST PORT PROGRAM: a program for datagrams. */
#include "server/gate.h"
#include "server/judge.h"
#include "server/life.h"
#include "server/program.h"
#include "server/sources.h"
#include "server/wait.h"

static bool
is_per_source(const struct srv_server *server)
{
    return server->config->source_each;
}

static bool
begin(struct srv_server *server)
{
    return is_per_source(server) ? srv_sources_begin(server) : srv_wait_begin(server);
}

static void
readable(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;

    if (is_per_source(server))
        srv_sources_readable(watch);
    else
        srv_wait_readable(watch);
}

static void
update(struct srv_server *server)
{
    if (is_per_source(server))
        srv_sources_update(server);
    else
        srv_wait_update(server);
}

/* With rules that are current: goes on with whoever has been looked up. */
static void
ready(struct srv_server *server, enum srv_rules_state state)
{
    if (is_per_source(server))
        srv_sources_ready(server, state);
    else
        srv_wait_ready(server, state);
}

static void
rules(struct srv_server *server)
{
    enum srv_rules_state state = is_per_source(server)
                                     ? srv_judge_rules(server, srv_sources_seen(server))
                                     : srv_judge_rules(server, srv_wait_seen(server));

    if (state == SRV_RULES_WAIT)
        return;
    if (is_per_source(server))
        srv_sources_rules(server, state);
    else
        srv_wait_rules(server, state);
    ready(server, state);
    update(server);
}

static void
turn(struct srv_server *server)
{
    enum srv_rules_state state =
        server->ready.count ? srv_judge_rules(server, 0) : SRV_RULES_WAIT;

    if (state != SRV_RULES_WAIT)
        ready(server, state);
    update(server);
}

static void
deferred(struct srv_server *server)
{
    enum srv_rules_state state;

    if (!server->deferred.count)
        return;
    srv_program_reap(server); /* before anybody is refused */
    state = srv_judge_rules(server, 0);
    if (state != SRV_RULES_WAIT) /* else rules() will do it */
        srv_sources_deferred(server, state);
}

static void
ended(struct srv_server *server, void *owner)
{
    if (is_per_source(server))
        srv_sources_ended(server, owner);
    else
        srv_wait_ended(server, owner);
}

static void
end(struct srv_server *server)
{
    if (is_per_source(server))
        srv_sources_end(server);
}

int
main(int argc, char **argv)
{
    static const struct srv_kind kind = { .command = &srv_udpserver,
                                          .environ_use = SRV_ENVIRON_DATAGRAMS,
                                          .begin = begin,
                                          .readable = readable,
                                          .rules = rules,
                                          .turn = turn,
                                          .deferred = deferred,
                                          .update = update,
                                          .ended = ended,
                                          .end = end };

    return srv_live(argc, argv, &kind);
}
