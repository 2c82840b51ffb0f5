/* Decision, limit, rate, in this order. */
#include "server/admit.h"

#include <string.h>

#include "server/clock.h"
#include "server/source.h"

/* Places in client.held. */
enum { PER_SOURCE, PER_RULE, PLACES };

bool
srv_admit_source(struct srv_counters *counters, const struct postern_limit *per_source,
                 struct srv_client *client)
{
    struct srv_counted counted;

    if (!per_source->n)
        return true;
    counted = srv_counted_of(0, &client->remote.addr, &per_source->per);
    if (srv_limits_live(&counters->live, &counted) >= per_source->n)
        return false;
    client->held[PER_SOURCE] = srv_limits_hold(&counters->live, &counted);
    return true;
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
 * Which written rule it is, also after a reload: by its target, where the file has it,
 * so that counters outlive a new version of the file. Never 0, which is -C.
 */
static uint64_t
rule_scope(const struct srv_counters *counters, const struct postern_rules *rules,
           const struct postern_decision *decision)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (postern_rules_origin(rules, decision->rule, &origin) == POSTERN_OK &&
        origin.target.ptr)
        return srv_hash(&counters->live.key, origin.target.ptr, origin.target.len) | 1;
    return (uint64_t)decision->rule * 2 + 2;
}

static enum srv_admission
count(struct srv_counters *counters, const struct postern_rules *rules,
      struct srv_client *client, const struct postern_decision *decision)
{
    const struct postern_addr *addr = &client->remote.addr;
    struct srv_counted live, rate;
    uint64_t scope;

    if (!decision->limit.n && !decision->rate.n)
        return SRV_ADMIT_ALLOW;
    scope = rule_scope(counters, rules, decision);
    live = srv_counted_of(scope, addr, &decision->limit.per);
    if (decision->limit.n &&
        srv_limits_live(&counters->live, &live) >= decision->limit.n)
        return SRV_ADMIT_LIMIT;
    rate = srv_counted_of(scope, addr, &decision->rate.per);
    if (decision->rate.n &&
        !srv_rates_take(&counters->rates, &rate, &decision->rate, srv_now_ns()))
        return SRV_ADMIT_RATE;
    if (decision->limit.n)
        client->held[PER_RULE] = srv_limits_hold(&counters->live, &live);
    return SRV_ADMIT_ALLOW;
}

static struct postern_str
known(const char *text)
{
    return (struct postern_str){ text, text ? strlen(text) : 0 };
}

enum srv_admission
srv_admit(struct srv_counters *counters, const struct postern_rules *rules,
          struct srv_client *client, uint32_t unknown,
          struct postern_decision *decision)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    char scratch[SRV_CLIENT_TEXT_MOST];
    uint32_t needs = 0;

    if (!rules)
        return unknown ? SRV_ADMIT_UNSURE : SRV_ADMIT_ALLOW;
    query.remote = client->remote.addr;
    query.remote_text = known(client->remote_text);
    query.host = known(client->host);
    query.ident = known(client->ident);
    query.scratch = scratch;
    query.scratch_size = sizeof(scratch);
    if (unknown && (postern_rules_needs(rules, &query.remote, &needs) != POSTERN_OK))
        return SRV_ADMIT_DAMAGE;
    if (needs & unknown)
        return SRV_ADMIT_UNSURE;
    if (postern_rules_decide(rules, &query, decision) != POSTERN_OK)
        return SRV_ADMIT_DAMAGE;
    if (decision->verdict != POSTERN_ALLOW)
        return SRV_ADMIT_DENY;
    return unknown ? SRV_ADMIT_UNSURE : count(counters, rules, client, decision);
}
