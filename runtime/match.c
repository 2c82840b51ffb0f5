/* The matcher: the ladder as a table of generators of keys, and one loop over it. */
#include <string.h>

#include "runtime/format/record.h"
#include "runtime/store.h"

/* The public struct as its first version had it: what every caller has room for. */
#define QUERY_SIZE ((uint32_t)sizeof(struct postern_query))
#define DECISION_SIZE ((uint32_t)sizeof(struct postern_decision))

/*
 * One walk down the ladder. `keys` holds the texts behind one another, each with one
 * spare byte before it for what a key puts there:
 *
 *     ident @ address            for ident@address
 *     ident @ = host             for ident@=host
 *             = host             for =host; a suffix overwrites the byte before its dot
 */
struct probe {
    struct postern_str address, host, ident; /* as in the query */
    char *keys;
    unsigned stage;
    size_t at; /* how far this stage has come */
};

static bool
once(struct probe *probe)
{
    return probe->at++ == 0;
}

static bool
ident_address(struct probe *probe, struct postern_str *key)
{
    if (!probe->ident.ptr || !once(probe))
        return false;
    memcpy(probe->keys, probe->ident.ptr, probe->ident.len);
    probe->keys[probe->ident.len] = '@';
    memcpy(probe->keys + probe->ident.len + 1, probe->address.ptr, probe->address.len);
    *key = (struct postern_str){ probe->keys,
                                 probe->ident.len + 1 + probe->address.len };
    return true;
}

/* The host behind its sign, at the end of ident and @ where there is an ident. */
static char *
host_key(struct probe *probe)
{
    return probe->keys + (probe->ident.ptr ? probe->ident.len + 1 : 0);
}

static bool
ident_host(struct probe *probe, struct postern_str *key)
{
    if (!probe->ident.ptr || !probe->host.ptr || !once(probe))
        return false;
    host_key(probe)[0] = '=';
    memcpy(host_key(probe) + 1, probe->host.ptr, probe->host.len);
    *key =
        (struct postern_str){ probe->keys, probe->ident.len + 2 + probe->host.len };
    return true;
}

static bool
address(struct probe *probe, struct postern_str *key)
{
    if (!once(probe))
        return false;
    *key = probe->address;
    return true;
}

static bool
host(struct probe *probe, struct postern_str *key)
{
    if (!probe->host.ptr || !once(probe))
        return false;
    host_key(probe)[0] = '=';
    memcpy(host_key(probe) + 1, probe->host.ptr, probe->host.len);
    *key = (struct postern_str){ host_key(probe), probe->host.len + 1 };
    return true;
}

/* What ends in a dot or a colon, longest first; `at` counts bytes cut from the end. */
static bool
prefix(struct probe *probe, struct postern_str *key)
{
    while (probe->at < probe->address.len) {
        size_t len = probe->address.len - probe->at++;
        char last = probe->address.ptr[len - 1];

        if (last == '.' || last == ':') {
            *key = (struct postern_str){ probe->address.ptr, len };
            return true;
        }
    }
    return false;
}

/* What begins with a dot, longest first. The host() before it has copied the host. */
static bool
suffix(struct probe *probe, struct postern_str *key)
{
    char *copy = host_key(probe);

    if (!probe->host.ptr)
        return false;
    while (probe->at < probe->host.len) {
        size_t at = probe->at++;

        if (copy[at + 1] == '.') {
            copy[at] = '=';
            *key = (struct postern_str){ copy + at, probe->host.len - at + 1 };
            return true;
        }
    }
    return false;
}

static bool
any_host(struct probe *probe, struct postern_str *key)
{
    if (!probe->host.ptr || !once(probe))
        return false;
    *key = (struct postern_str){ "=", 1 };
    return true;
}

static bool
fallback(struct probe *probe, struct postern_str *key)
{
    if (!once(probe))
        return false;
    *key = (struct postern_str){ "", 0 };
    return true;
}

