/* The rules of a server: whether they are current, and what follows a decision. */
#include "server/judge.h"

#include "server/clock.h"
#include "server/count_decisions.h"
#include "server/readiness.h"

/* What rules ask for. */
enum { NAMED = POSTERN_NEEDS_HOST | POSTERN_NEEDS_IDENT };

enum srv_rules_state
srv_judge_rules(struct srv_server *server, uint64_t seen)
{
    int64_t next_ms;
    uint64_t before = server->rules.generation;
    enum srv_rules_state state =
        srv_rules_check(&server->rules, srv_now_ms(), seen, &next_ms);

    srv_shadow_check(server);
    if (server->rules.generation != before)
        srv_admit_recount(&server->counters, server->rules.in_force, &server->children);
    srv_readiness_note(server, state, &next_ms);
    if (next_ms && !srv_loop_set(server->loop, &server->rules_timer, next_ms) &&
        state == SRV_RULES_WAIT)
        return SRV_RULES_BROKEN;
    return state;
}

void
srv_judge_decided(struct srv_server *server, const struct srv_client *client,
                  uint32_t unknown, enum srv_admission admission,
                  const struct postern_decision *decision)
{
    srv_count_decision(server, admission, decision);
    srv_shadow_judge(server, client, unknown & NAMED, decision);
}
