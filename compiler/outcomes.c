/* An outcome is interned by a text of it, in which a map has its names in order. */
#include "compiler/outcomes.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

/* Classic rules are the positions of records, none of which is shorter. */
enum { RECORD_SHIFT = 3 };

static int
compare_text(struct postern_str a, struct postern_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int
by_name(const void *left, const void *right)
{
    const struct postern_env *a = left, *b = right;
    int order = compare_text(a->name, b->name);

    return order ? order
                 : (a->assignment > b->assignment) - (a->assignment < b->assignment);
}

/* Of equal names the last assignment counts. */
static void
env_write(struct pn_buffer *out, struct postern_env_iter iter)
{
    struct postern_env *items = NULL, env;
    size_t count = 0, capacity = 0;

    while (postern_env_next(&iter, &env)) {
        if (!env.value.ptr)
            continue;
        if (!pn_vector_reserve(&items, &capacity, count + 1, sizeof(*items))) {
            out->failed = true;
            break;
        }
        items[count++] = env;
    }
    if (count)
        qsort(items, count, sizeof(*items), by_name);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && compare_text(items[i].name, items[i + 1].name) == 0)
            continue;
        pn_buffer_add(out, items[i].name.ptr, items[i].name.len);
        pn_buffer_add_text(out, "=");
        pn_buffer_add(out, items[i].value.ptr, items[i].value.len);
        pn_buffer_add(out, "", 1);
    }
    pn_free(items);
}

void
pn_outcome_write_penalties(struct pn_buffer *out, struct pn_status_run *runs,
                           size_t count)
{
    count = pn_status_runs_join(runs, count);
    for (size_t i = 0; i < count; i++)
        pn_buffer_add_format(out, " !%" PRIu32 "-%" PRIu32 " %" PRIu32, runs[i].first,
                             runs[i].last, runs[i].seconds);
}

/* They are of the source, not of the rule. */
static void
penalties_write(struct pn_buffer *out, struct postern_penalty_iter iter)
{
    struct pn_status_run runs[POSTERN_PENALTIES_MAX];
    struct postern_penalty penalty;
    size_t count = 0;

    while (count < POSTERN_PENALTIES_MAX && postern_penalty_next(&iter, &penalty))
        runs[count++] =
            (struct pn_status_run){ penalty.first, penalty.last, penalty.seconds };
    pn_outcome_write_penalties(out, runs, count);
}

void
pn_outcome_write(struct pn_buffer *out, const struct postern_decision *decision,
                 uint32_t rule)
{
    struct postern_limit_iter more = decision->more_limits;
    struct postern_limit limit;

    pn_buffer_add_text(out, decision->verdict == POSTERN_ALLOW ? "+" : "-");
    if (decision->verdict == POSTERN_ALLOW)
        env_write(out, decision->env);
    if (decision->limit.n || decision->rate.n)
        pn_buffer_add_format(out, "%u %u/%u %u/%u %u/%u %u", rule, decision->limit.n,
                             decision->limit.per.v4, decision->limit.per.v6,
                             decision->rate.n, decision->rate.seconds,
                             decision->rate.per.v4, decision->rate.per.v6);
    while (postern_limit_next(&more, &limit))
        pn_buffer_add_format(out, " %u/%u %u", limit.n, limit.per.v4, limit.per.v6);
    if (decision->verdict == POSTERN_ALLOW)
        penalties_write(out, decision->penalties);
    if (decision->reject.ptr) {
        pn_buffer_add(out, "", 1);
        pn_buffer_add(out, decision->reject.ptr, decision->reject.len);
    }
}

/* Only a verdict, as for most rules. */
static bool
is_plain(const struct postern_decision *d)
{
    return d->env.at == d->env.end && !d->limit.n && !d->rate.n && !d->reject.ptr &&
           d->penalties.at == d->penalties.end;
}

