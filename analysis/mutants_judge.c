/*
 * Holds one mutant to the policy. A query is decided otherwise only where a key of the
 * old rule or of the new one counts: those are looked at, address by address that other
 * keys distinguish, and host by host.
 */
#include <string.h>

#include "analysis/mutants_trial.h"
#include "base/memory.h"
#include "compiler/query_text.h"
#include "compiler/unicast.h"

enum { STEPS_A_CELL = 24, STEPS_A_REACH = 8, STEPS_A_CLAIM = 2 };

struct judging {
    struct pn_trial *trial;
    struct pn_swap swap;
    struct pn_work *work;
    unsigned marks; /* of the keys of both rules */
    bool is_alike;  /* both rules have one outcome: what both have is no difference */
    const struct pn_key *key; /* the one at hand, */
    bool has_risks;           /* and whether it may break a proof: then which */
    const struct pn_trial_proof **risks;
    size_t risk_count;
    struct pn_probe probe;
    pn_number last;     /* of the addresses that the probe stands for */
    struct pn_str host; /* of the probe */
    struct pn_buffer text;
    bool differs, breaks;
    /* the first difference */
    struct pn_probe first;
    pn_number first_last;
    struct pn_buffer first_host;
    bool first_has_host;
    uint32_t left, right;
};

static const struct pn_swap no_swap = PN_SWAP_NONE;

static bool
has_failed(const struct judging *j)
{
    return j->work->spent || j->text.failed || j->first_host.failed;
}

/* Is it decided already, as far as the key at hand goes? */
static bool
is_over(const struct judging *j)
{
    return has_failed(j) || (j->differs && (j->breaks || !j->has_risks));
}

static bool
is_within(const struct judging *j, const struct pn_assertion *s)
{
    pn_number first = j->probe.address;

    if ((j->probe.host && s->no_host) ||
        (j->probe.group != PN_GROUP_NO_IDENT && s->no_ident))
        return false;
    if (j->probe.family != 6 || first > PN_MAPPED_LAST || j->last < PN_MAPPED_FIRST)
        return pn_proof_is_about(s, j->probe.family, first, j->last);
    return (first < PN_MAPPED_FIRST &&
            pn_proof_is_about(s, 6, first, PN_MAPPED_FIRST - 1)) ||
           (j->last > PN_MAPPED_LAST &&
            pn_proof_is_about(s, 6, PN_MAPPED_LAST + 1, j->last));
}

static void
proofs_look(struct judging *j, uint32_t rule)
{
    for (size_t i = 0; i < j->risk_count && !j->breaks; i++) {
        const struct pn_assertion *s = j->risks[i]->assertion;

        if (!pn_work_take(j->work, STEPS_A_CLAIM * s->condition_count))
            return;
        j->breaks = is_within(j, s) && !pn_trial_fulfils(j->trial, s, rule);
    }
}

static void
first_keep(struct judging *j, uint32_t left, uint32_t right)
{
    j->differs = true;
    j->first = j->probe;
    j->first_last = j->last;
    j->first_has_host = j->probe.host != NULL;
    if (j->first_has_host)
        pn_buffer_add(&j->first_host, j->host.ptr, j->host.len);
    j->left = left;
    j->right = right;
}

/*
 * What the probe is answered, before and after. Is no host of any concern there?
 * Between addresses and prefixes there are hosts.
 */
static bool
cell_look(struct judging *j)
{
    struct pn_found left, right;

    if (!pn_work_take(j->work, STEPS_A_CELL))
        return true;
    left = pn_keys_decide(&j->trial->keys, &no_swap, &j->probe);
    right = pn_keys_decide(&j->trial->keys, &j->swap, &j->probe);
    if (left.rule != right.rule) {
        if (!j->differs &&
            j->trial->classes[left.rule] != j->trial->classes[right.rule])
            first_keep(j, left.rule, right.rule);
        if (j->has_risks)
            proofs_look(j, right.rule);
    }
    return left.by && left.by == right.by && left.group == j->key->group &&
           right.group == j->key->group;
}

static void
host_look(struct judging *j, struct pn_str host)
{
    struct pn_host_words words;

    if (!pn_work_take(j->work, STEPS_A_CELL + host.len / 8))
        return;
    pn_host_words_find(&words, j->trial->keys.space, host);
    j->host = host;
    j->probe.host = &words.named;
    (void)cell_look(j);
    j->probe.host = NULL;
}

