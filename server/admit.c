/* Decision, limit, rate, in this order. */
#include "server/admit.h"

#include "server/clock.h"
#include "server/counter_key.h"
#include "server/peer.h"

/* Places in client.held. */
enum { PER_SOURCE, PER_RULE, PLACES };

static bool
has_place(const struct srv_counters *counters, const struct srv_counter_key *source,
          uint32_t n, struct srv_exceeded *exceeded)
{
    if (srv_limits_live(&counters->live, source) < n)
        return true;
    *exceeded = (struct srv_exceeded){ *source, n };
    return false;
}

bool
srv_admit_hold(struct srv_counters *counters, const struct srv_counter_key *source,
               uint32_t n, struct srv_limit_entry **held, struct srv_exceeded *exceeded)
{
    if (!has_place(counters, source, n, exceeded))
        return false;
    *held = srv_limits_hold(&counters->live, source);
    return true;
}

bool
srv_admit_source(struct srv_counters *counters, const struct postern_limit *per_source,
                 struct srv_client *client, struct srv_exceeded *exceeded)
{
    struct srv_counter_key source;

    if (!per_source->n)
        return true;
    source = srv_counter_key_of(0, &client->remote.addr, &per_source->per);
    return srv_admit_hold(counters, &source, per_source->n, &client->held[PER_SOURCE],
                          exceeded);
}

void
srv_admit_release(struct srv_counters *counters, struct srv_limit_entry *held[2])
{
    for (size_t i = 0; i < PLACES; i++) {
        srv_limits_release(&counters->live, held[i]);
        held[i] = NULL;
    }
}

/*
 * The identity of the rule, which is the same after a reload, so that its counters
 * survive one. The lowest bit distinguishes it from -C and shares of look-ups.
 */
static uint64_t
rule_scope(const struct postern_rules *rules, const struct postern_decision *decision)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (postern_rules_origin(rules, decision->rule, &origin) != POSTERN_OK)
        return (uint64_t)decision->rule << 1 |
               1; /* damaged, but a decision was made: the number has to do */
    return origin.identity | 1;
}

/* Is the client counted by the limit of its rule already, or has the rule none? */
static bool
holds_place(const struct srv_client *client, const struct postern_limit *limit,
            const struct srv_counter_key *live)
{
    return limit->n ? srv_limits_is(client->held[PER_RULE], live)
                    : !client->held[PER_RULE];
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
    struct srv_counter_key live, rate;
    uint64_t scope;
    bool again;

    if (!decision->limit.n && !decision->rate.n && !client->held[PER_RULE])
        return SRV_ADMIT_ALLOW;
    scope = rule_scope(rules, decision);
    live = srv_counter_key_of(scope, addr, &decision->limit.per);
    again = client->counted_by == scope;
    if (again && holds_place(client, &decision->limit, &live))
        return SRV_ADMIT_ALLOW;
    srv_limits_release(&counters->live, client->held[PER_RULE]);
    client->held[PER_RULE] = NULL;
    if (decision->limit.n && !has_place(counters, &live, decision->limit.n, exceeded))
        return SRV_ADMIT_LIMIT;
    if (decision->rate.n && !again) {
        rate = srv_counter_key_of(scope, addr, &decision->rate.per);
        if (!srv_rates_take(&counters->rates, &rate, &decision->rate, srv_now_ns()))
            return SRV_ADMIT_RATE;
    }
    client->counted_by = scope;
    if (decision->limit.n)
        client->held[PER_RULE] = srv_limits_hold(&counters->live, &live);
    return SRV_ADMIT_ALLOW;
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

    if (!rules)
        return unknown ? SRV_ADMIT_UNSURE : SRV_ADMIT_ALLOW;
    if (unknown && (postern_rules_needs(rules, &query.remote, &needs) != POSTERN_OK))
        return SRV_ADMIT_DAMAGE;
    if (needs & unknown)
        return SRV_ADMIT_UNSURE;
    if (postern_rules_decide(rules, &query, decision) != POSTERN_OK)
        return SRV_ADMIT_DAMAGE;
    if (decision->verdict != POSTERN_ALLOW)
        return SRV_ADMIT_DENY;
    /* no look-up can change this decision, so a client refused here is not looked up */
    admission = count(counters, rules, client, decision, exceeded);
    return unknown && admission == SRV_ADMIT_ALLOW ? SRV_ADMIT_UNSURE : admission;
}

static void
recount_one(struct srv_counters *counters, const struct postern_rules *rules,
            struct srv_child *child)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    char scratch[SRV_CLIENT_TEXT_MOST];
    struct postern_query query = srv_peer_query(child->peer, scratch);
    struct srv_counter_key source;

    if (postern_rules_decide(rules, &query, &decision) != POSTERN_OK ||
        !decision.limit.n)
        return;
    source = srv_counter_key_of(rule_scope(rules, &decision), &child->peer->addr,
                                &decision.limit.per);
    child->held[PER_RULE] = srv_limits_hold(&counters->live, &source);
}

void
srv_admit_recount(struct srv_counters *counters, const struct postern_rules *rules,
                  struct srv_children *children)
{
    struct srv_child *child = NULL;

    while ((child = srv_children_next(children, child))) {
        srv_limits_release(&counters->live, child->held[PER_RULE]);
        child->held[PER_RULE] = NULL;
    }
    while (rules && (child = srv_children_next(children, child)))
        recount_one(counters, rules, child);
}
