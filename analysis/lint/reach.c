/* P2: rules that decide nothing, with those that decide in their place. */
#include <string.h>

#include "analysis/lint/coverers.h"
#include "analysis/lint/entry.h"
#include "analysis/lint/list_dependence.h"
#include "analysis/lint/passes.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"

enum { SHADOW = 16 };

static bool
lives(const struct pn_survey *survey, uint32_t item)
{
    return survey->infos[item].flags & PN_ITEM_LIVES;
}

/* Has it a key that can be looked up, its own or an earlier item's? */
static bool
is_in_space(const struct pn_lint *lint, uint32_t item)
{
    return pn_lint_is_written(lint, item) &&
           lint->survey.infos[item].flags & (PN_ITEM_EFFECTIVE | PN_ITEM_DUPLICATE);
}

/* Two items with one word and no `except` are the same, whatever the word means. */
static bool
is_same_words(const struct pn_lint *lint, uint32_t a, uint32_t b)
{
    const uint32_t both[] = { a, b };
    struct pn_str left = pn_lint_text(lint, a), right = pn_lint_text(lint, b);

    for (size_t i = 0; i < PN_COUNT_OF(both); i++) {
        uint32_t rule = lint->policy->items[both[i]].rule;
        const struct pn_node *node = lint->policy->nodes[rule].node;

        if (!pn_lint_is_written(lint, both[i]) ||
            lint->policy->items[both[i]].node->kind != PN_NODE_TARGET)
            return false;
        for (const struct pn_node *n = node->children.head; n; n = n->next)
            if (n->kind == PN_NODE_EXCEPT)
                return false;
    }
    return pn_str_equal(left, right);
}

/* Reports an item whose keys all have earlier items; it is linked to the first of
 * those. */
static void
duplicate(struct pn_lint *lint, uint32_t item, const struct pn_duplicate *duplicate)
{
    bool differs = false;
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_DUPLICATE_KEY, item);

    for (const struct pn_duplicate *a = duplicate;
         a < lint->duplicates + lint->duplicate_count && a->rule == item; a++)
        differs |= pn_survey_class(&lint->survey, a->first) !=
                   pn_survey_class(&lint->survey, item);
    if (!f)
        return;
    if (differs)
        f->severity = PN_ERROR;
    pn_depends_report(
        lint, f,
        !is_same_words(lint, item, duplicate->first) &&
            (pn_depends_item(lint, item) || pn_depends_item(lint, duplicate->first)));
    f->label =
        pn_report_format(lint->report, differs ? "and says otherwise: the first wins"
                                               : "with the same outcome");
    pn_lint_link(lint, f, duplicate->first, "this one was written first");
    pn_lint_query_of(lint, f, duplicate->first);
    pn_lint_delete(lint, f, item);
}

static bool
is_host_blocked(const struct pn_lint *lint, uint32_t name)
{
    return !lint->survey.hosts.asked[pn_host_candidate(name)];
}

/* Is every address blocked that the server may see? */
static bool
is_all_blocked(const struct pn_lint *lint)
{
    const struct pn_profile *profile = &lint->options->profile;
    bool all = true;

    for (unsigned f = 0; f < PN_FAMILIES; f++)
        all = all && (!pn_profile_has(profile, pn_family_at(f)) ||
                      pn_intervals_cover(&lint->survey.covers.families[f], 0,
                                         pn_host_mask(pn_family_at(f), 0)));
    return all;
}

/* Is everything that an item names blocked? */
static bool
is_blocked(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    const struct pn_space *space = &lint->policy->space;

    if (info->group == PN_GROUP_BLOCKS)
        return false;
    if (is_all_blocked(lint))
        return true;
    for (size_t i = 0; i < pn_lint_entry_count(lint, item); i++) {
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);

        if (pn_lint_entry_zeros(lint, item, i)
                ? pn_lint_entry_open(lint, item, i, &lint->survey.covers.families[1]) !=
                      0
                : !pn_intervals_cover(
                      &lint->survey.covers.families[pn_family_index(family)], p->start,
                      pn_prefix_last(p, family)))
            return false;
    }
    if (info->flags & PN_ITEM_DEFAULT ||
        (space->groups[info->group].any_host == item &&
         space->groups[PN_GROUP_BLOCKS].any_host == PN_RULE_NONE))
        return false;
    for (size_t i = 0; i < pn_lint_name_count(lint, item); i++)
        if (!is_host_blocked(lint, pn_lint_name(lint, item, i)))
            return false;
    return true;
}

