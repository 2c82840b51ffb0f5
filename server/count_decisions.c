/* From the server's own numbers to the rows of the file. */
#include "server/count_decisions.h"

#include <errno.h>
#include <signal.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/fatal.h"

static bool
is_on(const struct srv_server *server)
{
    return server->counting.header != NULL;
}

bool
srv_count_open(struct srv_server *server)
{
    const struct srv_config *config = server->config;
    const char *reason;
    sigset_t too_large;

    if (!config->counts_path)
        return true;
    sigemptyset(&too_large);
    sigaddset(&too_large, SIGXFSZ); /* it is EFBIG then; the server blocks it anyway */
    if (sigprocmask(SIG_BLOCK, &too_large, NULL) == 0 &&
        srv_counting_open(&server->counting, config->counts_path, config->rules_path,
                          config->shadow_path, &reason))
        return true;
    (void)srv_fatal_because(srv_config_who(config), "unable to count in",
                            config->counts_path, reason); /* main() returns it */
    return false;
}

int64_t
srv_count_begin(const struct srv_server *server)
{
    return is_on(server) || server->config->log_format == SRV_LOG_JSON ? srv_now_ns()
                                                                       : 0;
}

void
srv_count_time(struct srv_server *server, struct srv_client *client,
               enum srv_admission admission, int64_t begun_ns)
{
    if (!begun_ns || admission == SRV_ADMIT_UNSURE)
        return;
    client->decision_ns = srv_now_ns() - begun_ns;
    if (is_on(server))
        srv_counting_time(&server->counting.header->decisions, client->decision_ns);
}

void
srv_count_lookup(struct srv_server *server, struct srv_client *client, int64_t begun_ns)
{
    if (!begun_ns)
        return;
    client->lookup_ns = srv_now_ns() - begun_ns;
    if (is_on(server))
        srv_counting_time(&server->counting.header->lookups, client->lookup_ns);
}

uint64_t
srv_count_identity(const struct postern_rules *rules,
                   const struct postern_decision *decision)
{
    return decision->rule == POSTERN_RULE_NONE
               ? PN_COUNTS_NO_RULE
               : pn_counts_identity(srv_admit_identity(rules, decision));
}

void
srv_count_decision(struct srv_server *server, enum srv_admission admission,
                   const struct postern_decision *decision)
{
    enum srv_counted counted = admission == SRV_ADMIT_RATE      ? SRV_COUNTED_RATED
                               : admission == SRV_ADMIT_PENALTY ? SRV_COUNTED_PENALISED
                               : admission == SRV_ADMIT_DENY    ? SRV_COUNTED
                               : admission == SRV_ADMIT_ALLOW   ? SRV_COUNTED
                                                                : SRV_COUNTED_LIMITED;

    if (is_on(server) && server->rules.in_force)
        srv_counting_hit(&server->counting,
                         srv_count_identity(server->rules.in_force, decision), counted);
}

/* A row for each rule, in case that each decides for somebody. */
static void
room_make(struct srv_server *server)
{
    struct postern_info info = POSTERN_INFO_INIT;

    server->counting_generation = server->rules.generation;
    if (!server->rules.in_force ||
        postern_rules_info(server->rules.in_force, &info) != POSTERN_OK)
        return;
    if (!srv_counting_reserve(&server->counting, info.records + 1))
        srv_server_warn_repeated(server, &server->no_counts,
                                 "unable to count for new rules", pn_errno_text(errno));
}

void
srv_count_totals(struct srv_server *server)
{
    const struct srv_tally *tally = &server->tally;
    const uint64_t totals[PN_COUNTS_TOTALS] = {
        [PN_COUNTS_ACCEPTED] = tally->accepted,
        [PN_COUNTS_SERVED] = tally->served,
        [PN_COUNTS_DENIED] = tally->denied,
        [PN_COUNTS_LIMITED] = tally->limited - tally->rated - tally->penalised,
        [PN_COUNTS_PENALISED] = tally->penalised,
        [PN_COUNTS_RATED] = tally->rated,
        [PN_COUNTS_DROPPED] = tally->dropped,
    };

    if (!is_on(server))
        return;
    if (server->counting_generation != server->rules.generation)
        room_make(server);
    srv_counting_totals(&server->counting, totals);
}
