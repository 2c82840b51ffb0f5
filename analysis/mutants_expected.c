/* Expectations, in orders in which those are found that a change of keys may touch. */
#include <stdlib.h>
#include <string.h>

#include "analysis/mutants_trial_parts.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/vector.h"

enum { STEPS_A_LOOK = 12, STEPS_A_PASS = 1 };

static const struct pn_swap no_swap = PN_SWAP_NONE;

void
pn_host_words_find(struct pn_host_words *out, const struct pn_space *space,
                   struct pn_str host)
{
    size_t most = sizeof(out->suffixes) / sizeof(*out->suffixes);

    out->named = (struct pn_named){ PN_RULE_NONE, out->suffixes, 0 };
    if (!pn_intern_find(&space->names, host.ptr, host.len, &out->named.exact))
        out->named.exact = PN_RULE_NONE;
    for (size_t i = 0; i + 1 < host.len && out->named.count < most; i++)
        if (host.ptr[i] == '.' &&
            pn_intern_find(&space->names, host.ptr + i, host.len - i,
                           &out->suffixes[out->named.count]))
            out->named.count++;
}

static int
by_rule(const void *left, const void *right)
{
    const struct pn_expected *a = left, *b = right;

    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return (a->claim > b->claim) - (a->claim < b->claim);
}

/* The order by address, or by host. */
static int
compare_places(const struct pn_expected *a, const struct pn_expected *b, bool hosts)
{
    if (hosts)
        return pn_str_compare(a->backward, b->backward);
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return (a->address > b->address) - (a->address < b->address);
}

/* What the numbers of an order are sorted by: with its number as the last resort. */
struct ordered {
    const struct pn_expected *expected;
    uint32_t number;
    bool hosts, groups;
};