/* An address to ask with: the first one that the item names, or any. */
static struct pn_witness
witness_of(const struct pn_lint *lint, uint32_t item)
{
    if (pn_lint_entry_count(lint, item))
        return pn_lint_entry_witness(lint, item, 0);
    return (struct pn_witness){ .family = 4,
                                .address = 0x08000001 }; /* a global address */
}

static void
dead_query(struct pn_lint *lint, struct pn_finding *f, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    const struct pn_group *g = &lint->policy->space.groups[info->group];
    struct pn_witness witness = witness_of(lint, item);
    uint32_t candidate = PN_HOST_NONE;

    if (pn_lint_name_count(lint, item))
        candidate = pn_host_candidate(pn_lint_name(lint, item, 0));
    if (candidate == PN_HOST_NONE && g->any_host == item)
        candidate = PN_HOST_STRANGER;
    if (pn_lint_entry_count(lint, item))
        candidate = PN_HOST_NONE;
    pn_lint_query(lint, f, &witness, candidate, info->group);
}

static void
dead_delete(struct pn_lint *lint, struct pn_finding *f, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];

    if (info->flags & PN_ITEM_DEFAULT && info->group == PN_GROUP_NO_IDENT &&
        !pn_lint_is_classic(lint, item))
        return; /* an extended policy must have its default */
    pn_lint_delete(lint, f, item);
}

static void
covered(struct pn_lint *lint, uint32_t item, enum pn_check check)
{
    struct pn_finding *f = pn_lint_add(lint, check, item);

    if (!f)
        return;
    pn_depends_report(lint, f, pn_depends_dead(lint, item));
    pn_coverers_link(lint, f, item);
    dead_query(lint, f, item);
    dead_delete(lint, f, item);
}

static void
off_by_flags(struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->full.infos[item];
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_OFF_BY_FLAGS, item);

    if (!f)
        return;
    pn_lint_link_profile(lint, f);
    f->help =
        pn_report_format(lint->report, "with all look-ups it would decide %s for one",
                         info->flags & PN_ITEM_ADDRESSES ? "addresses" : "hosts");
    pn_depends_report(lint, f, pn_depends_dead(lint, item));
}

/* Is it one of a group's rules for hosts or the rest, which are asked after all
 * addresses? */
static bool
is_wide(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];

    if (info->flags & PN_ITEM_ADDRESSES)
        return false;
    for (size_t i = 0; i < pn_lint_name_count(lint, item); i++)
        if (!pn_host_is_suffix(&lint->survey.hosts,
                               pn_host_candidate(pn_lint_name(lint, item, i))))
            return false;
    return info->flags & (PN_ITEM_HOSTS | PN_ITEM_DEFAULT);
}

/* Reports all such rules of a group in one finding, at the first of them; those that
 * depend on lists in another. */
static void
dead_steps(struct pn_lint *lint, uint32_t *firsts, uint32_t item)
{
    uint32_t group = lint->survey.infos[item].group;
    bool depends = pn_depends_dead(lint, item);
    uint32_t *first = &firsts[2 * group + depends];
    struct pn_finding *f;

    if (*first != PN_RULE_NONE)
        return;
    *first = item;
    f = pn_lint_add(lint, PN_CHECK_DEAD_HOST_STEPS, item);
    if (!f)
        return;
    pn_depends_report(lint, f, depends);
    dead_query(lint, f, item);
    for (uint32_t t = item; t < lint->survey.count; t++)
        if (is_in_space(lint, t) && !lives(&lint->survey, t) &&
            lint->survey.infos[t].group == group && is_wide(lint, t) &&
            pn_depends_dead(lint, t) == depends &&
            lint->survey.infos[t].flags & PN_ITEM_EFFECTIVE && !is_blocked(lint, t) &&
            !(lint->has_full && lives(&lint->full, t))) {
            if (t != item)
                pn_lint_link(lint, f, t, "nor this one");
            dead_delete(lint, f, t);
        }
}

