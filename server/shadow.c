/* Two decisions side by side. */
#include "server/shadow.h"

#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/status_runs.h"
#include "server/clock.h"
#include "server/count_decisions.h"
#include "server/messages.h"
#include "server/peer.h"
#include "server/server.h"

enum { LOG_EVERY_MS = 1000 };

/* What a name has in the end; false when it is not assigned. */
static bool
value_of(struct postern_env_iter env, const struct postern_str *name,
         struct postern_str *out)
{
    struct postern_env item;
    bool found = false;

    while (postern_env_next(&env, &item))
        if (item.value.ptr && item.name.len == name->len &&
            memcmp(item.name.ptr, name->ptr, name->len) == 0) {
            *out = item.value;
            found = true;
        }
    return found;
}

/* Does `other` assign all that `env` does, with the same values? */
static bool
is_assigned(struct postern_env_iter env, struct postern_env_iter other)
{
    struct postern_env_iter rest = env;
    struct postern_env item;
    struct postern_str a, b;

    while (postern_env_next(&rest, &item))
        if (item.value.ptr &&
            (!value_of(env, &item.name, &a) || !value_of(other, &item.name, &b) ||
             a.len != b.len || memcmp(a.ptr, b.ptr, a.len) != 0))
            return false;
    return true;
}

static bool
env_equal(struct postern_env_iter a, struct postern_env_iter b)
{
    size_t size = (size_t)(a.end - a.at);

    if (size == (size_t)(b.end - b.at) && (!size || memcmp(a.at, b.at, size) == 0))
        return true; /* as of most that differ in nothing */
    return is_assigned(a, b) && is_assigned(b, a);
}

static bool
per_equal(const struct postern_per *a, const struct postern_per *b)
{
    return a->v4 == b->v4 && a->v6 == b->v6;
}

static bool
limit_equal(const struct postern_limit *a, const struct postern_limit *b)
{
    return a->n == b->n && (!a->n || per_equal(&a->per, &b->per));
}

static bool
limits_equal(const struct postern_decision *a, const struct postern_decision *b)
{
    struct postern_limit_iter left = a->more_limits, right = b->more_limits;
    struct postern_limit one, other;

    if (!limit_equal(&a->limit, &b->limit))
        return false;
    while (postern_limit_next(&left, &one))
        if (!postern_limit_next(&right, &other) || !limit_equal(&one, &other))
            return false;
    return !postern_limit_next(&right, &other);
}

static bool
rate_equal(const struct postern_rate *a, const struct postern_rate *b)
{
    return a->n == b->n &&
           (!a->n || (a->seconds == b->seconds && per_equal(&a->per, &b->per)));
}

static size_t
penalties_read(struct postern_penalty_iter iter,
               struct pn_status_run out[POSTERN_PENALTIES_MAX])
{
    struct postern_penalty penalty;
    size_t count = 0;

    while (count < POSTERN_PENALTIES_MAX && postern_penalty_next(&iter, &penalty))
        out[count++] =
            (struct pn_status_run){ penalty.first, penalty.last, penalty.seconds };
    return pn_status_runs_join(out, count);
}

static bool
penalties_equal(const struct postern_decision *a, const struct postern_decision *b)
{
    struct pn_status_run left[POSTERN_PENALTIES_MAX], right[POSTERN_PENALTIES_MAX];
    size_t count = penalties_read(a->penalties, left);

    return count == penalties_read(b->penalties, right) &&
           memcmp(left, right, count * sizeof(*left)) == 0;
}

unsigned
srv_shadow_differences(const struct postern_decision *live,
                       const struct postern_decision *shadow)
{
    unsigned differences = 0;

    if (live->verdict != shadow->verdict)
        return PN_COUNTS_VERDICT;
    if (live->verdict != POSTERN_ALLOW)
        return 0;
    if (!env_equal(live->env, shadow->env))
        differences |= PN_COUNTS_VARIABLES;
    if (!limits_equal(live, shadow))
        differences |= PN_COUNTS_LIMIT;
    if (!rate_equal(&live->rate, &shadow->rate))
        differences |= PN_COUNTS_RATE;
    if (!penalties_equal(live, shadow))
        differences |= PN_COUNTS_PENALTY;
    return differences;
}