static int
compare_ordered(const void *left, const void *right)
{
    const struct ordered *a = left, *b = right;
    int order;

    if (a->groups && a->expected->group != b->expected->group)
        return a->expected->group < b->expected->group ? -1 : 1;
    order = compare_places(a->expected, b->expected, a->hosts);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static bool
is_in_class(const struct pn_expected *x, enum pn_expected_class class)
{
    return class == PN_EXPECTED_ALL ||
           (class == PN_EXPECTED_COMMON ? x->is_common : x->group != PN_GROUP_NO_IDENT);
}

/* The expectations of a class, those with a host alone, in an order. */
static bool
order_make(const struct pn_expectations *e, bool hosts, enum pn_expected_class class,
           struct pn_expected_order *out)
{
    struct ordered *rows = pn_malloc((e->count + 1) * sizeof(*rows));

    out->numbers = pn_malloc((e->count + 1) * sizeof(*out->numbers));
    for (uint32_t i = 0; rows && i < e->count; i++)
        if (is_in_class(&e->items[i], class) && (!hosts || e->items[i].host.ptr))
            rows[out->count++] =
                (struct ordered){ &e->items[i], i, hosts, class == PN_EXPECTED_IDENT };
    if (out->count)
        qsort(rows, out->count, sizeof(*rows), compare_ordered);
    for (size_t i = 0; out->numbers && i < out->count; i++)
        out->numbers[i] = rows[i].number;
    pn_free(rows);
    return rows && out->numbers;
}

/* The texts backward, when all are there: the buffer moves no more. */
static bool
backward_make(struct pn_expectations *e)
{
    size_t at = 0;

    for (size_t i = 0; i < e->count; i++)
        for (size_t k = e->items[i].host.len; k > 0; k--)
            pn_buffer_add(&e->backward, e->items[i].host.ptr + k - 1, 1);
    for (size_t i = 0; i < e->count && !e->backward.failed; i++) {
        struct pn_expected *x = &e->items[i];

        x->backward =
            (struct pn_str){ x->host.len ? e->backward.bytes + at : "", x->host.len };
        at += x->host.len;
    }
    return !e->backward.failed;
}

/* What decides its query. */
static struct pn_found
expected_find(const struct pn_trial *trial, const struct pn_expected *x,
              const struct pn_swap *swap)
{
    struct pn_probe probe = { x->family, x->address, x->group, NULL };
    struct pn_host_words words;

    if (x->host.ptr) {
        pn_host_words_find(&words, trial->keys.space, x->host);
        probe.host = &words.named;
    }
    return pn_keys_decide(&trial->keys, swap, &probe);
}

static bool
expected_add(struct pn_trial *trial, size_t claim, uint32_t rule)
{
    struct pn_expectations *e = &trial->expectations;
    const struct pn_assertion *s = &trial->prover.assertions->items[claim];
    struct postern_query q = pn_assertion_query(trial->prover.assertions, s);
    struct pn_expected x = { .claim = claim,
                             .rule = rule,
                             .group = PN_GROUP_NO_IDENT,
                             .family = s->address.family,
                             .address = pn_number_from(&s->address),
                             .host = { q.host.ptr, q.host.len } };
    uint32_t ident;

    if (q.ident.ptr &&
        pn_intern_find(&trial->keys.space->idents, q.ident.ptr, q.ident.len, &ident))
        x.group = ident + PN_NATIVE_FIRST_GROUPS;
    if (x.host.len > 1 && x.host.ptr[x.host.len - 1] == '.')
        x.host.len--; /* as it is looked up */
    x.is_common = expected_find(trial, &x, &no_swap).group == PN_GROUP_NO_IDENT;
    return pn_vector_add(&e->items, &e->count, &e->capacity, &x, sizeof(x));
}

/* The claims of mutants stand behind the last one of the policy's root. */
bool
pn_expectations_make(struct pn_trial *trial, const struct pn_trial_of *of)
{
    const struct pn_assertions *all = trial->prover.assertions;
    struct pn_expectations *e = &trial->expectations;

    for (size_t i = 0; i < all->count; i++) {
        const struct pn_assertion *s = &all->items[i];
        struct pn_trial_proof proof = { .assertion = s };

        if (!of->holds[i])
            continue;
        if (s->at.node->kind == PN_NODE_EXPECT) {
            if (!expected_add(trial, i, of->deciders[i]))
                return false;
            continue;
        }
        for (uint32_t r = 0; r < trial->keys.base && !proof.is_at_risk; r++) {
            if (!pn_work_take(of->work, s->condition_count))
                return false;
            proof.is_at_risk = !pn_trial_fulfils(trial, s, r);
        }
        if (trial->keys.implied != PN_RULE_NONE)
            proof.is_at_risk |= !pn_trial_fulfils(trial, s, trial->keys.implied);
        if (!pn_vector_add(&trial->proofs, &trial->proof_count, &trial->proof_capacity,
                           &proof, sizeof(proof)))
            return false;
    }
    if (e->count)
        qsort(e->items, e->count, sizeof(*e->items), by_rule);
    if (!backward_make(e))
        return false;
    for (int c = 0; c < PN_EXPECTED_CLASSES; c++)
        if (!order_make(e, false, (enum pn_expected_class)c, &e->by_address[c]) ||
            !order_make(e, true, (enum pn_expected_class)c, &e->by_host[c]))
            return false;
    return true;
}

void
pn_expectations_clear(struct pn_expectations *expectations)
{
    pn_free(expectations->items);
    for (int c = 0; c < PN_EXPECTED_CLASSES; c++) {
        pn_free(expectations->by_address[c].numbers);
        pn_free(expectations->by_host[c].numbers);
    }
    pn_buffer_free(&expectations->backward);
}

/* One question: does what is touched break it? */
struct looking {
    struct pn_trial *trial;
    const struct pn_swap *swap;
    struct pn_work *work;
    bool breaks, differs;
};

static void
expected_look(struct looking *l, const struct pn_expected *x)
{
    struct pn_trial *trial = l->trial;
    const struct pn_assertion *s = &trial->prover.assertions->items[x->claim];
    struct pn_found found;

    if (l->differs || !pn_work_take(l->work, STEPS_A_LOOK))
        return;
    found = expected_find(trial, x, l->swap);
    if (found.rule == x->rule || pn_trial_fulfils(trial, s, found.rule))
        return;
    l->breaks = true;
    l->differs = trial->classes[found.rule] != trial->classes[x->rule];
}

/* What a rule of the policy decided: all of it. */
static void
rule_look(struct looking *l)
{
    const struct pn_expectations *e = &l->trial->expectations;
    size_t low = 0, high = e->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (e->items[middle].rule < l->swap->without)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < e->count && e->items[low].rule == l->swap->without; low++)
        expected_look(l, &e->items[low]);
}

/* The expectations that a key may touch: those of its class from `from` on. */
struct touched {
    const struct pn_expectations *all;
    const struct pn_expected_order *order;
    size_t at;
    uint32_t group; /* PN_GROUP_NO_IDENT: any */
};

