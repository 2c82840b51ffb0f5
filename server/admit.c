/* Decision, limit, rate, in this order. */
#include "server/admit.h"

#include "server/clock.h"
#include "server/counter_key.h"
#include "server/limits_patch.h"
#include "server/peer.h"

bool
srv_admission_is_of_patch(enum srv_admission admission)
{
    return admission == SRV_ADMIT_LOAD || admission == SRV_ADMIT_PATCH;
}

struct postern_decision
srv_undecided(void)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;

    decision.rule = POSTERN_RULE_NONE;
    decision.step = POSTERN_STEP_NONE;
    return decision;
}

/* Where no rule matches, everybody is allowed. */
bool
srv_is_undecided(const struct postern_decision *decision)
{
    return decision->rule == POSTERN_RULE_NONE && decision->step == POSTERN_STEP_NONE &&
           decision->verdict == POSTERN_DENY;
}

bool
srv_admit_hold(struct srv_counters *counters, const struct srv_counter_key *source,
               uint32_t n, struct srv_limit_entry **held, struct srv_exceeded *exceeded)
{
    if (srv_limits_live(&counters->live, source) >= n) {
        *exceeded = (struct srv_exceeded){ .source = *source, .n = n };
        return false;
    }
    *held = srv_limits_hold(&counters->live, source);
    return true;
}

/* Is there a place in each tier? `several` tiers may count other clients than this. */
static bool
are_free(const struct srv_counters *counters, const struct srv_quotas *quotas,
         enum srv_struck struck, bool several, struct srv_exceeded *exceeded)
{
    size_t full;

    if (srv_places_are_free(&counters->live, quotas, &full))
        return true;
    *exceeded = (struct srv_exceeded){ .source = quotas->of[full].source,
                                       .n = quotas->of[full].n,
                                       .struck = struck,
                                       .tier = quotas->of[full].tier,
                                       .several = several };
    return false;
}

bool
srv_admit_source(struct srv_counters *counters, const struct srv_tiers *per_source,
                 struct srv_client *client, struct srv_exceeded *exceeded)
{
    struct srv_quotas quotas;

    if (!per_source->count)
        return true;
    srv_tiers_quotas(per_source, &client->remote.addr, &quotas);
    if (!are_free(counters, &quotas, SRV_STRUCK_SOURCE, per_source->count > 1,
                  exceeded))
        return false;
    srv_places_take(&counters->live, &client->held, SRV_PLACE_SOURCE, &quotas);
    return true;
}

void
srv_admit_release(struct srv_counters *counters, struct srv_places *held)
{
    srv_places_release(&counters->live, held);
}

uint64_t
srv_admit_identity(const struct postern_rules *rules,
                   const struct postern_decision *decision)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (postern_rules_origin(rules, decision->rule, &origin) != POSTERN_OK)
        return (uint64_t)decision->rule << 1; /* but a decision was made */
    return origin.identity;
}

/*
 * The counters of a rule survive a reload, as its identity does. The lowest bit
 * distinguishes it from -C and shares of look-ups.
 */
static uint64_t
rule_scope(const struct postern_rules *rules, const struct postern_decision *decision)
{
    return srv_admit_identity(rules, decision) | 1;
}

/* What the limits of a rule are for a client. */
static void
rule_quotas(uint64_t scope, const struct postern_addr *addr,
            const struct postern_decision *decision, struct srv_quotas *out)
{
    struct postern_limit_iter more = decision->more_limits;
    struct postern_limit limit = decision->limit;

    out->count = 0;
    if (!limit.n)
        return;
    do {
        struct srv_quota *quota = &out->of[out->count];

        quota->source = srv_counter_key_of(scope, addr, &limit.per);
        quota->n = limit.n;
        quota->tier = (uint32_t)out->count++;
    } while (out->count < SRV_TIERS_MAX && postern_limit_next(&more, &limit));
}

/*
 * Counts each client once, although it is decided before its look-ups and after them.
 */