static const struct {
    bool (*next)(struct probe *probe, struct postern_str *key);
    uint8_t step;
    uint8_t ident_rule;
} ladder[] = {
    { ident_address, POSTERN_STEP_ADDRESS, 1 },
    { ident_host, POSTERN_STEP_HOST, 1 },
    { address, POSTERN_STEP_ADDRESS, 0 },
    { host, POSTERN_STEP_HOST, 0 },
    { prefix, POSTERN_STEP_PREFIX, 0 },
    { suffix, POSTERN_STEP_SUFFIX, 0 },
    { any_host, POSTERN_STEP_ANY_HOST, 0 },
    { fallback, POSTERN_STEP_DEFAULT, 0 },
};

enum { STAGES = sizeof(ladder) / sizeof(ladder[0]) };

static bool
probe_next(struct probe *probe, struct postern_str *key)
{
    for (; probe->stage < STAGES; probe->stage++, probe->at = 0)
        if (ladder[probe->stage].next(probe, key))
            return true;
    return false;
}

/* The verdict, and the assignments that stand before a denial. */
static void
read_value(const struct pn_record *record, struct postern_decision *out)
{
    const uint8_t *at = record->value, *end = at + record->value_size, *item_at = at;
    struct pn_item item;

    out->verdict = POSTERN_ALLOW;
    out->env = (struct postern_env_iter){ at, end };
    while (pn_record_next(&at, end, &item)) {
        if (pn_record_denies(item)) {
            out->verdict = POSTERN_DENY;
            out->env.end = item_at;
            return;
        }
        item_at = at;
    }
}

static enum postern_status
walk(const struct postern_rules *rules, struct probe *probe, postern_trace_fn trace,
     void *payload, struct postern_decision *decision)
{
    struct pn_record record;
    struct postern_str key;

    while (probe_next(probe, &key)) {
        int found = pn_store_find(rules, key, &record);

        if (found < 0)
            return POSTERN_E_FORMAT;
        if (trace) {
            struct postern_trace_event event = {
                .key = key,
                .step = ladder[probe->stage].step,
                .ident_rule = ladder[probe->stage].ident_rule,
                .found = (uint8_t)found,
            };
            trace(payload, &event);
        }
        if (found) {
            decision->rule = record.position;
            decision->step = ladder[probe->stage].step;
            decision->ident_rule = ladder[probe->stage].ident_rule;
            read_value(&record, decision);
            return POSTERN_OK;
        }
    }
    return POSTERN_OK; /* the classic default, which *decision holds already */
}

enum postern_status
postern_rules_trace(const struct postern_rules *rules,
                    const struct postern_query *query, postern_trace_fn trace,
                    void *payload, struct postern_decision *out)
{
    char keys[POSTERN_TEXT_MAX + 2], text[POSTERN_ADDR_TEXT_SIZE];
    struct postern_decision decision = {
        .struct_size = DECISION_SIZE,
        .rule = POSTERN_RULE_NONE,
        .verdict = POSTERN_ALLOW,
        .step = POSTERN_STEP_NONE,
    };
    struct probe probe = { .keys = keys };
    enum postern_status status;
    size_t need;

    if (query->struct_size < QUERY_SIZE || out->struct_size < DECISION_SIZE)
        return POSTERN_E_ARG;
    probe.address = query->remote_text;
    probe.host = query->host;
    probe.ident = query->ident;
    if (!probe.address.ptr) {
        if (!query->remote.family)
            return POSTERN_E_ARG;
        probe.address.ptr = text;
        probe.address.len = postern_addr_print(&query->remote, text);
    }
    if (__builtin_add_overflow(probe.address.len, probe.host.len, &need) ||
        __builtin_add_overflow(need, probe.ident.len, &need))
        return POSTERN_E_ARG;
    if (need > POSTERN_TEXT_MAX) {
        if (!query->scratch || query->scratch_size < 2 ||
            query->scratch_size - 2 < need)
            return POSTERN_E_ARG;
        probe.keys = query->scratch;
    }
    status = walk(rules, &probe, trace, payload, &decision);
    if (status == POSTERN_OK) {
        decision.struct_size = out->struct_size;
        memcpy(out, &decision, DECISION_SIZE);
    }
    return status;
}

enum postern_status
postern_rules_decide(const struct postern_rules *rules,
                     const struct postern_query *query, struct postern_decision *out)
{
    return postern_rules_trace(rules, query, NULL, NULL, out);
}
