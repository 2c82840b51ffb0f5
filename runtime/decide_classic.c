/*
 * The matcher for classic images: the ladder, step by step. decide_native.c is for
 * native ones.
 */
#include <string.h>

#include "runtime/decide_native.h"
#include "runtime/format/record.h"
#include "runtime/store.h"

/*
 * The sizes of the public structs in their first version: every caller has room for
 * these.
 */
#define QUERY_SIZE ((uint32_t)sizeof(struct postern_query))
#define DECISION_SIZE ((uint32_t)sizeof(struct postern_decision))
/* That of programs from before a decision could have several limits. */
#define LONGER_SIZE ((uint32_t)offsetof(struct postern_decision, penalties))
#define SHORT_SIZE ((uint32_t)offsetof(struct postern_decision, more_limits))

enum { KEY_MARKS = 8 }; /* what a key has besides its texts, in either format */

/*
 * One walk down the ladder. `keys` holds the texts behind one another, each with one
 * spare byte before it for what a key puts there:
 *
 *     ident @ address            for ident@address
 *     ident @ = host             for ident@=host
 *             = host             for =host; a suffix overwrites the byte before its dot
 */
struct walk {
    const struct postern_rules *rules;
    struct postern_str address, host, ident; /* as in the query */
    char *keys;
    bool ident_rule; /* the rules for this ident are asked */
    postern_trace_fn trace;
    void *payload;
    struct postern_decision decision;
};

/* The verdict, and the assignments before a denial. */
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

static void
tell(const struct walk *walk, enum postern_step step, struct postern_str key, int found)
{
    struct postern_trace_event event = {
        .key = key,
        .step = (uint8_t)step,
        .ident_rule = walk->ident_rule,
        .found = found > 0,
    };

    if (found >= 0)
        walk->trace(walk->payload, &event);
}

/* One look-up: 1 when it decides, 0 when the walk continues, -1 for damage. */
static int
look_hashed(struct walk *walk, enum postern_step step, struct postern_str key,
            uint32_t hash)
{
    struct pn_record record;
    int found =
        pn_container_find(&walk->rules->container, key.ptr, key.len, hash, &record);

    if (walk->trace)
        tell(walk, step, key, found);
    if (found > 0) {
        walk->decision.rule = record.position;
        walk->decision.step = (uint8_t)step;
        walk->decision.ident_rule = walk->ident_rule;
        read_value(&record, &walk->decision);
    }
    return found;
}

static int
look(struct walk *walk, enum postern_step step, struct postern_str key)
{
    return look_hashed(walk, step, key, pn_container_hash(key.ptr, key.len));
}

/* Where =host begins in the keys: behind the ident and its @, if there is one. */
static char *
host_key(const struct walk *walk)
{
    return walk->keys + (walk->ident.ptr ? walk->ident.len + 1 : 0);
}

static void
put_host(struct walk *walk)
{
    host_key(walk)[0] = '=';
    memcpy(host_key(walk) + 1, walk->host.ptr, walk->host.len);
}

static int
ident_steps(struct walk *walk)
{
    char *behind = walk->keys + walk->ident.len + 1;
    size_t front = walk->ident.len + 1;
    int found;

    memcpy(walk->keys, walk->ident.ptr, walk->ident.len);
    behind[-1] = '@';
    memcpy(behind, walk->address.ptr, walk->address.len);
    walk->ident_rule = true;
    found = look(walk, POSTERN_STEP_ADDRESS,
                 (struct postern_str){ walk->keys, front + walk->address.len });
    if (!found && walk->host.ptr) {
        put_host(walk);
        found = look(walk, POSTERN_STEP_HOST,
                     (struct postern_str){ walk->keys, front + 1 + walk->host.len });
    }
    walk->ident_rule = false;
    return found;
}

static int
host_step(struct walk *walk)
{
    put_host(walk);
    return look(walk, POSTERN_STEP_HOST,
                (struct postern_str){ host_key(walk), walk->host.len + 1 });
}