static enum srv_admission
count(struct srv_counters *counters, const struct postern_rules *rules,
      struct srv_client *client, const struct postern_decision *decision,
      struct srv_exceeded *exceeded)
{
    const struct postern_addr *addr = &client->remote.addr;
    struct srv_counter_key rate;
    struct srv_quotas live;
    uint64_t scope;
    bool again;

    if (!decision->limit.n && !decision->rate.n && !client->held.first[SRV_PLACE_RULE])
        return SRV_ADMIT_ALLOW;
    scope = rule_scope(rules, decision);
    rule_quotas(scope, addr, decision, &live);
    again = client->counted_by == scope;
    if (again && srv_places_are(&client->held, SRV_PLACE_RULE, &live))
        return SRV_ADMIT_ALLOW;
    srv_places_leave(&counters->live, &client->held, SRV_PLACE_RULE);
    if (!are_free(counters, &live, SRV_STRUCK_RULE, live.count > 1, exceeded))
        return SRV_ADMIT_LIMIT;
    if (decision->rate.n && !again) {
        rate = srv_counter_key_of(scope, addr, &decision->rate.per);
        if (!srv_rates_take(&counters->rates, &rate, &decision->rate, srv_now_ns()))
            return SRV_ADMIT_RATE;
    }
    client->counted_by = scope;
    srv_places_take(&counters->live, &client->held, SRV_PLACE_RULE, &live);
    return SRV_ADMIT_ALLOW;
}

/*
 * The same under --limits-patch, which is asked first, and once for each rule: a client
 * that was admitted is not refused for those that came after it. Rules may be NULL.
 */
static enum srv_admission
count_patched(struct srv_counters *counters, const struct postern_rules *rules,
              struct srv_client *client, const struct postern_decision *decision,
              struct srv_exceeded *exceeded)
{
    uint64_t scope = rules ? rule_scope(rules, decision) : 0;
    enum srv_admission admission = SRV_ADMIT_ALLOW;

    if (!client->held.first[SRV_PLACE_ADDRESS] || client->counted_by != scope)
        admission = srv_limits_patch_check(counters->patch, &counters->live, client,
                                           decision->env, exceeded);
    if (admission == SRV_ADMIT_ALLOW && rules)
        admission = count(counters, rules, client, decision, exceeded);
    if (admission != SRV_ADMIT_ALLOW)
        return admission;
    srv_limits_patch_hold(&counters->live, client);
    client->counted_by = scope;
    return SRV_ADMIT_ALLOW;
}

static enum srv_admission
count_all(struct srv_counters *counters, const struct postern_rules *rules,
          struct srv_client *client, const struct postern_decision *decision,
          struct srv_exceeded *exceeded)
{
    if (counters->patch)
        return count_patched(counters, rules, client, decision, exceeded);
    return rules ? count(counters, rules, client, decision, exceeded) : SRV_ADMIT_ALLOW;
}

/* Is the client refused for how programs of its source ended? */
static bool
is_penalised(const struct srv_counters *counters, const struct srv_client *client,
             struct srv_exceeded *exceeded)
{
    const struct srv_penalties *penalties = &counters->penalties;
    struct srv_counter_key source;
    uint32_t left;

    if (!penalties->last_ns)
        return false;
    source = srv_penalties_source(penalties, &client->remote.addr);
    left = srv_penalties_left(penalties, &source, srv_now_ns());
    if (left)
        *exceeded = (struct srv_exceeded){ .source = source, .n = left };
    return left != 0;
}

/*
 * Could a rule that is exempt still decide? The rule that decides by what is known, and
 * those that name a host or an ident, are all that could.
 */
static bool
may_be_exempt(const struct postern_rules *rules, const struct postern_query *query)
{
    struct postern_decision known = POSTERN_DECISION_INIT;
    struct postern_info info = POSTERN_INFO_INIT;

    return postern_rules_info(rules, &info) != POSTERN_OK || info.exempts ||
           postern_rules_decide(rules, query, &known) != POSTERN_OK ||
           srv_penalties_exempt(&known);
}

