/* The ladder on a native image: blocks first, then this ident's rules, then all others.
 */
#include "runtime/decide_native.h"

#include <string.h>

/* The walk through one group. */
struct group {
    const struct pn_native_group *rules;
    uint32_t number;
    struct pn_native_entry entry; /* of the address in this group's index */
    uint8_t ident_rule;
};

/* Reports a step and whether it found a rule. Returns found. */
static bool
tell(const struct pn_native_walk *walk, enum postern_step step,
     const struct group *group, struct postern_str key, bool found)
{
    struct postern_trace_event event = {
        .key = key,
        .step = (uint8_t)step,
        .ident_rule = group->ident_rule,
        .found = found,
    };

    if (walk->trace)
        walk->trace(walk->payload, &event);
    return found;
}

/* A text of a row of terms; false for damage. */
static bool
terms_text(const struct pn_native *native, const uint8_t *row, enum pn_native_term at,
           struct postern_str *out)
{
    uint32_t offset = pn_native_number(row, at), size = pn_native_number(row, at + 1);
    const uint8_t *text = pn_native_text(native, offset, size);

    if (offset == PN_NATIVE_NONE)
        return true;
    *out = (struct postern_str){ (const char *)text, size };
    return text != NULL;
}

static struct postern_per
per_of(uint32_t number)
{
    return (struct postern_per){ (uint8_t)(number >> 8), (uint8_t)number };
}

/* No network is longer than an address: whoever counts by them relies on it. */
static bool
per_is_sound(uint32_t number)
{
    return (number >> 8 & 0xff) <= 32 && (number & 0xff) <= 128;
}

/* The further limits of a rule stand in the rows behind its own, which is `first`. */
static bool
take_more_limits(const struct pn_native *native, uint32_t number, const uint8_t *first,
                 struct postern_limit_iter *out)
{
    uint32_t more = pn_native_number(first, PN_TERM_LIMIT_PER) / PN_TERM_MORE;
    const uint8_t *row = first;

    if (!native->has_tiers || more >= PN_LIMITS_MAX ||
        more >= native->terms.count - number ||
        !pn_native_number(first, PN_TERM_LIMIT_N))
        return false;
    for (uint32_t i = 0; i < more; i++) {
        row += PN_TERM_ROW_SIZE;
        if (!pn_native_number(row, PN_TERM_LIMIT_N) ||
            !per_is_sound(pn_native_number(row, PN_TERM_LIMIT_PER)))
            return false;
    }
    *out =
        (struct postern_limit_iter){ first + PN_TERM_ROW_SIZE, row + PN_TERM_ROW_SIZE };
    return true;
}

bool
postern_limit_next(struct postern_limit_iter *iter, struct postern_limit *out)
{
    if (iter->end - iter->at < PN_TERM_ROW_SIZE)
        return false;
    out->n = pn_native_number(iter->at, PN_TERM_LIMIT_N);
    out->per = per_of(pn_native_number(iter->at, PN_TERM_LIMIT_PER));
    iter->at += PN_TERM_ROW_SIZE;
    return true;
}