/*
 * The whole address, and then, when it has no rule and the host none either, what of it
 * ends in a dot or a colon, longest first. One pass over the text hashes it, and on the
 * way back each byte is taken out of the hash again.
 */
static int
address_steps(struct walk *walk)
{
    struct postern_str key = walk->address;
    uint32_t hash = pn_container_hash(key.ptr, key.len);
    int found = look_hashed(walk, POSTERN_STEP_ADDRESS, key, hash);

    if (!found && walk->host.ptr)
        found = host_step(walk);
    for (; !found && key.len > 0; key.len--) {
        char last = key.ptr[key.len - 1];

        if (last == '.' || last == ':')
            found = look_hashed(walk, POSTERN_STEP_PREFIX, key, hash);
        hash = pn_container_unhash(hash, last);
    }
    return found;
}

/* What begins with a dot, longest first; then =. host_step() has copied the host. */
static int
suffix_steps(struct walk *walk)
{
    char *key = host_key(walk), *end = key + 1 + walk->host.len;
    int found = 0;

    for (; !found && key + 1 < end; key++) {
        if (key[1] == '.') {
            *key = '=';
            found = look(walk, POSTERN_STEP_SUFFIX,
                         (struct postern_str){ key, (size_t)(end - key) });
        }
    }
    if (!found)
        found = look(walk, POSTERN_STEP_ANY_HOST, (struct postern_str){ "=", 1 });
    return found;
}

static int
descend(struct walk *walk)
{
    int found = 0;

    if (walk->ident.ptr)
        found = ident_steps(walk);
    if (!found)
        found = address_steps(walk);
    if (!found && walk->host.ptr)
        found = suffix_steps(walk);
    if (!found)
        found = look(walk, POSTERN_STEP_DEFAULT, (struct postern_str){ "", 0 });
    return found;
}

/* Copies the texts of the query into the walk; `text` has room for an address. */
static bool
walk_begin(struct walk *walk, const struct postern_query *query, char *text)
{
    size_t need;

    walk->address = query->remote_text;
    walk->host = query->host;
    walk->ident = query->ident;
    if (!walk->address.ptr) {
        if (!query->remote.family)
            return false;
        walk->address.ptr = text;
        walk->address.len = postern_addr_spell(&query->remote, text);
    }
    if (__builtin_add_overflow(walk->address.len, walk->host.len, &need) ||
        __builtin_add_overflow(need, walk->ident.len, &need))
        return false;
    if (need <= POSTERN_TEXT_MAX)
        return true;
    walk->keys = query->scratch;
    return walk->keys && query->scratch_size >= KEY_MARKS &&
           query->scratch_size - KEY_MARKS >= need;
}

/*
 * A native image is looked up by bytes; a text that is no address leaves family 0. The
 * text of the address is made for a trace only.
 */
static enum postern_status
decide_native(const struct postern_rules *rules, const struct postern_query *query,
              postern_trace_fn trace, void *payload, struct postern_decision *out)
{
    char keys[POSTERN_TEXT_MAX + KEY_MARKS], text[POSTERN_ADDR_TEXT_SIZE];
    struct postern_addr parsed = { 0 };
    struct pn_native_walk native = {
        .native = &rules->native,
        .remote = &query->remote,
        .address = query->remote_text,
        .host = query->host,
        .ident = query->ident,
        .keys = keys,
        .trace = trace,
        .payload = payload,
    };
    size_t need;

    if (!query->remote.family) {
        if (!query->remote_text.ptr)
            return POSTERN_E_ARG;
        native.remote = &parsed;
        (void)postern_addr_parse(query->remote_text.ptr, query->remote_text.len,
                                 &parsed);
    }
    if (trace && !native.address.ptr)
        native.address =
            (struct postern_str){ text, postern_addr_print(&query->remote, text) };
    if (native.host.ptr && native.host.len > 1 && /* the root is "." */
        native.host.ptr[native.host.len - 1] == '.')
        native.host.len--;
    if (__builtin_add_overflow(query->host.len, query->ident.len, &need))
        return POSTERN_E_ARG;
    if (need > POSTERN_TEXT_MAX) {
        native.keys = query->scratch;
        if (!native.keys || query->scratch_size < KEY_MARKS ||
            query->scratch_size - KEY_MARKS < need)
            return POSTERN_E_ARG;
    }
    return pn_native_decide(&native, out);
}