bool
srv_shadow_begin(struct srv_server *server)
{
    struct srv_shadow *shadow = &server->shadow;

    if (!server->config->shadow_path)
        return true;
    shadow->pairs = calloc(SRV_SHADOW_PAIRS, sizeof(*shadow->pairs));
    shadow->rules.allow_missing = true;
    shadow->rules.names_policies = server->config->log_format == SRV_LOG_JSON;
    if (!shadow->pairs ||
        !srv_rules_init(&shadow->rules, server->config->shadow_path, srv_now_ms()))
        return false;
    srv_rules_load_in_thread(&shadow->rules);
    return true;
}

/* Said once for each state that it comes to. */
static void
fault_say(struct srv_server *server)
{
    struct srv_shadow *shadow = &server->shadow;
    struct srv_line line = { .size = 0 };

    shadow->generation = shadow->rules.generation;
    if (shadow->rules.in_force || server->config->verbosity < SRV_ERRORS)
        return;
    srv_line_text(&line, "no rehearsal, unable to read ");
    srv_line_text(&line, shadow->rules.path);
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    srv_message_warning(&server->log, line.bytes, srv_rules_reason(&shadow->rules));
}

void
srv_shadow_check(struct srv_server *server)
{
    struct srv_shadow *shadow = &server->shadow;
    int64_t next_ms; /* the next client asks again: nobody waits for these rules */

    if (!shadow->rules.path)
        return;
    (void)srv_rules_check(&shadow->rules, srv_now_ms(), 0, &next_ms);
    if (shadow->generation != shadow->rules.generation)
        fault_say(server);
}

/* A pair that may be logged now, with how often it was seen since; or NULL. */
static struct srv_shadow_pair *
pair_take(struct srv_shadow *shadow, uint64_t live, uint64_t other)
{
    int64_t now_ms = srv_now_ms();
    uint64_t hash = (live ^ other * 3) * UINT64_C(0x9e3779b97f4a7c15);
    struct srv_shadow_pair *pair = &shadow->pairs[hash >> 32 & (SRV_SHADOW_PAIRS - 1)];

    if (pair->live != live || pair->shadow != other) {
        if (now_ms < pair->next_ms)
            return NULL;
        *pair = (struct srv_shadow_pair){ .live = live, .shadow = other };
    }
    pair->count++;
    if (now_ms < pair->next_ms)
        return NULL;
    pair->next_ms = now_ms + LOG_EVERY_MS;
    return pair;
}

static void
difference_log(struct srv_server *server, const struct srv_client *client,
               const struct postern_decision *live, const struct postern_decision *next,
               const struct srv_counted_pair *counted)
{
    struct srv_shadow_pair *pair =
        pair_take(&server->shadow, counted->live, counted->shadow);

    if (!pair || server->config->verbosity < SRV_ERRORS)
        return;
    srv_message_shadow(
        server, client,
        &(struct srv_shadowed){ live, next, counted->differences, pair->count });
    pair->count = 0;
}

/* False for a shadow that turns out to be damaged: it decides nothing. */
static bool
shadow_decide(const struct postern_rules *rules, const struct srv_client *client,
              uint32_t unknown, struct postern_decision *out, unsigned *undecided)
{
    struct srv_peer peer = srv_peer_of(client);
    char scratch[SRV_CLIENT_TEXT_MOST];
    struct postern_query query = srv_peer_query(&peer, scratch);
    uint32_t needs = 0;

    if (unknown && postern_rules_needs(rules, &query.remote, &needs) != POSTERN_OK)
        return false;
    *undecided = needs & unknown ? PN_COUNTS_UNDECIDED : 0;
    return postern_rules_decide(rules, &query, out) == POSTERN_OK;
}

void
srv_shadow_judge(struct srv_server *server, const struct srv_client *client,
                 uint32_t unknown, const struct postern_decision *decision)
{
    const struct postern_rules *rules = server->shadow.rules.in_force;
    struct postern_decision next = POSTERN_DECISION_INIT;
    struct srv_counted_pair counted;
    unsigned differences = 0;

    if (!rules || !server->rules.in_force ||
        !shadow_decide(rules, client, unknown, &next, &differences))
        return;
    if (!differences)
        differences = srv_shadow_differences(decision, &next);
    if (!differences)
        return;
    counted =
        (struct srv_counted_pair){ srv_count_identity(server->rules.in_force, decision),
                                   srv_count_identity(rules, &next),
                                   (uint16_t)differences, client->remote.addr.family,
                                   client->remote.addr.bytes };
    if (server->counting.header)
        srv_counting_pair(&server->counting, &counted);
    difference_log(server, client, decision, &next, &counted);
}