/* The first of an order that is not before `from`. */
static struct touched
touched_begin(const struct looking *l, const struct pn_key *key,
              const struct pn_expected_order *orders, const struct pn_expected *from,
              bool hosts)
{
    enum pn_expected_class class = key->group == PN_GROUP_BLOCKS ? PN_EXPECTED_ALL
                                   : key->group == PN_GROUP_NO_IDENT
                                       ? PN_EXPECTED_COMMON
                                       : PN_EXPECTED_IDENT;
    struct touched t = { &l->trial->expectations, &orders[class], 0,
                         class == PN_EXPECTED_IDENT ? key->group : PN_GROUP_NO_IDENT };
    size_t high = t.order->count;

    while (t.at < high) {
        size_t middle = t.at + (high - t.at) / 2;
        const struct pn_expected *x = &t.all->items[t.order->numbers[middle]];
        int order = class != PN_EXPECTED_IDENT || x->group == key->group
                        ? (from ? compare_places(x, from, hosts) : 0)
                    : x->group < key->group ? -1
                                            : 1;

        if (order < 0)
            t.at = middle + 1;
        else
            high = middle;
    }
    return t;
}

/* The next one; NULL behind the last. */
static const struct pn_expected *
touched_next(struct touched *t)
{
    const struct pn_expected *x;

    if (t->at == t->order->count)
        return NULL;
    x = &t->all->items[t->order->numbers[t->at++]];
    return t->group == PN_GROUP_NO_IDENT || t->group == x->group ? x : NULL;
}

/* What a prefix holds. */
static void
prefix_look(struct looking *l, const struct pn_key *key)
{
    const struct pn_expected from = { .family = pn_family_at(key->kind),
                                      .address = key->prefix.start };
    struct touched t =
        touched_begin(l, key, l->trial->expectations.by_address, &from, false);
    const struct pn_expected *x;

    while ((x = touched_next(&t)) && x->family == from.family &&
           x->address <= pn_prefix_last(&key->prefix, from.family) && !l->differs &&
           pn_work_take(l->work, STEPS_A_PASS))
        expected_look(l, x);
}

static bool
begins_with(struct pn_str text, struct pn_str front)
{
    return text.len >= front.len &&
           (!front.len || memcmp(text.ptr, front.ptr, front.len) == 0);
}

/* What a host is, or a suffix ends: all texts that begin with it backward. */
static void
host_look(struct looking *l, const struct pn_key *key)
{
    struct pn_str name =
        pn_intern_text(&l->trial->keys.space->names, (uint32_t)key->prefix.start);
    char bytes[256];
    struct pn_expected from = { .backward = { bytes, name.len < sizeof(bytes) ? name.len
                                                                              : 0 } };
    bool is_suffix = pn_name_is_suffix(name.ptr, name.len);
    struct touched t;
    const struct pn_expected *x;

    for (size_t i = 0; i < from.backward.len; i++)
        bytes[i] = name.ptr[name.len - 1 - i];
    t = touched_begin(l, key, l->trial->expectations.by_host, &from, true);
    while ((x = touched_next(&t)) && begins_with(x->backward, from.backward) &&
           (is_suffix || !from.backward.len ||
            x->backward.len == from.backward.len) && /* longer ones are other hosts */
           !l->differs &&
           pn_work_take(l->work, STEPS_A_PASS))
        expected_look(l, x);
}

static void
all_look(struct looking *l, const struct pn_key *key)
{
    struct touched t =
        touched_begin(l, key, l->trial->expectations.by_address, NULL, false);
    const struct pn_expected *x;

    while ((x = touched_next(&t)) && !l->differs && pn_work_take(l->work, STEPS_A_PASS))
        expected_look(l, x);
}

/* What any of these keys may touch. */
static void
keys_look(struct looking *l, struct pn_key_table keys)
{
    for (size_t i = 0; i < keys.count && !l->differs && !l->work->spent; i++) {
        const struct pn_key *key = &keys.items[i];

        if (key->kind != PN_KEY_NAME)
            prefix_look(l, key);
        else if (key->prefix.start < PN_NAME_ABSENT)
            host_look(l, key);
        else
            all_look(l, key);
    }
}

bool
pn_expectations_break(struct pn_trial *trial, const struct pn_swap *swap,
                      struct pn_work *work, bool *differs)
{
    struct looking l = { trial, swap, work, false, false };

    if (swap->part != PN_RULE_NONE)
        keys_look(&l, pn_keys_of(&trial->keys, swap->part));
    else
        rule_look(&l);
    if (swap->with != PN_RULE_NONE && !swap->same_keys)
        keys_look(&l, pn_keys_of(&trial->keys, swap->with));
    *differs = l.differs;
    return l.breaks;
}
