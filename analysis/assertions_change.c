/*
 * An assertion puts conditions on a set of queries: addresses, with or without a host
 * and an ident. Each condition is looked for by itself, in all assertions of the new
 * policy whose conditions imply it: together they must cover the queries of the old
 * one.
 */
#include "analysis/assertions_change.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

enum {
    HOST = 1,
    IDENT = 2,
    KINDS = 4
}; /* kinds of queries: which of the two they have */

struct comparison {
    const struct pn_loaded_policy *sides[2];
    bool failed;
};

static void
range_add(struct comparison *w, struct pn_intervals *to, pn_number first,
          pn_number last)
{
    w->failed |= !pn_intervals_add(to, first, last);
}

/* Adds the addresses of a family that are not in a set. */
static void
outside_add(struct comparison *w, struct pn_intervals *to,
            const struct pn_intervals *within, uint8_t family)
{
    struct pn_gaps gaps = pn_gaps_begin(within, 0, pn_host_mask(family, 0));
    struct pn_interval part;

    while (pn_gaps_next(&gaps, &part))
        range_add(w, to, part.first, part.last);
}

/* Adds the addresses that an assertion is about. */
static void
addresses_add(struct comparison *w, const struct pn_assertion *s,
              struct pn_address_set *to)
{
    static const struct pn_address_set nothing = { 0 };
    const struct pn_address_set *within = s->everything ? &nothing : &s->within;
    bool outside = s->everything ? !s->outside : s->outside;
    pn_number address = pn_number_from(&s->address);

    if (s->at.node->kind == PN_NODE_EXPECT)
        range_add(w, &to->families[pn_family_index(s->address.family)], address,
                  address);
    else if (!outside)
        w->failed |= !pn_address_set_add(to, within);
    else
        for (unsigned f = 0; f < PN_FAMILIES; f++)
            outside_add(w, &to->families[f], &within->families[f], pn_family_at(f));
}

/* Is an assertion about queries of a kind? */
static bool
is_about(const struct pn_assertion *s, unsigned kind)
{
    bool host = kind & HOST, ident = kind & IDENT;

    if (s->at.node->kind == PN_NODE_EXPECT)
        return s->has_host == host && s->has_ident == ident;
    return !(host && s->no_host) && !(ident && s->no_ident);
}

static bool
same_text(const struct pn_assertions *a, struct pn_text_at left,
          const struct pn_assertions *b, struct pn_text_at right)
{
    struct pn_str x = pn_assertions_text(a, left), y = pn_assertions_text(b, right);

    return pn_str_equal(x, y);
}

/* An expectation with a host or an ident is about that one alone. */
static bool
names_cover(const struct comparison *w, const struct pn_assertion *old,
            const struct pn_assertion *new)
{
    const struct pn_assertions *a = &w->sides[0]->assertions,
                               *b = &w->sides[1]->assertions;

    if (new->at.node->kind != PN_NODE_EXPECT || (!new->has_host && !new->has_ident))
        return true;
    return old->at.node->kind == PN_NODE_EXPECT &&
           (!new->has_host || same_text(a, old->host, b, new->host)) &&
           (!new->has_ident || same_text(a, old->ident, b, new->ident));
}

/* Writes what a target means, with the names of hosts in full. */
static void
meaning_write(const struct pn_space *space, const struct pn_intern *names,
              struct pn_buffer *out)
{
    pn_buffer_add(out, space->idents.bytes.bytes, space->idents.bytes.size);
    for (size_t g = 0; g < space->group_count; g++) {
        const struct pn_group *group = &space->groups[g];
        const struct pn_prefixes *lists[] = { &group->prefixes[PN_V4],
                                              &group->prefixes[PN_V6] };

        pn_buffer_add_format(out, " %zu %d %d", g, group->any_host != PN_RULE_NONE,
                             group->fallback != PN_RULE_NONE);
        for (size_t f = 0; f < 2; f++)
            for (size_t i = 0; i < lists[f]->count; i++) {
                const struct pn_prefix *p = &lists[f]->items[i];

                pn_buffer_add(out, &p->start, sizeof(p->start));
                pn_buffer_add_format(out, "/%u %d", p->length, p->is_address);
            }
        for (size_t i = 0; i < group->host_count; i++) {
            struct pn_str name = pn_intern_text(names, group->hosts[i].name);

            pn_buffer_add_format(out, "=%zu ", name.len);
            pn_buffer_add(out, name.ptr, name.len);
        }
    }
}

