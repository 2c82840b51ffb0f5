/* P3: rules without which nothing would change. */
#include <stdlib.h>
#include <string.h>

#include "analysis/lint/entry.h"
#include "analysis/lint/list_dependence.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/redundant_elements.h"
#include "base/memory.h"
#include "base/vector.h"

enum {
    MANY_CHILDREN = 3,
    FETCH_STEP = 8, /* findings */
    HOSTS_MAX = 20,
    FEWEST_FOR_TWO_HALVES = 3
}; /* and a default */

/* A default is never redundant: an extended policy must have one. */
static bool
is_default(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];

    return info->flags & PN_ITEM_DEFAULT && info->group == PN_GROUP_NO_IDENT;
}

/* Has an item no written successor? That happens in a classic file without a default,
 * which P505 reports. */
static bool
has_no_successor(const struct pn_lint *lint, const struct pn_successors *successors)
{
    return successors->one == PN_RULE_NONE ||
           (!successors->more && !pn_lint_is_written(lint, successors->one));
}

static bool
is_redundant(const struct pn_lint *lint, uint32_t item)
{
    struct pn_successors successors;

    /* a contradicted one would be succeeded by its later duplicate, which is reported
     * first */
    if (!pn_lint_is_written(lint, item) || is_default(lint, item) ||
        lint->survey.infos[item].flags & PN_ITEM_CONTRADICTED ||
        !pn_survey_is_redundant(&lint->survey, item))
        return false;
    successors = pn_survey_successors(&lint->survey, item);
    return !has_no_successor(lint, &successors);
}

/* The prefix around a redundant item that would be its only successor, or
 * PN_RULE_NONE. */
static uint32_t
parent_of(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    struct pn_successors successors = pn_survey_successors(&lint->survey, item);

    if (successors.more || info->flags & (PN_ITEM_NOT_PREFIX | PN_ITEM_HOSTS) ||
        !pn_lint_is_written(lint, successors.one))
        return PN_RULE_NONE;
    return successors.one;
}

static void
redundant(struct pn_lint *lint, uint32_t item)
{
    struct pn_successors successors = pn_survey_successors(&lint->survey, item);
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_REDUNDANT, item);
    size_t by;

    if (!f)
        return;
    pn_depends_report(lint, f, pn_depends_redundant(lint, item));
    by = pn_lint_line(lint, f, successors.one);
    f->label = pn_report_format(lint->report, "%s%s would decide the same",
                                pn_report_text(lint->report, by),
                                successors.more ? " and others" : "");
    pn_lint_link(lint, f, successors.one, "this would take over");
    pn_lint_query_of(lint, f, item);
    pn_lint_delete(lint, f, item);
}

/* A redundant item under its parent. */
struct child {
    uint32_t parent, item;
    bool depends; /* it depends on lists */
};

/*
 * The rules that findings are about, and those that would take over, stand anywhere in
 * memory: to wait for each costs more than the finding. `all` are in the order in which
 * they are reported.
 */
static void
fetch_ahead(const struct pn_lint *lint, const struct child *all, size_t count,
            size_t at)
{
    for (unsigned stage = 0; stage < PN_LINT_STAGES; stage++) {
        size_t next = at + (PN_LINT_STAGES - stage) * FETCH_STEP;

        if (next >= count)
            continue;
        pn_lint_fetch(lint, all[next].item, stage);
        pn_lint_fetch(lint, all[next].parent, stage);
    }
}

/* Reports the redundant children of one parent as one finding, at the parent. */
static void
children(struct pn_lint *lint, const struct child *all, size_t count, size_t from,
         size_t end)
{
    struct pn_finding *f =
        pn_lint_add(lint, PN_CHECK_CHILDREN_REDUNDANT, all[from].parent);

    if (!f)
        return;
    pn_depends_report(lint, f, pn_depends_redundant(lint, all[from].item));
    f->label = pn_report_format(lint->report, "so do %zu rules inside it", end - from);
    pn_lint_query_of(lint, f, all[from].item);
    for (size_t i = from; i < end; i++) {
        fetch_ahead(lint, all, count, i);
        pn_lint_link(lint, f, all[i].item, "this one");
        pn_lint_delete(lint, f, all[i].item);
    }
}