static uint32_t
outcome_add(struct pn_outcomes *o, uint32_t rule)
{
    /* nothing matched a classic image: that is an allow */
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct pn_buffer text = { 0 };
    uint32_t number = 0;

    if (rule == POSTERN_RULE_NONE)
        decision.verdict = POSTERN_ALLOW;
    else if (postern_rules_outcome(o->rules, rule, &decision) != POSTERN_OK)
        o->failed = true;
    if (is_plain(&decision) && o->plain[decision.verdict == POSTERN_ALLOW])
        return o->plain[decision.verdict == POSTERN_ALLOW] - 1;
    pn_outcome_write(&text, &decision, o->shared ? 0 : rule);
    o->failed |= text.failed || !pn_intern_add(o->shared ? o->shared : &o->own,
                                               text.bytes, text.size, &number);
    pn_buffer_free(&text);
    if (is_plain(&decision) && !o->failed)
        o->plain[decision.verdict == POSTERN_ALLOW] = number + 1;
    return number;
}

static struct postern_info
info_of(const struct pn_outcomes *o)
{
    struct postern_info info = POSTERN_INFO_INIT;

    (void)postern_rules_info(o->rules, &info); /* this struct's size is known */
    return info;
}

/* Room for the numbers of all rules; what is not asked for takes no memory. */
static bool
numbers_make(struct pn_outcomes *o)
{
    struct postern_info info = info_of(o);
    bool classic = info.format == POSTERN_FORMAT_CLASSIC;

    o->shift = classic ? RECORD_SHIFT : 0;
    o->count = (size_t)(classic ? info.size >> RECORD_SHIFT : info.records) + 1;
    o->numbers = pn_calloc(o->count, sizeof(*o->numbers));
    return o->numbers;
}

uint32_t
pn_outcome_of(void *payload, uint32_t rule)
{
    struct pn_outcomes *o = payload;
    size_t at = rule >> o->shift;

    if (!o->numbers) {
        if (!numbers_make(o)) {
            o->failed = true;
            return 0;
        }
        at = rule >> o->shift;
    }
    if (at >= o->count) /* what decides where no rule does */
        return outcome_add(o, rule);
    if (!o->numbers[at])
        o->numbers[at] = outcome_add(o, rule) + 1;
    return o->numbers[at] - 1;
}

/* A set of rules: a bit each. */
struct rule_set {
    uint8_t *bits;
    size_t size; /* in bytes */
};

static void
set_add(struct rule_set *set, uint32_t rule)
{
    if (rule / CHAR_BIT < set->size)
        set->bits[rule / CHAR_BIT] |= (uint8_t)(1U << rule % CHAR_BIT);
}

static void
pieces_gather(struct rule_set *set, const struct pn_pieces *pieces)
{
    for (size_t i = 0; i < pieces->entry_count; i++) {
        const struct pn_native_entry *entry = &pieces->entries[i];

        if (entry->block != PN_RULE_NONE)
            set_add(set, entry->block & ~PN_NATIVE_EXACT);
        set_add(set, entry->exact);
        set_add(set, entry->prefix);
    }
}

/* Rules with hosts, of which there are fewer, are read on demand. */
void
pn_outcomes_fill(struct pn_outcomes *outcomes, const struct pn_decoded *decoded)
{
    const struct postern_info info = info_of(outcomes);
    struct rule_set set = { .size = (size_t)(info.format == POSTERN_FORMAT_CLASSIC
                                                 ? info.size
                                                 : info.records) /
                                        CHAR_BIT +
                                    1 };

    set.bits = pn_calloc(set.size, 1);
    for (size_t i = 0; set.bits && i < decoded->group_count; i++) {
        pieces_gather(&set, decoded->groups[i].pieces[PN_V4]);
        for (unsigned z = 0; z < decoded->zones.count; z++)
            pieces_gather(&set, &decoded->groups[i].pieces[PN_V6][z]);
    }
    for (size_t at = 0; set.bits && at < set.size; at++)
        for (unsigned left = set.bits[at]; left; left &= left - 1)
            (void)pn_outcome_of(outcomes, (uint32_t)(at * CHAR_BIT) +
                                              (unsigned)__builtin_ctz(left));
    pn_free(set.bits);
}

void
pn_outcomes_clear(struct pn_outcomes *outcomes)
{
    pn_intern_clear(&outcomes->own);
    pn_free(outcomes->numbers);
    *outcomes = (struct pn_outcomes){ 0 };
}