/* A pn_taken_fn: does a rule of the policy, or the new one, have a name? */
static bool
is_taken(const void *payload, struct pn_str name)
{
    const struct judging *j = payload;
    const struct pn_keys *keys = &j->trial->keys;
    struct pn_key_table mine = { 0 };
    uint32_t number;

    if (!pn_intern_find(&keys->space->names, name.ptr, name.len, &number) ||
        !pn_work_take(j->work, STEPS_A_REACH))
        return false;
    if (j->swap.with != PN_RULE_NONE)
        mine = pn_keys_of(keys, j->swap.with);
    for (size_t i = 0; i < mine.count; i++)
        if (mine.items[i].kind == PN_KEY_NAME && mine.items[i].prefix.start == number)
            return true;
    return number < keys->base_names;
}

/* A host that nobody names, below a suffix or anywhere. */
static void
fresh_look(struct judging *j, struct pn_str suffix)
{
    pn_fresh_host(&j->text, suffix, is_taken, j);
    if (!j->text.failed)
        host_look(j, pn_str_of(&j->text));
}

static void
name_look(struct judging *j, uint32_t name)
{
    struct pn_str text = pn_intern_text(&j->trial->keys.space->names, name);

    if (pn_name_is_suffix(text.ptr, text.len))
        fresh_look(j, text);
    else
        host_look(j, text);
}

static bool
ends_in(struct pn_str text, struct pn_str end)
{
    return text.len >= end.len &&
           (!end.len || memcmp(text.ptr + text.len - end.len, end.ptr, end.len) == 0);
}

/* Is one address, or name, of those that rules without ident answer alike enough? */
static bool
may_sample(const struct judging *j, enum pn_key_mark mark)
{
    uint32_t group = j->probe.group;
    bool others = group != PN_GROUP_NO_IDENT && group < j->trial->keys.base_groups &&
                  j->trial->samples.marks[group] & mark;

    return !j->has_risks && !others && !(j->marks & mark);
}

/* Each host that rules distinguish, of those that end in something; and of all others
 * one. */
static void
names_look(struct judging *j, struct pn_str end)
{
    const struct pn_keys *keys = &j->trial->keys;
    const struct pn_samples *samples = &j->trial->samples;
    bool is_sampled = may_sample(j, PN_KEYED_NAMES);
    struct pn_key_table mine = { 0 };

    for (size_t i = 0; is_sampled && i < samples->name_count && !is_over(j); i++)
        name_look(j, samples->names[i]);
    for (uint32_t i = 0; !is_sampled && i < keys->base_names && !is_over(j); i++)
        if (pn_work_take(j->work, 1) &&
            ends_in(pn_intern_text(&keys->space->names, i), end))
            name_look(j, i);
    if (j->swap.with != PN_RULE_NONE)
        mine = pn_keys_of(keys, j->swap.with);
    for (size_t i = 0; i < mine.count && !is_over(j); i++) {
        const struct pn_key *key = &mine.items[i];

        if (pn_work_take(j->work, 1) && key->kind == PN_KEY_NAME &&
            key->prefix.start >= keys->base_names && key->prefix.start < PN_NAME_ABSENT)
            name_look(j, (uint32_t)key->prefix.start);
    }
    if (!is_over(j))
        fresh_look(j, end);
}

/* The hosts of which the key at hand may decide something, at the probe's addresses. */
static void
hosts_look(struct judging *j)
{
    static const struct pn_str any = { "", 0 };
    uint32_t name = (uint32_t)j->key->prefix.start;
    bool falls = j->key->group != PN_GROUP_NO_IDENT; /* to rules of other groups */
    struct pn_str text;

    if (j->key->kind != PN_KEY_NAME) {
        if (!cell_look(j) && !is_over(j))
            names_look(j, any);
        return;
    }
    if (name == PN_NAME_ABSENT)
        (void)cell_look(j);
    if (is_over(j))
        return;
    if (name >= PN_NAME_ABSENT) {
        if (falls)
            names_look(j, any);
        else
            fresh_look(j, any);
        return;
    }
    text = pn_intern_text(&j->trial->keys.space->names, name);
    if (falls && pn_name_is_suffix(text.ptr, text.len))
        names_look(j, text);
    else
        name_look(j, name);
}

/* Addresses that no key divides. */
static void
place_look(struct judging *j, const struct pn_place *place)
{
    j->probe.family = place->family;
    j->probe.address = place->first;
    j->last = place->last;
    if (place->family == 6 && pn_number_is_mapped(place->first)) {
        if (place->last <= PN_MAPPED_LAST)
            return; /* those are asked for as IPv4 */
        j->probe.address = PN_MAPPED_LAST + 1;
    }
    hosts_look(j);
}