/* The first row of penalties of a row of terms, or of one behind it. */
static uint32_t
penalties_from(const struct pn_native *native, uint32_t terms)
{
    uint32_t low = 0, high = native->penalties.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint8_t *row =
            native->penalties.bytes + (size_t)middle * PN_PENALTY_ROW_SIZE;

        if (pn_native_number(row, PN_PENALTY_TERMS) < terms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A penalty behind those up to `last`; or, alone, that there is none. */
static bool
penalty_is_sound(const uint8_t *row, uint32_t last)
{
    uint32_t statuses = pn_native_number(row, PN_PENALTY_STATUSES);
    uint32_t seconds = pn_native_number(row, PN_PENALTY_SECONDS);

    if (!seconds)
        return !last && !statuses;
    return pn_penalty_first(statuses) > last &&
           pn_penalty_last(statuses) >= pn_penalty_first(statuses) &&
           pn_penalty_last(statuses) <= PN_PENALTY_SIGNAL && seconds <= PN_PENALTY_MOST;
}

/* The penalties of a rule by its row of terms; false for damage. */
static bool
take_penalties(const struct pn_native *native, uint32_t terms,
               struct postern_penalty_iter *out)
{
    uint32_t from = penalties_from(native, terms), last = 0, count = 0;
    const uint8_t *first = native->penalties.bytes + (size_t)from * PN_PENALTY_ROW_SIZE;
    const uint8_t *row = first;

    for (uint32_t at = from; at < native->penalties.count &&
                             pn_native_number(row, PN_PENALTY_TERMS) == terms;
         at++) {
        if (++count > PN_PENALTIES_MAX || !penalty_is_sound(row, last))
            return false;
        last = pn_penalty_last(pn_native_number(row, PN_PENALTY_STATUSES));
        last = last ? last : PN_PENALTY_SIGNAL; /* nothing stands beside that */
        row += PN_PENALTY_ROW_SIZE;
    }
    *out = (struct postern_penalty_iter){ first, row };
    return true;
}

/* Limit, rate and reject text of a rule that has terms: all of them, or none. */
static bool
take_terms(const struct pn_native *native, uint32_t number,
           struct postern_decision *out)
{
    const uint8_t *row = pn_native_terms_row(native, number);
    struct postern_limit_iter more = { NULL, NULL };
    struct postern_penalty_iter penalties = { NULL, NULL };
    struct postern_str reject = { NULL, 0 };
    uint32_t limit_per, rate_per;

    if (!row || !terms_text(native, row, PN_TERM_REJECT_AT, &reject))
        return false;
    limit_per = pn_native_number(row, PN_TERM_LIMIT_PER);
    rate_per = pn_native_number(row, PN_TERM_RATE_PER);
    if (!per_is_sound(limit_per) || !per_is_sound(rate_per) ||
        (limit_per >= PN_TERM_MORE && !take_more_limits(native, number, row, &more)) ||
        (native->penalties.count && !take_penalties(native, number, &penalties)))
        return false;
    out->reject = reject;
    out->limit.n = pn_native_number(row, PN_TERM_LIMIT_N);
    out->limit.per = per_of(limit_per);
    out->more_limits = more;
    out->penalties = penalties;
    out->rate.n = pn_native_number(row, PN_TERM_RATE_N);
    out->rate.seconds = pn_native_number(row, PN_TERM_RATE_SECONDS);
    out->rate.per = per_of(rate_per);
    return true;
}

/* Fills all of *out except step and ident_rule, and only on success. */
static inline enum postern_status
rule_take(const struct pn_native *native, uint32_t rule, struct postern_decision *out)
{
    const uint8_t *row = pn_native_rule_row(native, rule), *env;
    uint32_t size, number;

    if (!row)
        return POSTERN_E_ARG;
    size = pn_native_number(row, PN_RULE_ENV_SIZE);
    number = pn_native_number(row, PN_RULE_TERMS);
    env = pn_native_text(native, pn_native_number(row, PN_RULE_ENV_AT), size);
    if (!env)
        return POSTERN_E_FORMAT;
    if (number != PN_NATIVE_NONE) {
        if (!take_terms(native, number, out))
            return POSTERN_E_FORMAT;
    } else {
        out->limit = (struct postern_limit){ 0 };
        out->more_limits = (struct postern_limit_iter){ NULL, NULL };
        out->penalties = (struct postern_penalty_iter){ NULL, NULL };
        out->rate = (struct postern_rate){ 0 };
        out->reject = (struct postern_str){ NULL, 0 };
    }
    out->rule = rule;
    out->verdict = pn_native_number(row, PN_RULE_VERDICT) == POSTERN_ALLOW;
    out->reserved = 0;
    out->env = (struct postern_env_iter){ env, env + size };
    return POSTERN_OK;
}

enum postern_status
pn_native_outcome(const struct pn_native *native, uint32_t rule,
                  struct postern_decision *out)
{
    enum postern_status status = rule_take(native, rule, out);

    if (status == POSTERN_OK) {
        out->step = POSTERN_STEP_NONE;
        out->ident_rule = 0;
    }
    return status;
}

enum postern_status
pn_native_decide_plain(const struct pn_native *native,
                       const struct postern_addr *remote, struct postern_decision *out)
{
    struct pn_native_entry entry;
    uint32_t step;

    if (!pn_native_find_in(native, PN_GROUP_NO_IDENT, &native->first[PN_GROUP_NO_IDENT],
                           remote->family, remote->bytes, &entry))
        return POSTERN_E_FORMAT;
    step = pn_native_entry_step(&entry);
    if (step > POSTERN_STEP_DEFAULT ||
        rule_take(native, entry.plain, out) != POSTERN_OK)
        return POSTERN_E_FORMAT;
    out->step = (uint8_t)step;
    out->ident_rule = 0;
    return POSTERN_OK;
}

static enum postern_status
take(const struct pn_native_walk *walk, enum postern_step step,
     const struct group *group, uint32_t rule, struct postern_decision *out)
{
    if (rule_take(walk->native, rule, out) != POSTERN_OK)
        return POSTERN_E_FORMAT;
    out->step = (uint8_t)step;
    out->ident_rule = group->ident_rule;
    return POSTERN_OK;
}

/* The key of a name in this group: 1 found, 0 absent, -1 damage. */
static int
name_find(const struct pn_native_walk *walk, const struct group *group,
          struct postern_str name, uint32_t *rule)
{
    size_t size =
        pn_native_name_key(walk->keys, PN_NAME_HOST, group->number, name.ptr, name.len);

    return pn_native_name_find(walk->native, walk->keys, size, rule);
}

static int
suffix_find(const struct pn_native_walk *walk, const struct group *group,
            uint32_t *rule)
{
    if (!group->rules->suffixes)
        return 0;
    for (size_t at = 0; at < walk->host.len; at++) {
        struct postern_str name = { walk->host.ptr + at, walk->host.len - at };
        int found;

        if (walk->host.ptr[at] != '.')
            continue;
        found = name_find(walk, group, name, rule);
        if (group->number) /* blocks are reported as one event */
            tell(walk, POSTERN_STEP_SUFFIX, group, name, found > 0);
        if (found)
            return found;
    }
    return 0;
}

/*
 * The six steps of one group. 1 and *step and *rule; 0 when no rule of the group
 * matches; -1 for damage.
 */
static int
group_steps(const struct pn_native_walk *walk, const struct group *group,
            enum postern_step *step, uint32_t *rule)
{
    int found = 0;

    *step = POSTERN_STEP_ADDRESS;
    *rule = group->entry.exact;
    if (tell(walk, *step, group, walk->address, *rule != PN_NATIVE_NONE))
        return 1;
    *step = POSTERN_STEP_HOST;
    if (walk->host.ptr && group->rules->hosts)
        found = name_find(walk, group, walk->host, rule);
    if (walk->host.ptr && found >= 0)
        tell(walk, *step, group, walk->host, found > 0);
    if (found)
        return found;
    *step = POSTERN_STEP_PREFIX;
    *rule = group->entry.prefix;
    if (tell(walk, *step, group, walk->address, *rule != PN_NATIVE_NONE))
        return 1;
    if (walk->host.ptr) {
        *step = POSTERN_STEP_SUFFIX;
        found = suffix_find(walk, group, rule);
        if (found)
            return found;
        *step = POSTERN_STEP_ANY_HOST;
        *rule = group->rules->any_host;
        if (tell(walk, *step, group, (struct postern_str){ "=", 1 },
                 *rule != PN_NATIVE_NONE))
            return 1;
    }
    *step = POSTERN_STEP_DEFAULT;
    *rule = group->rules->fallback;
    return tell(walk, *step, group, (struct postern_str){ "", 0 },
                *rule != PN_NATIVE_NONE);
}

/* What the group says of the address. */
static bool
group_enter(const struct pn_native_walk *walk, const struct pn_native_group *rules,
            uint32_t number, struct group *out)
{
    const struct postern_addr *remote = walk->remote;

    out->number = number;
    out->rules = rules;
    return pn_native_find_in(walk->native, number, rules, remote->family, remote->bytes,
                             &out->entry);
}

/* The block that a host falls under. */
static int
block_host(const struct pn_native_walk *walk, const struct group *blocks,
           uint32_t address_block, uint32_t *rule)
{
    int found = 0;

    if (blocks->rules->hosts)
        found = name_find(walk, blocks, walk->host, rule);
    if (found)
        return found;
    *rule = address_block; /* a prefix ranks above suffixes and below exact hosts */
    if (*rule != PN_NATIVE_NONE)
        return 1;
    found = suffix_find(walk, blocks, rule);
    if (!found)
        *rule = blocks->rules->any_host;
    return found ? found : *rule != PN_NATIVE_NONE;
}

/* Blocks name hosts too; their addresses are part of the index of group 1. */
static int
block_find(const struct pn_native_walk *walk, uint32_t address_block, uint32_t *rule)
{
    struct group blocks = { .rules = &walk->native->first[PN_GROUP_BLOCKS] };
    bool exact = address_block != PN_NATIVE_NONE && address_block & PN_NATIVE_EXACT;
    int found;

    *rule = exact ? address_block & ~PN_NATIVE_EXACT : address_block;
    found = *rule != PN_NATIVE_NONE;
    if (!exact && walk->host.ptr)
        found = block_host(walk, &blocks, address_block, rule);
    if (found >= 0)
        tell(walk, POSTERN_STEP_BLOCK, &blocks, walk->address, found > 0);
    return found;
}

/* This ident's group; 0 when it has none. */
static int
ident_group(const struct pn_native_walk *walk, uint32_t *number)
{
    size_t size;

    if (!walk->ident.ptr)
        return 0;
    size = pn_native_name_key(walk->keys, PN_NAME_IDENT, 0, walk->ident.ptr,
                              walk->ident.len);
    return pn_native_name_find(walk->native, walk->keys, size, number);
}

enum postern_status
pn_native_decide(struct pn_native_walk *walk, struct postern_decision *out)
{
    struct group all = { .ident_rule = 0 }, mine = { .ident_rule = 1 };
    struct pn_native_group rules;
    enum postern_step step = POSTERN_STEP_BLOCK;
    uint32_t rule;
    int found;

    if (!walk->remote->family) { /* no rule matches a text that is no address */
        struct postern_decision denial = { .struct_size = out->struct_size,
                                           .rule = POSTERN_RULE_NONE,
                                           .step = POSTERN_STEP_NONE };

        *out = denial;
        return POSTERN_OK;
    }
    if (!group_enter(walk, &walk->native->first[PN_GROUP_NO_IDENT], PN_GROUP_NO_IDENT,
                     &all))
        return POSTERN_E_FORMAT;
    found = block_find(walk, all.entry.block, &rule);
    if (!found) {
        found = ident_group(walk, &mine.number);
        if (found > 0)
            found = pn_native_group(walk->native, mine.number, &rules) &&
                            group_enter(walk, &rules, mine.number, &mine)
                        ? group_steps(walk, &mine, &step, &rule)
                        : -1;
        if (found > 0)
            return take(walk, step, &mine, rule, out);
    }
    if (!found)
        found = group_steps(walk, &all, &step, &rule);
    if (found <= 0)
        return POSTERN_E_FORMAT; /* a policy always has a default */
    return take(walk, step, &all, rule, out);
}

/* The notes of a rule: they change nothing. */
static bool
take_notes(const struct pn_native *native, uint32_t number, struct postern_origin *out)
{
    const uint8_t *row;

    if (number == PN_NATIVE_NONE)
        return true;
    row = pn_native_terms_row(native, number);
    if (!row)
        return false;
    out->until = pn_native_number(row, PN_TERM_UNTIL_DATE);
    return terms_text(native, row, PN_TERM_OWNER_AT, &out->owner) &&
           terms_text(native, row, PN_TERM_TICKET_AT, &out->ticket);
}

enum postern_status
pn_native_origin(const struct pn_native *native, uint32_t rule,
                 struct postern_origin *out)
{
    const uint8_t *row = pn_native_rule_row(native, rule), *target, *file;
    uint32_t target_size, file_size;

    if (!row)
        return POSTERN_E_ARG;
    target_size = pn_native_number(row, PN_RULE_TARGET_SIZE);
    file_size = pn_native_number(row, PN_RULE_FILE_SIZE);
    target =
        pn_native_text(native, pn_native_number(row, PN_RULE_TARGET_AT), target_size);
    file = pn_native_text(native, pn_native_number(row, PN_RULE_FILE_AT), file_size);
    if (!target || !file)
        return POSTERN_E_FORMAT;
    out->until = 0;
    out->owner = out->ticket = (struct postern_str){ NULL, 0 };
    out->line = pn_native_number(row, PN_RULE_LINE);
    out->target = out->file = (struct postern_str){ NULL, 0 };
    if (out->line) /* otherwise it was stripped, or is implicit */
        out->target = (struct postern_str){ (const char *)target, target_size };
    if (out->line || file_size)
        out->file = (struct postern_str){ (const char *)file, file_size };
    return pn_native_identity(native, rule, &out->identity) &&
                   take_notes(native, pn_native_number(row, PN_RULE_TERMS), out)
               ? POSTERN_OK
               : POSTERN_E_FORMAT;
}