static bool
is_alike(const struct child *a, const struct child *b)
{
    return a->parent == b->parent && a->depends == b->depends;
}

static int
by_parent(const void *left, const void *right)
{
    const struct child *a = left, *b = right;

    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->depends != b->depends)
        return a->depends ? 1 : -1;
    return (a->item > b->item) - (a->item < b->item);
}

static int
by_child(const void *left, const void *right)
{
    const struct child *a = left, *b = right;

    return (a->item > b->item) - (a->item < b->item);
}

/*
 * Many children of one parent are one finding; the others are reported one by one, in
 * the order of the file.
 */
static void
children_report(struct pn_lint *lint, struct child *all, size_t count)
{
    size_t alone = 0;

    if (!count)
        return;
    qsort(all, count, sizeof(*all), by_parent);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && is_alike(&all[end], &all[i]); end++)
            continue;
        if (all[i].parent != PN_RULE_NONE && end - i >= MANY_CHILDREN)
            children(lint, all, count, i, end);
        else
            for (size_t k = i; k < end; k++)
                all[alone++] = all[k];
    }
    qsort(all, alone, sizeof(*all), by_child);
    for (size_t i = 0; i < alone; i++) {
        fetch_ahead(lint, all, alone, i);
        redundant(lint, all[i].item);
    }
}

static size_t
redundant_all(struct pn_lint *lint)
{
    struct child *all = NULL;
    size_t count = 0, capacity = 0;

    for (uint32_t t = 0; t < lint->survey.count && !lint->failed; t++) {
        struct child child;

        if (!is_redundant(lint, t))
            continue;
        child = (struct child){ parent_of(lint, t), t, pn_depends_redundant(lint, t) };
        lint->failed |= !pn_vector_add(&all, &count, &capacity, &child, sizeof(child));
    }
    children_report(lint, all, count);
    pn_free(all);
    return count;
}

/* The exact hosts of a group whose class differs from a given one. */
struct others {
    uint32_t group, class;
    const struct pn_host *first[HOSTS_MAX];
    size_t count;
};

static void
others_find(const struct pn_lint *lint, uint32_t group, uint32_t class,
            struct others *out)
{
    const struct pn_group *g = &lint->policy->space.groups[group];

    *out = (struct others){ .group = group, .class = class };
    for (size_t i = 0; i < g->host_count; i++) {
        uint32_t c = pn_host_candidate(g->hosts[i].name);

        if (!lint->survey.hosts.asked[c] || pn_host_is_suffix(&lint->survey.hosts, c) ||
            pn_survey_class(&lint->survey, g->hosts[i].rule) == class)
            continue;
        if (out->count < HOSTS_MAX)
            out->first[out->count] = &g->hosts[i];
        out->count++;
    }
}

static void
nearly_redundant_report(struct pn_lint *lint, uint32_t item,
                        const struct others *others)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_NEARLY_REDUNDANT, item);
    uint32_t candidate = PN_HOST_NONE;

    for (size_t i = 0; i < others->count && i < HOSTS_MAX; i++)
        pn_lint_link(lint, f, others->first[i]->rule,
                     "this host would be decided here");
    if (others->count)
        candidate = pn_host_candidate(others->first[0]->name);
    if (f && others->count > HOSTS_MAX)
        f->label = pn_report_format(lint->report, "%zu hosts, of which %d are shown",
                                    others->count, HOSTS_MAX);
    pn_lint_query(lint, f, &info->witness, candidate, info->group);
}

/* Reports items that are redundant but for exact hosts with another outcome, which
 * would then be decided by their rules. */