/* Addresses from first to last, in parts that no key divides. */
static void
range_look(struct judging *j, uint8_t family, pn_number first, pn_number last)
{
    struct pn_place place = { family, first, first };

    for (; !is_over(j) && pn_work_take(j->work, STEPS_A_REACH);
         place.first = place.last + 1) {
        j->probe.family = family;
        j->probe.address = place.first;
        place.last = pn_keys_reach(&j->trial->keys, &j->swap, &j->probe, last);
        place_look(j, &place);
        if (place.last == last)
            break;
    }
}

static void
ident_look(struct judging *j, uint32_t group)
{
    const struct pn_prefix *p = &j->key->prefix;

    j->probe.group = group;
    if (j->key->kind == PN_KEY_NAME && may_sample(j, PN_KEYED_ADDRESSES)) {
        for (size_t i = 0; i < j->trial->samples.place_count && !is_over(j); i++)
            place_look(j, &j->trial->samples.places[i]);
    } else if (j->key->kind == PN_KEY_NAME) {
        range_look(j, 4, 0, pn_host_mask(4, 0));
        if (!is_over(j))
            range_look(j, 6, 0, pn_host_mask(6, 0));
    } else {
        range_look(j, pn_family_at(j->key->kind), p->start,
                   pn_prefix_last(p, pn_family_at(j->key->kind)));
    }
}

/* Is any address of a key within what a claim is about? Of a name all addresses are. */
static bool
key_is_within(const struct pn_key *key, const struct pn_assertion *s)
{
    uint8_t family = pn_family_at(key->kind);

    if (key->group >= PN_NATIVE_FIRST_GROUPS && s->no_ident)
        return false;
    if (key->kind == PN_KEY_NAME)
        return key->prefix.start == PN_NAME_ABSENT || !s->no_host;
    return pn_proof_is_about(s, family, key->prefix.start,
                             pn_prefix_last(&key->prefix, family));
}

/* A proof may break only by a rule of the policy that would break it, or the new one.
 */
static void
risk_look(struct judging *j, uint32_t proof)
{
    const struct pn_trial_proof *p = &j->trial->proofs[proof];

    if (pn_work_take(j->work, 1) && key_is_within(j->key, p->assertion) &&
        (p->is_at_risk || (j->swap.with != PN_RULE_NONE &&
                           pn_work_take(j->work, p->assertion->condition_count) &&
                           !pn_trial_fulfils(j->trial, p->assertion, j->swap.with))))
        j->risks[j->risk_count++] = p;
}

/* Which proofs may break by the key at hand? Some perhaps twice. */
static void
risks_find(struct judging *j)
{
    const struct pn_trial *trial = j->trial;
    const struct pn_prefix *p = &j->key->prefix;
    unsigned family = j->key->kind;

    j->risk_count = 0;
    if (family == PN_KEY_NAME) {
        for (uint32_t i = 0; i < trial->proof_count; i++)
            risk_look(j, i);
    } else {
        pn_number last = pn_prefix_last(p, pn_family_at(family));

        for (size_t i = 0; i < trial->wide_count; i++)
            risk_look(j, trial->wide[i]);
        for (size_t i = pn_trial_span_first(trial, family, p->start);
             i < trial->span_counts[family] && trial->spans[family][i].first <= last;
             i++)
            if (trial->spans[family][i].last >= p->start)
                risk_look(j, trial->spans[family][i].proof);
    }
    j->has_risks = j->risk_count > 0;
}

static void
key_look(struct judging *j, const struct pn_key *key, bool is_common)
{
    j->key = key;
    risks_find(j);
    if (is_over(j) || (is_common && j->is_alike && !j->has_risks))
        return; /* which of the two rules has it does not matter */
    if (key->group != PN_GROUP_BLOCKS) {
        ident_look(j, key->group);
        return;
    }
    ident_look(j, PN_GROUP_NO_IDENT); /* what is blocked, is so for each ident */
    for (uint32_t i = PN_NATIVE_FIRST_GROUPS;
         i < j->trial->keys.base_groups && !is_over(j); i++)
        ident_look(j, i);
}

/* The keys that the old rule no longer has. */
static struct pn_key_table
old_keys(const struct pn_keys *keys, const struct pn_swap *swap)
{
    return pn_keys_of(keys, swap->part == PN_RULE_NONE ? swap->without : swap->part);
}