enum srv_admission
srv_admit(struct srv_counters *counters, const struct postern_rules *rules,
          struct srv_client *client, uint32_t unknown,
          struct postern_decision *decision, struct srv_exceeded *exceeded)
{
    struct srv_peer peer = srv_peer_of(client);
    char scratch[SRV_CLIENT_TEXT_MOST];
    struct postern_query query = srv_peer_query(&peer, scratch);
    enum srv_admission admission;
    uint32_t needs = 0;

    if (rules && unknown &&
        postern_rules_needs(rules, &query.remote, &needs) != POSTERN_OK)
        return SRV_ADMIT_DAMAGE;
    if (needs & unknown)
        return is_penalised(counters, client, exceeded) && !may_be_exempt(rules, &query)
                   ? SRV_ADMIT_PENALTY
                   : SRV_ADMIT_UNSURE;
    if (rules && postern_rules_decide(rules, &query, decision) != POSTERN_OK)
        return SRV_ADMIT_DAMAGE;
    if (rules && decision->verdict != POSTERN_ALLOW)
        return SRV_ADMIT_DENY;
    if (is_penalised(counters, client, exceeded) && !srv_penalties_exempt(decision))
        return SRV_ADMIT_PENALTY;
    /* no look-up can change this decision, so a client refused here is not looked up */
    admission = count_all(counters, rules, client, decision, exceeded);
    return unknown && admission == SRV_ADMIT_ALLOW ? SRV_ADMIT_UNSURE : admission;
}

enum srv_admission
srv_admit_more(struct srv_counters *counters, const struct postern_rules *rules,
               const struct srv_client *client, uint32_t unknown,
               struct postern_decision *decision)
{
    struct srv_peer peer = srv_peer_of(client);
    char scratch[SRV_CLIENT_TEXT_MOST];
    struct postern_query query = srv_peer_query(&peer, scratch);
    struct srv_counter_key key;
    uint32_t needs = 0;

    if (!rules)
        return SRV_ADMIT_ALLOW;
    if (unknown && postern_rules_needs(rules, &query.remote, &needs) != POSTERN_OK)
        return SRV_ADMIT_DAMAGE;
    if (needs & unknown)
        return SRV_ADMIT_UNSURE;
    if (postern_rules_decide(rules, &query, decision) != POSTERN_OK)
        return SRV_ADMIT_DAMAGE;
    if (decision->verdict != POSTERN_ALLOW)
        return SRV_ADMIT_DENY;
    if (!decision->rate.n)
        return SRV_ADMIT_ALLOW;
    key = srv_counter_key_of(rule_scope(rules, decision), &query.remote,
                             &decision->rate.per);
    return srv_rates_take(&counters->rates, &key, &decision->rate, srv_now_ns())
               ? SRV_ADMIT_ALLOW
               : SRV_ADMIT_RATE;
}

static void
recount_one(struct srv_counters *counters, const struct postern_rules *rules,
            struct srv_child *child)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    char scratch[SRV_CLIENT_TEXT_MOST];
    struct postern_query query = srv_peer_query(child->peer, scratch);
    struct srv_quotas quotas;

    if (postern_rules_decide(rules, &query, &decision) != POSTERN_OK ||
        !decision.limit.n)
        return;
    rule_quotas(rule_scope(rules, &decision), &child->peer->addr, &decision, &quotas);
    srv_places_take(&counters->live, &child->held, SRV_PLACE_RULE, &quotas);
}

void
srv_admit_recount(struct srv_counters *counters, const struct postern_rules *rules,
                  struct srv_children *children)
{
    struct srv_child *child = NULL;

    while ((child = srv_children_next(children, child)))
        srv_places_leave(&counters->live, &child->held, SRV_PLACE_RULE);
    while (rules && (child = srv_children_next(children, child)))
        recount_one(counters, rules, child);
}