static void
nearly_all(struct pn_lint *lint)
{
    struct others others = { .group = PN_RULE_NONE };

    for (uint32_t t = 0; t < lint->survey.count; t++) {
        const struct pn_item_info *info = &lint->survey.infos[t];

        if (!pn_lint_is_written(lint, t) || !(info->flags & PN_ITEM_EXACT) ||
            info->flags & PN_ITEM_HOSTS || has_no_successor(lint, &info->successors) ||
            pn_class_merge_changes(info->successors.class, info->class) ||
            pn_survey_is_redundant(&lint->survey, t))
            continue;
        if (others.group != info->group || others.class != info->class)
            others_find(lint, info->group, info->class, &others);
        nearly_redundant_report(lint, t, &others);
    }
}

/* The index of the other half of the prefix that is one bit shorter, or of an entry's
 * list its end. */
static size_t
sibling_of(const struct pn_prefixes *list, size_t index, uint8_t family)
{
    const struct pn_prefix *p = &list->items[index];
    pn_number start = p->start + pn_host_mask(family, p->length) + 1;
    size_t low = pn_prefixes_from(list, index + 1, start);

    for (; low < list->count && list->items[low].start == start &&
           list->items[low].length <= p->length;
         low++)
        if (list->items[low].length == p->length && !list->items[low].is_address)
            return low;
    return list->count;
}

static bool
is_whole(const struct pn_lint *lint, const struct pn_prefix *p)
{
    uint32_t item = p->rule;

    return !p->is_address && p->rank_length == p->length &&
           pn_lint_is_written(lint, item) &&
           lint->survey.infos[item].collection == PN_RULE_NONE &&
           lint->survey.infos[item].flags & PN_ITEM_LIVES &&
           pn_lint_entry_count(lint, item) == 1 && !pn_lint_is_classic(lint, item);
}

/* Does the shorter prefix have an entry already? It comes right before its halves. */
static bool
has_parent(const struct pn_prefixes *list, size_t index, uint8_t length)
{
    pn_number start = list->items[index].start;

    while (index > 0 && list->items[index - 1].start == start) {
        index--;
        if (!list->items[index].is_address &&
            (list->items[index].length == length ||
             list->items[index].rank_length == length))
            return true;
    }
    return false;
}

/* Does a key that matches by spelling rank between the halves and the whole, or equal
 * to one of them? */
static bool
has_key_between(const struct pn_group *g, const struct pn_prefix *half)
{
    unsigned length = half->length;
    pn_number last = half->start | pn_host_mask(6, length - 1);

    for (size_t i = 0; i < g->spelt_count; i++) {
        const struct pn_prefix *p = &g->spelt[i].prefix;

        if ((p->length == length || p->length == length - 1) &&
            p->start >= half->start && p->start <= last)
            return true;
    }
    return false;
}

static void
merge(struct pn_lint *lint, const struct pn_prefix *a, const struct pn_prefix *b,
      uint8_t family)
{
    uint32_t first = a->rule < b->rule ? a->rule : b->rule;
    uint32_t second = a->rule < b->rule ? b->rule : a->rule;
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_MERGEABLE, first);
    struct postern_addr addr = pn_number_address(a->start, family);
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct pn_str half = pn_lint_text(lint, first);
    const char *at = memchr(half.ptr, '@', half.len);
    struct pn_buffer whole = { 0 };

    if (!f)
        return;
    postern_addr_print(&addr, text);
    if (at)
        pn_buffer_add(&whole, half.ptr, (size_t)(at + 1 - half.ptr));
    pn_buffer_add_format(&whole, "%s/%u", text, a->length - 1u);
    pn_buffer_add(&whole, "", 1);
    lint->failed |= whole.failed;
    if (!whole.failed) {
        pn_depends_report(
            lint, f, pn_depends_merged(lint, first) || pn_depends_merged(lint, second));
        f->label = pn_report_format(lint->report, "both are %s", whole.bytes);
        pn_lint_link(lint, f, second, "the other half");
        pn_lint_query_of(lint, f, first);
        pn_lint_replace(lint, f, pn_lint_file(lint, first), pn_lint_span(lint, first),
                        (struct pn_str){ whole.bytes, whole.size - 1 }, 0);
        pn_lint_delete(lint, f, second);
    }
    pn_buffer_free(&whole);
}

