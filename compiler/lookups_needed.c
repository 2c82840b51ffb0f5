/* Joins: nothing, one class, or several. What is several may change anything. */
#include "compiler/lookups_needed.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/class.h"
#include "postern/rules.h"

/* Environments that are equal stand in one place; a limit belongs to its rule. */
static bool
class_add(struct pn_intern *known, const struct pn_policy *policy, uint32_t number,
          uint32_t *out)
{
    const struct pn_policy_rule *rule = &policy->rules[number];
    const uint32_t *terms = pn_policy_terms(policy, number);
    bool allow = rule->verdict == POSTERN_ALLOW;
    bool counts = terms && (terms[PN_TERM_LIMIT_N] || terms[PN_TERM_RATE_N]);
    bool rejects = terms && terms[PN_TERM_REJECT_AT] != PN_NATIVE_NONE;
    size_t penalties;
    uint32_t key[] = { rule->verdict, allow && rule->env_size ? rule->env + 1 : 0,
                       counts || rejects ? number + 1 : 0 };

    (void)pn_policy_penalties(policy, number, &penalties);
    if (penalties)
        key[2] = number + 1;
    return pn_intern_add(known, key, sizeof(key), out);
}

static uint32_t
join_hosts(const struct pn_lookups_needed *lookups, const struct pn_space *space,
           const struct pn_group *group, bool suffixes)
{
    uint32_t joined = PN_CLASS_NONE;

    for (size_t i = 0; i < group->host_count; i++) {
        uint32_t name = group->hosts[i].name;

        if (pn_name_is_suffix(space->names.bytes.bytes +
                                  pn_intern_offset(&space->names, name),
                              pn_intern_size(&space->names, name)) == suffixes)
            joined = pn_class_merge(joined, lookups->classes[group->hosts[i].rule]);
    }
    if (suffixes && group->any_host != PN_RULE_NONE)
        joined = pn_class_merge(joined, lookups->classes[group->any_host]);
    return joined;
}

bool
pn_lookups_needed_begin(struct pn_lookups_needed *lookups,
                        const struct pn_policy *policy)
{
    const struct pn_space *space = &policy->space;
    const struct pn_group *blocks = &space->groups[PN_GROUP_BLOCKS];
    const struct pn_group *all = &space->groups[PN_GROUP_NO_IDENT];
    struct pn_intern known = { 0 };
    uint32_t plains[] = { PN_CLASS_NONE, PN_CLASS_NONE };
    bool good;

    *lookups = (struct pn_lookups_needed){ .count = policy->count };
    lookups->classes = pn_malloc((policy->count + 1) * sizeof(*lookups->classes));
    good = lookups->classes != NULL;
    for (uint32_t i = 0; i < policy->count && good; i++) {
        uint32_t *plain = &plains[policy->rules[i].verdict == POSTERN_ALLOW];
        bool is_plain =
            !policy->rules[i].env_size && policy->rules[i].terms == PN_TERMS_NONE;

        if (is_plain && *plain != PN_CLASS_NONE) {
            lookups->classes[i] = *plain;
            continue;
        }
        good = class_add(&known, policy, i, &lookups->classes[i]);
        if (is_plain)
            *plain = lookups->classes[i];
    }
    pn_intern_clear(&known);
    if (!good)
        return false;
    lookups->block_hosts = pn_class_merge(join_hosts(lookups, space, blocks, false),
                                          join_hosts(lookups, space, blocks, true));
    lookups->exact_hosts = join_hosts(lookups, space, all, false);
    lookups->wide_hosts = join_hosts(lookups, space, all, true);
    lookups->wide_idents = PN_CLASS_NONE;
    for (size_t i = PN_NATIVE_FIRST_GROUPS; i < space->group_count; i++) {
        const struct pn_group *g = &space->groups[i];

        lookups->wide_idents = pn_class_merge(
            lookups->wide_idents, pn_class_merge(join_hosts(lookups, space, g, false),
                                                 join_hosts(lookups, space, g, true)));
        if (g->fallback != PN_RULE_NONE)
            lookups->wide_idents =
                pn_class_merge(lookups->wide_idents, lookups->classes[g->fallback]);
    }
    return true;
}