static bool
same_meaning(struct comparison *w, const struct pn_condition *old,
             const struct pn_condition *new)
{
    struct pn_buffer texts[2] = { { 0 }, { 0 } };
    bool same;

    meaning_write(old->meaning, &w->sides[0]->policy.space.names, &texts[0]);
    meaning_write(new->meaning, &w->sides[1]->policy.space.names, &texts[1]);
    w->failed |= texts[0].failed || texts[1].failed;
    same = !w->failed && texts[0].size == texts[1].size &&
           memcmp(texts[0].bytes, texts[1].bytes, texts[0].size) == 0;
    pn_buffer_free(&texts[0]);
    pn_buffer_free(&texts[1]);
    return same;
}

static bool
is_denial(const struct pn_condition *c)
{
    return c->kind == PN_NODE_VERDICT && c->action != PN_ALLOW;
}

/* Does a condition say that there is a limit, a rate, a penalty or an exemption? Only
 * an allow has one. */
static bool
is_admission(const struct pn_condition *c)
{
    return c->kind == PN_NODE_TERM &&
           (c->terms.columns[PN_TERM_LIMIT_N] || c->terms.columns[PN_TERM_RATE_N] ||
            c->penalty.columns[PN_PENALTY_SECONDS] || c->action == PN_TERM_EXEMPT);
}

static bool
is_absent_term(const struct pn_condition *c)
{
    return c->kind == PN_NODE_TERM && c->action != PN_TERM_REJECT && !is_admission(c);
}

/* Does the new condition imply the old one by itself? */
static bool
implies(struct comparison *w, const struct pn_condition *old,
        const struct pn_condition *new)
{
    const struct pn_assertions *a = &w->sides[0]->assertions,
                               *b = &w->sides[1]->assertions;

    if (is_denial(new) && (old->kind == PN_NODE_UNSET || is_absent_term(old)))
        return true; /* a denial has no variable, limit, rate or penalty */
    if (old->kind == PN_NODE_VERDICT && old->action == PN_ALLOW &&
        (new->kind == PN_NODE_ASSIGN || is_admission(new)))
        return true;
    if (old->kind != new->kind)
        return false;
    switch (old->kind) {
    case PN_NODE_VERDICT:
        return old->action == new->action ||
               (old->action == PN_DENY && new->action == PN_BLOCK);
    case PN_NODE_ASSIGN:
        return same_text(a, old->name, b, new->name) &&
               same_text(a, old->value, b, new->value);
    case PN_NODE_UNSET:
        return same_text(a, old->name, b, new->name);
    case PN_NODE_TERM:
        return old->action == new->action &&
               (old->action < PN_TERM_COUNT
                    ? pn_term_same(old->action, &old->terms, &a->text, &new->terms,
                                   &b->text)
                    : pn_penalty_holds(&old->penalty, &new->penalty,
                                       !pn_penalty_is_none(&new->penalty)));
    case PN_NODE_BY:
        return same_meaning(w, old, new);
    default:
        return false;
    }
}

/* Do all conditions together say what each status of an old one costs? */
static bool
penalty_is_said(const struct pn_penalty *old, const struct pn_assertion *new)
{
    uint32_t statuses = old->columns[PN_PENALTY_STATUSES];
    uint32_t next = pn_penalty_first(statuses);

    for (size_t i = 0; i < new->condition_count; i++) {
        const struct pn_penalty *said = &new->conditions[i].penalty;
        uint32_t there = said->columns[PN_PENALTY_STATUSES];

        if (pn_penalty_first(there) > next || pn_penalty_last(there) < next ||
            said->columns[PN_PENALTY_SECONDS] != old->columns[PN_PENALTY_SECONDS])
            continue;
        if (pn_penalty_last(there) >= pn_penalty_last(statuses))
            return true;
        next = pn_penalty_last(there) + 1;
        i = SIZE_MAX; /* they stand in any order: those before it once more */
    }
    return false;
}

static bool
says(struct comparison *w, const struct pn_condition *condition,
     const struct pn_assertion *new)
{
    if (!pn_penalty_is_none(&condition->penalty) &&
        penalty_is_said(&condition->penalty, new))
        return true;
    for (size_t i = 0; i < new->condition_count; i++)
        if (implies(w, condition, &new->conditions[i]))
            return true;
    return false;
}

/* Are all addresses of a set in the other one? */
static bool
covers(const struct pn_address_set *inner, const struct pn_address_set *outer)
{
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        for (size_t i = 0; i < inner->families[f].count; i++)
            if (!pn_intervals_cover(&outer->families[f],
                                    inner->families[f].items[i].first,
                                    inner->families[f].items[i].last))
                return false;
    return true;
}

static bool
overlap(const struct pn_address_set *a, const struct pn_address_set *b)
{
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        for (size_t i = 0; i < a->families[f].count; i++)
            if (pn_intervals_overlap(&b->families[f], a->families[f].items[i].first,
                                     a->families[f].items[i].last))
                return true;
    return false;
}