static void
dead(struct pn_lint *lint, uint32_t item, uint32_t *firsts)
{
    const struct pn_item_info *info = &lint->survey.infos[item];

    if (lint->has_full && lives(&lint->full, item))
        off_by_flags(lint, item);
    else if (!(info->flags & PN_ITEM_EFFECTIVE))
        return; /* it is reported as a duplicate */
    else if (is_blocked(lint, item))
        covered(lint, item, PN_CHECK_BLOCKED);
    else if (is_wide(lint, item))
        dead_steps(lint, firsts, item);
    else
        covered(lint, item, PN_CHECK_COVERED);
}

static void
one_family(struct pn_lint *lint, uint32_t item)
{
    uint32_t flags = lint->survey.infos[item].flags;
    struct pn_finding *f;

    if (flags & PN_ITEM_ADDRESSES || (flags & PN_ITEM_LIVES) == PN_ITEM_LIVES ||
        lint->options->profile.no_v4 || lint->options->profile.no_v6)
        return;
    f = pn_lint_add(lint, PN_CHECK_DEAD_IN_ONE_FAMILY, item);
    if (f)
        f->label =
            pn_report_format(lint->report, "every %s address is decided before it",
                             flags & PN_ITEM_LIVES4 ? "IPv6" : "IPv4");
}

static void
shadowed(struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    struct pn_finding *f;
    pn_number size = 0;
    uint8_t family;

    if (info->flags & (PN_ITEM_HOSTS | PN_ITEM_DEFAULT) ||
        info->collection != PN_RULE_NONE)
        return;
    for (size_t i = 0; i < pn_lint_entry_count(lint, item); i++) {
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);

        if (!p->length && family == 6)
            return;
        size += pn_lint_entry_size(lint, item, i);
    }
    if (info->decided > size / SHADOW)
        return;
    f = pn_lint_add(lint, PN_CHECK_MOSTLY_SHADOWED, item);
    if (f) {
        size_t left = pn_lint_number(lint, info->decided);
        size_t all = pn_lint_number(lint, size);

        f->label = pn_report_format(lint->report, "%s of %s addresses are left to it",
                                    pn_report_text(lint->report, left),
                                    pn_report_text(lint->report, all));
    }
}

void
pn_lint_reach(struct pn_lint *lint)
{
    const struct pn_space *space = &lint->policy->space;
    const struct pn_duplicate *duplicates = lint->duplicates;
    uint32_t *firsts = pn_malloc(2 * space->group_count * sizeof(*firsts));

    if (!firsts) {
        lint->failed = true;
        return;
    }
    memset(firsts, 0xff, 2 * space->group_count * sizeof(*firsts)); /* PN_RULE_NONE */
    for (size_t i = 0; i < lint->duplicate_count; i++)
        if ((!i || duplicates[i].rule != duplicates[i - 1].rule) &&
            is_in_space(lint, duplicates[i].rule) &&
            !(lint->survey.infos[duplicates[i].rule].flags & PN_ITEM_EFFECTIVE))
            duplicate(lint, duplicates[i].rule, &duplicates[i]);
    for (uint32_t t = 0; t < lint->survey.count; t++) {
        if (!is_in_space(lint, t))
            continue;
        if (!lives(&lint->survey, t)) {
            dead(lint, t, firsts);
            continue;
        }
        one_family(lint, t);
        if (lint->report->on[PN_CHECK_MOSTLY_SHADOWED])
            shadowed(lint, t);
    }
    pn_free(firsts);
}