static enum postern_status
decide_classic(const struct postern_rules *rules, const struct postern_query *query,
               postern_trace_fn trace, void *payload, struct postern_decision *out)
{
    char keys[POSTERN_TEXT_MAX + KEY_MARKS], text[POSTERN_ADDR_TEXT_SIZE];
    struct walk walk = {
        .rules = rules,
        .keys = keys,
        .trace = trace,
        .payload = payload,
        .decision = { .struct_size = out->struct_size,
                      .rule = POSTERN_RULE_NONE,
                      .verdict = POSTERN_ALLOW, /* the classic default */
                      .step = POSTERN_STEP_NONE },
    };

    if (!walk_begin(&walk, query, text))
        return POSTERN_E_ARG;
    if (descend(&walk) < 0)
        return POSTERN_E_FORMAT;
    memcpy(out, &walk.decision, DECISION_SIZE);
    return POSTERN_OK;
}

/*
 * Fills in the decision of an older program. Who could only be told the first of
 * several limits, or nothing of penalties, would let in more than the rule does.
 */
static enum postern_status
take_short(struct postern_decision *whole, struct postern_decision *out)
{
    bool longer = out->struct_size >= LONGER_SIZE;

    if (whole->penalties.at != whole->penalties.end ||
        (!longer && whole->more_limits.at != whole->more_limits.end))
        return POSTERN_E_VERSION;
    whole->struct_size = out->struct_size;
    memcpy(out, whole, longer ? LONGER_SIZE : SHORT_SIZE);
    return POSTERN_OK;
}

static enum postern_status
trace_short(const struct postern_rules *rules, const struct postern_query *query,
            postern_trace_fn trace, void *payload, struct postern_decision *out)
{
    struct postern_decision whole = POSTERN_DECISION_INIT;
    enum postern_status status =
        postern_rules_trace(rules, query, trace, payload, &whole);

    return status == POSTERN_OK ? take_short(&whole, out) : status;
}

enum postern_status
postern_rules_trace(const struct postern_rules *rules,
                    const struct postern_query *query, postern_trace_fn trace,
                    void *payload, struct postern_decision *out)
{
    if (query->struct_size < QUERY_SIZE || out->struct_size < SHORT_SIZE)
        return POSTERN_E_ARG;
    if (out->struct_size < DECISION_SIZE)
        return trace_short(rules, query, trace, payload, out);
    return rules->native.bytes ? decide_native(rules, query, trace, payload, out)
                               : decide_classic(rules, query, trace, payload, out);
}

enum postern_status
postern_rules_outcome(const struct postern_rules *rules, uint32_t rule,
                      struct postern_decision *out)
{
    struct postern_decision decision = { .struct_size = DECISION_SIZE,
                                         .rule = rule,
                                         .step = POSTERN_STEP_NONE };
    enum postern_status status = POSTERN_OK;
    struct pn_record record;

    if (out->struct_size < SHORT_SIZE)
        return POSTERN_E_ARG;
    if (rules->native.bytes)
        status = pn_native_outcome(&rules->native, rule, &decision);
    else if (!pn_container_record(&rules->container, rule, &record))
        status = POSTERN_E_ARG;
    else
        read_value(&record, &decision);
    if (status == POSTERN_OK && out->struct_size < DECISION_SIZE)
        return take_short(&decision, out);
    decision.struct_size = out->struct_size;
    if (status == POSTERN_OK)
        memcpy(out, &decision, DECISION_SIZE);
    return status;
}

enum postern_status
postern_rules_decide(const struct postern_rules *rules,
                     const struct postern_query *query, struct postern_decision *out)
{
    if (rules->native.bytes && pn_query_is_plain(query, out))
        return pn_native_decide_plain(&rules->native, &query->remote, out);
    return postern_rules_trace(rules, query, NULL, NULL, out);
}