/* Do the new assertions imply one condition for all queries of a kind? */
static bool
condition_stays(struct comparison *w, const struct pn_assertion *old,
                const struct pn_condition *condition, unsigned kind)
{
    const struct pn_assertions *assertions = &w->sides[1]->assertions;
    struct pn_address_set wanted = { 0 }, there = { 0 };
    bool stays;

    addresses_add(w, old, &wanted);
    for (size_t i = 0; i < assertions->count; i++) {
        const struct pn_assertion *new = &assertions->items[i];

        if (is_about(new, kind) && names_cover(w, old, new) && says(w, condition, new))
            addresses_add(w, new, &there);
    }
    /* mapped addresses are not IPv6, whatever an assertion says */
    range_add(w, &there.families[pn_family_index(6)], PN_MAPPED_FIRST, PN_MAPPED_LAST);
    pn_address_set_finish(&wanted);
    pn_address_set_finish(&there);
    stays = covers(&wanted, &there);
    pn_address_set_clear(&wanted);
    pn_address_set_clear(&there);
    return stays;
}

static bool
assertion_stays(struct comparison *w, const struct pn_assertion *old)
{
    for (size_t i = 0; i < old->condition_count; i++)
        for (unsigned kind = 0; kind < KINDS; kind++)
            if (is_about(old, kind) &&
                !condition_stays(w, old, &old->conditions[i], kind))
                return false;
    return true;
}

static struct pn_str
text_of(const struct pn_loaded_policy *loaded, const struct pn_assertion *s)
{
    return pn_source_slice(loaded->unit.files[s->at.file]->tree.source,
                           pn_assertion_span(&loaded->unit, s));
}

static bool
is_among(const struct pn_loaded_policy *loaded, struct pn_str text)
{
    for (size_t i = 0; i < loaded->assertions.count; i++) {
        struct pn_str other = text_of(loaded, &loaded->assertions.items[i]);

        if (pn_str_equal(other, text))
            return true;
    }
    return false;
}

/* Does a new assertion still imply a part of an old one, for some of its queries? */
static bool
says_something(struct comparison *w, const struct pn_assertion *old,
               const struct pn_assertion *new)
{
    struct pn_address_set left = { 0 }, right = { 0 };
    bool any = false;

    for (unsigned kind = 0; kind < KINDS; kind++)
        any |= is_about(old, kind) && is_about(new, kind);
    if (!any)
        return false;
    any = false;
    for (size_t i = 0; i < old->condition_count; i++)
        any |= says(w, &old->conditions[i], new);
    addresses_add(w, old, &left);
    addresses_add(w, new, &right);
    pn_address_set_finish(&left);
    pn_address_set_finish(&right);
    any = any && overlap(&left, &right);
    pn_address_set_clear(&left);
    pn_address_set_clear(&right);
    return any;
}

/* Looks for one that reads the same, or a new one that implies a part of it. */
static enum pn_assertion_change_kind
kind_of_change(struct comparison *w, const struct pn_assertion *old)
{
    const struct pn_assertions *assertions = &w->sides[1]->assertions;

    if (is_among(w->sides[1], text_of(w->sides[0], old)))
        return PN_ASSERTION_WEAKENED;
    for (size_t i = 0; i < assertions->count; i++)
        if (assertions->items[i].at.node->kind == old->at.node->kind &&
            !is_among(w->sides[0], text_of(w->sides[1], &assertions->items[i])) &&
            says_something(w, old, &assertions->items[i]))
            return PN_ASSERTION_WEAKENED;
    return PN_ASSERTION_REMOVED;
}

bool
pn_assertions_compare(const struct pn_loaded_policy *old_loaded,
                      const struct pn_loaded_policy *new_loaded,
                      struct pn_assertion_changes *out)
{
    struct comparison w = { { old_loaded, new_loaded }, false };

    *out = (struct pn_assertion_changes){ 0 };
    for (size_t i = 0; i < old_loaded->assertions.count && !w.failed; i++) {
        const struct pn_assertion *old = &old_loaded->assertions.items[i];
        struct pn_assertion_change change;

        if (assertion_stays(&w, old))
            continue;
        change = (struct pn_assertion_change){ kind_of_change(&w, old), old };
        w.failed |= !pn_vector_add(&out->items, &out->count, &out->capacity, &change,
                                   sizeof(change));
    }
    return !w.failed;
}

void
pn_assertion_changes_clear(struct pn_assertion_changes *changes)
{
    pn_free(changes->items);
    *changes = (struct pn_assertion_changes){ 0 };
}