/* The keys of both rules, each once; those of both only where it matters which one. */
static void
keys_look(struct judging *j)
{
    const struct pn_keys *keys = &j->trial->keys;
    struct pn_key_table old = old_keys(keys, &j->swap), new = { 0 };
    size_t i = 0, k = 0;

    if (j->swap.with != PN_RULE_NONE)
        new = pn_keys_of(keys, j->swap.with);
    while ((i < old.count || k < new.count) && !has_failed(j) &&
           !(j->differs && (j->breaks || !j->trial->proof_count))) {
        int order = i == old.count   ? 1
                    : k == new.count ? -1
                                     : pn_key_compare(&old.items[i], &new.items[k]);
        const struct pn_key *key = order <= 0 ? &old.items[i] : &new.items[k];

        i += order <= 0;
        k += order >= 0;
        if (pn_work_take(j->work, 1))
            key_look(j, key, !order);
    }
}

static bool
have_same_keys(const struct pn_keys *keys, const struct pn_swap *swap)
{
    struct pn_key_table old = pn_keys_of(keys, swap->without), new;

    if (swap->with == PN_RULE_NONE || swap->part != PN_RULE_NONE)
        return false;
    new = pn_keys_of(keys, swap->with);
    for (size_t i = 0; i < old.count && old.count == new.count; i++)
        if (pn_key_compare(&old.items[i], &new.items[i]))
            return false;
    return old.count == new.count;
}

/* The query of the first difference, and both decisions. */
static bool
difference_write(const struct judging *j, struct pn_difference *out)
{
    const struct pn_trial *trial = j->trial;
    struct postern_query query = POSTERN_QUERY_INIT;
    const struct pn_probe *p = &j->first;

    out->left = out->right = (struct postern_decision)POSTERN_DECISION_INIT;
    if (postern_rules_outcome(trial->all.rules, j->left, &out->left) != POSTERN_OK ||
        postern_rules_outcome(trial->all.rules, j->right, &out->right) != POSTERN_OK)
        return false;
    query.remote = pn_number_address(
        pn_example_address(p->family, p->address, j->first_last), p->family);
    if (j->first_has_host)
        query.host = (struct postern_str){ j->first_host.bytes, j->first_host.size };
    if (p->group != PN_GROUP_NO_IDENT) {
        struct pn_str ident = pn_intern_text(&trial->keys.space->idents,
                                             p->group - PN_NATIVE_FIRST_GROUPS);

        query.ident = (struct postern_str){ ident.ptr, ident.len };
    }
    out->query = pn_query_keep(&query, &out->host, &out->ident);
    out->found = true;
    return !out->host.failed && !out->ident.failed;
}

static bool
rule_judge(struct judging *j, struct pn_judgement *out)
{
    struct pn_trial *trial = j->trial;
    bool killed;

    killed = pn_expectations_break(trial, &j->swap, j->work, &j->differs);
    if (killed && j->differs) {
        out->fate = PN_FATE_KILLED;
        return !j->work->spent;
    }
    keys_look(j);
    if (has_failed(j))
        return false;
    out->fate = !j->differs           ? PN_FATE_SAME
                : killed || j->breaks ? PN_FATE_KILLED
                                      : PN_FATE_SURVIVED;
    return out->fate != PN_FATE_SURVIVED || difference_write(j, &out->difference);
}

bool
pn_trial_judge(struct pn_trial *trial, size_t mutant, struct pn_judgement *out,
               struct pn_work *work)
{
    const struct pn_trial_case *c = &trial->cases[mutant];
    struct judging j = { .trial = trial,
                         .swap = { c->without, c->with, c->part, false },
                         .work = work };
    bool good;

    *out = (struct pn_judgement){ .fate = c->fate };
    if (c->fate != PN_FATE_COUNT)
        return true;
    j.risks = pn_malloc((trial->proof_count + trial->span_counts[PN_V4] +
                         trial->span_counts[PN_V6] + 1) *
                        sizeof(*j.risks));
    if (!j.risks)
        return false;
    j.swap.same_keys = have_same_keys(&trial->keys, &j.swap);
    j.is_alike = c->with != PN_RULE_NONE &&
                 trial->classes[c->without] == trial->classes[c->with];
    j.marks = pn_keys_marks(old_keys(&trial->keys, &j.swap));
    if (c->with != PN_RULE_NONE)
        j.marks |= pn_keys_marks(pn_keys_of(&trial->keys, c->with));
    good = rule_judge(&j, out);
    pn_buffer_free(&j.text);
    pn_buffer_free(&j.first_host);
    pn_free(j.risks);
    return good;
}