void
pn_lookups_needed_clear(struct pn_lookups_needed *lookups)
{
    pn_free(lookups->classes);
    *lookups = (struct pn_lookups_needed){ 0 };
}

/* Addresses for which idents have rules, and what those say. */
struct cover {
    pn_number first, last;
    uint32_t joined;
};

struct covers {
    struct cover *items;
    size_t count, capacity;
};

static void
cover_add(const struct pn_lookups_needed *lookups, struct pn_space *space,
          const struct pn_prefix *p, uint8_t family, struct covers *out)
{
    if (pn_vector_reserve(&out->items, &out->capacity, out->count + 1,
                          sizeof(*out->items)))
        out->items[out->count++] = (struct cover){ p->start, pn_prefix_last(p, family),
                                                   lookups->classes[p->rule] };
    else
        space->failed = true;
}

static int
compare_covers(const void *left, const void *right)
{
    const struct cover *a = left, *b = right;

    return (a->first > b->first) - (a->first < b->first);
}

/* Covers that overlap are one, with the join of them all. */
static void
covers_finish(struct covers *covers)
{
    size_t kept = 0;

    if (!covers->count)
        return;
    qsort(covers->items, covers->count, sizeof(*covers->items), compare_covers);
    for (size_t i = 1; i < covers->count; i++) {
        struct cover *last = &covers->items[kept], *next = &covers->items[i];

        if (next->first > last->last) {
            covers->items[++kept] = *next;
            continue;
        }
        last->joined = pn_class_merge(last->joined, next->joined);
        if (next->last > last->last)
            last->last = next->last;
    }
    covers->count = kept + 1;
}

static void
covers_make(const struct pn_lookups_needed *lookups, struct pn_space *space,
            uint8_t family, struct covers *out)
{
    for (size_t i = PN_NATIVE_FIRST_GROUPS; i < space->group_count; i++) {
        const struct pn_group *g = &space->groups[i];
        const struct pn_prefixes *list = &g->prefixes[pn_family_index(family)];

        for (size_t k = 0; k < list->count && !space->failed; k++)
            cover_add(lookups, space, &list->items[k], family, out);
    }
    covers_finish(out);
}

/* `idents` is the join of what idents say of these very addresses. */
static uint32_t
lookups_of(const struct pn_lookups_needed *lookups, const struct pn_native_entry *entry,
           uint32_t fallback, uint32_t idents)
{
    bool is_exact = entry->exact != PN_RULE_NONE, host, ident;
    uint32_t rule = is_exact                        ? entry->exact
                    : entry->prefix != PN_RULE_NONE ? entry->prefix
                                                    : fallback;
    uint32_t class = rule == PN_RULE_NONE ? PN_CLASS_MIXED : lookups->classes[rule];

    if (entry->block != PN_RULE_NONE) {
        class = lookups->classes[entry->block & ~PN_NATIVE_EXACT];
        host = !(entry->block & PN_NATIVE_EXACT) &&
               pn_class_merge_changes(lookups->block_hosts, class);
        return host ? POSTERN_NEEDS_HOST : 0;
    }
    host = pn_class_merge_changes(lookups->block_hosts, class) ||
           (!is_exact && pn_class_merge_changes(lookups->exact_hosts, class)) ||
           (!is_exact && entry->prefix == PN_RULE_NONE &&
            pn_class_merge_changes(lookups->wide_hosts, class));
    ident =
        pn_class_merge_changes(idents, class) ||
        pn_class_merge_changes(lookups->wide_idents, class) ||
        (host && (idents != PN_CLASS_NONE || lookups->wide_idents != PN_CLASS_NONE));
    if (ident && (lookups->block_hosts != PN_CLASS_NONE ||
                  lookups->wide_idents != PN_CLASS_NONE))
        host = true;
    return (host ? POSTERN_NEEDS_HOST : 0u) | (ident ? POSTERN_NEEDS_IDENT : 0u);
}