/* Prefixes with holes do not rank by their length: with any of them nothing is
 * reported. */
static bool
has_holes(const struct pn_prefixes *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].rank_length != list->items[i].length)
            return true;
    return false;
}

/*
 * Of each item, whether another one says the same behind it and would decide in its
 * place, before the whole does. To be freed; NULL without memory.
 */
static bool *
hiding_find(const struct pn_lint *lint)
{
    bool *hiding = pn_calloc(lint->policy->item_count + 1, sizeof(*hiding));

    for (size_t i = 0; hiding && i < lint->duplicate_count; i++)
        hiding[lint->duplicates[i].first] = true;
    return hiding;
}

static void
mergeable(struct pn_lint *lint, const bool *hiding, uint32_t group, uint8_t family)
{
    const struct pn_prefixes *list = pn_lint_list(lint, group, family);
    const struct pn_group *g = &lint->policy->space.groups[group];

    if (!lint->report->on[PN_CHECK_MERGEABLE] ||
        lint->policy->item_count < FEWEST_FOR_TWO_HALVES || has_holes(list))
        return;
    for (size_t i = 0; i < list->count; i++) {
        const struct pn_prefix *p = &list->items[i], *q;
        size_t k;

        if (!p->length || p->is_address ||
            p->start & (pn_host_mask(family, p->length) + 1))
            continue;
        k = sibling_of(list, i, family);
        if (k == list->count)
            continue;
        q = &list->items[k];
        if (is_whole(lint, p) && is_whole(lint, q) && !hiding[p->rule] &&
            !hiding[q->rule] && !is_redundant(lint, p->rule) &&
            !is_redundant(lint, q->rule) &&
            pn_survey_class(&lint->survey, p->rule) ==
                pn_survey_class(&lint->survey, q->rule) &&
            !has_parent(list, i, (uint8_t)(p->length - 1)) &&
            !(family == 6 && has_key_between(g, p)))
            merge(lint, p, q, family);
    }
}

/* Reports how many items could be deleted in all. */
static void
minimizable(struct pn_lint *lint, size_t redundant_count)
{
    size_t dead = 0, rules = 0;
    uint32_t first = PN_RULE_NONE;
    struct pn_finding *f;

    if (!lint->report->on[PN_CHECK_MINIMIZABLE])
        return;
    for (uint32_t t = 0; t < lint->survey.count; t++) {
        uint32_t flags = lint->survey.infos[t].flags;

        if (!pn_lint_is_written(lint, t))
            continue;
        first = first == PN_RULE_NONE ? t : first;
        rules++;
        dead += !(flags & PN_ITEM_LIVES) &&
                flags & (PN_ITEM_EFFECTIVE | PN_ITEM_DUPLICATE) && !is_default(lint, t);
    }
    if (dead + redundant_count == 0)
        return;
    f = pn_lint_add(lint, PN_CHECK_MINIMIZABLE, first);
    if (f)
        f->label = pn_report_format(lint->report, "up to %zu of %zu targets could go",
                                    dead + redundant_count, rules);
}

void
pn_lint_redundancy(struct pn_lint *lint)
{
    size_t count;
    bool *hiding;

    /* what is redundant now may not be so beside a rule that could not be read */
    if (lint->diags->errors)
        return;
    count = redundant_all(lint);
    if (lint->report->on[PN_CHECK_NEARLY_REDUNDANT])
        nearly_all(lint);
    hiding = hiding_find(lint);
    lint->failed |= !hiding;
    for (uint32_t g = 0; hiding && g < lint->policy->space.group_count; g++) {
        mergeable(lint, hiding, g, 4);
        mergeable(lint, hiding, g, 6);
    }
    pn_free(hiding);
    minimizable(lint, count);
    for (size_t i = 0; i < lint->survey.collection_count; i++) {
        uint32_t item = lint->survey.collections[i].item;

        if (lint->survey.collections[i].redundant &&
            lint->survey.infos[item].flags & PN_ITEM_LIVES && !is_redundant(lint, item))
            pn_redundant_elements_lint(lint, &lint->survey.collections[i]);
    }
}