/* Which rule decides without a host and an ident, and on which step. */
static void
plain_mark(struct pn_native_entry *entry, uint32_t fallback)
{
    enum postern_step step = POSTERN_STEP_DEFAULT;

    entry->plain = fallback;
    if (entry->prefix != PN_RULE_NONE) {
        step = POSTERN_STEP_PREFIX;
        entry->plain = entry->prefix;
    }
    if (entry->exact != PN_RULE_NONE) {
        step = POSTERN_STEP_ADDRESS;
        entry->plain = entry->exact;
    }
    if (entry->block != PN_RULE_NONE) {
        step = POSTERN_STEP_BLOCK;
        entry->plain = entry->block & ~PN_NATIVE_EXACT;
    }
    pn_native_entry_set(entry, entry->lookups, step);
}

/* Pieces cut by covers: each part with its mark. */
static uint32_t
pieces_cut(const struct pn_lookups_needed *lookups, struct pn_space *space,
           uint8_t family, const struct pn_pieces *pieces, const struct covers *covers,
           struct pn_pieces *out)
{
    uint32_t fallback = space->groups[PN_GROUP_NO_IDENT].fallback, all = 0;
    pn_number end = pn_host_mask(family, 0);
    size_t cover = 0;

    for (size_t i = 0; i < pieces->count && !space->failed; i++) {
        struct pn_native_entry entry = pn_pieces_entry(pieces, i);
        pn_number at = pieces->items[i].start;
        pn_number last = i + 1 < pieces->count ? pieces->items[i + 1].start - 1 : end;

        for (;;) {
            pn_number stop = last;
            uint32_t idents = PN_CLASS_NONE;

            while (cover < covers->count && covers->items[cover].last < at)
                cover++;
            if (cover < covers->count && covers->items[cover].first <= at) {
                idents = covers->items[cover].joined;
                if (covers->items[cover].last < stop)
                    stop = covers->items[cover].last;
            } else if (cover < covers->count && covers->items[cover].first <= stop) {
                stop = covers->items[cover].first - 1;
            }
            entry.lookups = lookups_of(lookups, &entry, fallback, idents);
            all |= entry.lookups;
            plain_mark(&entry, fallback);
            if (!pn_pieces_add(out, at, &entry))
                space->failed = true;
            if (stop == last)
                break;
            at = stop + 1;
        }
    }
    return all;
}

/* Each entry in its place. */
static uint32_t
entries_mark(const struct pn_lookups_needed *lookups, uint32_t fallback,
             struct pn_pieces *pieces)
{
    uint32_t all = 0;

    for (size_t i = 0; i < pieces->entry_count; i++) {
        struct pn_native_entry *entry = &pieces->entries[i];

        entry->lookups = lookups_of(lookups, entry, fallback, PN_CLASS_NONE);
        all |= entry->lookups;
        plain_mark(entry, fallback);
    }
    return all;
}

uint32_t
pn_lookups_needed_mark(const struct pn_lookups_needed *lookups, struct pn_space *space,
                       uint8_t family, struct pn_pieces *pieces)
{
    uint32_t fallback = space->groups[PN_GROUP_NO_IDENT].fallback, all = 0;
    struct covers covers = { 0 };
    struct pn_pieces cut = { 0 };

    covers_make(lookups, space, family, &covers);
    if (!covers.count) /* nothing to cut: as most policies are */
        return entries_mark(lookups, fallback, pieces);
    all = pieces_cut(lookups, space, family, pieces, &covers, &cut);
    pn_pieces_clear(pieces);
    *pieces = cut;
    pn_free(covers.items);
    return all;
}
