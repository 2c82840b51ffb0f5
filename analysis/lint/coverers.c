/* Whatever covers a prefix is a direct child of it, all of which are needed, or a
 * block. */
#include "analysis/lint/coverers.h"

#include <stdlib.h>

#include "analysis/decide.h"
#include "analysis/lint/entry.h"
#include "base/memory.h"
#include "base/vector.h"

/* An item, and how many addresses of another it covers. */
struct coverer {
    uint32_t item;
    pn_number size;
};

struct coverers {
    struct coverer *items;
    size_t count, capacity;
    bool failed;
};

static void
coverer_add(struct coverers *list, uint32_t item, pn_number size)
{
    const struct coverer coverer = { item, size };

    if (list->count && list->items[list->count - 1].item == item) {
        list->items[list->count - 1].size += size;
        return;
    }
    list->failed |= !pn_vector_add(&list->items, &list->count, &list->capacity,
                                   &coverer, sizeof(coverer));
}

static int
by_item(const void *left, const void *right)
{
    const struct coverer *a = left, *b = right;

    return (a->item > b->item) - (a->item < b->item);
}

/* Adds up the sizes of each item. */
static void
unify(struct coverers *list)
{
    size_t kept = 0;

    if (!list->count)
        return;
    qsort(list->items, list->count, sizeof(*list->items), by_item);
    for (size_t i = 1; i < list->count; i++) {
        if (list->items[i].item == list->items[kept].item)
            list->items[kept].size += list->items[i].size;
        else
            list->items[++kept] = list->items[i];
    }
    list->count = kept + 1;
}

/* Adds the direct children of an entry: prefixes inside it that are in no other prefix
 * inside it. */
static pn_number
children_add(const struct pn_prefixes *list, size_t index, uint8_t family,
             struct coverers *out)
{
    const struct pn_prefix *p = &list->items[index];
    pn_number last = pn_prefix_last(p, family), sum = 0;
    pn_number behind = p->start;
    bool ended = false;

    for (size_t i = index + 1;
         i < list->count && list->items[i].start <= last && !ended; i++) {
        const struct pn_prefix *c = &list->items[i];
        pn_number end = pn_prefix_last(c, family);

        if (c->start < behind || (c->length == p->length && !c->is_address))
            continue;
        coverer_add(out, c->rule, end - c->start + 1);
        sum += end - c->start + 1;
        behind = end + 1;
        ended = end == last;
    }
    return sum;
}

/* Adds the blocks inside a range, and the one around its first address. Without
 * `counted` their size is not counted, because not all addresses are meant. */
static void
blocks_add(const struct pn_lint *lint, pn_number first, pn_number last, uint8_t family,
           bool counted, struct coverers *out)
{
    const struct pn_space *space = &lint->policy->space;
    const struct pn_prefixes *list = pn_lint_list(lint, PN_GROUP_BLOCKS, family);
    struct pn_str none = { NULL, 0 };
    uint32_t around = pn_space_decide(space, family, first, none, none);
    pn_number behind = first;

    if (around != PN_RULE_NONE && lint->survey.infos[around].group == PN_GROUP_BLOCKS)
        coverer_add(out, around, 0);
    for (size_t i = pn_prefixes_from(list, 0, first);
         i < list->count && list->items[i].start <= last; i++) {
        const struct pn_prefix *c = &list->items[i];
        pn_number end = pn_prefix_last(c, family);

        if (c->start < behind || end > last)
            continue;
        coverer_add(out, c->rule, counted ? end - c->start + 1 : 0);
        if (end == last)
            return;
        behind = end + 1;
    }
}

/* Adds the blocks of hosts that cover the names of an item. */
static void
name_blocks_add(const struct pn_lint *lint, uint32_t item, struct coverers *out)
{
    const struct pn_group *blocks = &lint->policy->space.groups[PN_GROUP_BLOCKS];

    for (size_t i = 0; i < pn_lint_name_count(lint, item); i++) {
        uint32_t candidate = pn_host_candidate(pn_lint_name(lint, item, i));
        uint32_t by =
            pn_space_decide_name(&lint->policy->space, PN_GROUP_BLOCKS,
                                 pn_host_name(&lint->survey.hosts, candidate));

        if (by != PN_RULE_NONE)
            coverer_add(out, by, 0);
    }
    if (lint->policy->space.groups[lint->survey.infos[item].group].any_host == item &&
        blocks->any_host != PN_RULE_NONE)
        coverer_add(out, blocks->any_host, 0);
}

/* The entries inside an entry, as a group for one sweep. */
struct cutout {
    const struct pn_prefix *entry;
    struct pn_group group;
    struct coverers *out;
};

/* The outermost entry of an item around an interval; or NULL. */
static const struct pn_prefix *
outermost(const struct pn_sweep_interval *s, uint32_t item)
{
    for (size_t i = 0; i < s->depth; i++)
        if (s->around[i]->rule == item)
            return s->around[i];
    return NULL;
}

/* Adds what decides an interval instead of the entry. Intervals in several entries of
 * the item are counted with the first of those. */
static void
zone_take(void *payload, const struct pn_sweep_interval *s)
{
    const struct cutout *cut = payload;
    const struct pn_prefix *by = pn_sweep_interval_exact(s);
    const struct pn_prefix *of = outermost(s, cut->entry->rule);

    if (!of || pn_prefix_compare(of, cut->entry) != 0)
        return;
    if (!by)
        by = pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE);
    if (by->rule != cut->entry->rule)
        coverer_add(cut->out, by->rule, pn_sweep_interval_count(s, s->first, s->last));
}

/* The prefixes inside are neighbours in the list; spelt keys are few. */
static bool
cutout_make(struct cutout *cut, const struct pn_group *g, const struct pn_prefix *p)
{
    pn_number last = pn_prefix_last(p, 6);
    size_t from = pn_prefixes_from(&g->prefixes[PN_V6], 0, p->start), to = from;

    while (to < g->prefixes[PN_V6].count && g->prefixes[PN_V6].items[to].start <= last)
        to++;
    cut->group = (struct pn_group){ .prefixes[PN_V6] = {
                                        .items = g->prefixes[PN_V6].items + from,
                                        .count = to - from } };
    cut->group.spelt = pn_malloc((g->spelt_count + 1) * sizeof(*cut->group.spelt));
    for (size_t i = 0; i < g->spelt_count && cut->group.spelt; i++)
        if (g->spelt[i].prefix.start >= p->start && g->spelt[i].prefix.start <= last)
            cut->group.spelt[cut->group.spelt_count++] = g->spelt[i];
    return cut->group.spelt != NULL;
}

/*
 * For an IPv6 entry of a policy whose zones differ. Whatever outranks it is inside it,
 * except blocks.
 */
static void
zones_add(const struct pn_lint *lint, uint32_t item, size_t number,
          struct coverers *out)
{
    const struct pn_space *space = &lint->policy->space;
    uint32_t group = lint->survey.infos[item].group;
    uint8_t family;
    const struct pn_prefix *p = pn_lint_entry(lint, item, number, &family);
    struct cutout cut = { .entry = p, .out = out };
    struct pn_space one = { .groups = &cut.group,
                            .group_count = 1,
                            .zones = space->zones };

    if (!cutout_make(&cut, &space->groups[group], p) ||
        !pn_sweep_group(&one, 0, 6, &lint->survey.covers.families[1], zone_take, &cut))
        out->failed = true;
    blocks_add(lint, p->start, pn_prefix_last(p, 6), 6,
               !pn_lint_entry_zeros(lint, item, number), out);
    pn_free(cut.group.spelt);
}

static void
collect(const struct pn_lint *lint, uint32_t item, struct coverers *out)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    struct pn_str none = { NULL, 0 };

    for (size_t i = 0; i < pn_lint_entry_count(lint, item); i++) {
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);
        const struct pn_prefixes *list = pn_lint_list(lint, info->group, family);
        pn_number last = pn_prefix_last(p, family), sum = 0;

        if (family == 6 && lint->policy->space.zones.count > 1 &&
            info->group != PN_GROUP_BLOCKS) {
            zones_add(lint, item, i, out);
            continue;
        }
        if (!p->is_address)
            sum = children_add(list, (size_t)(p - list->items), family, out);
        if (sum != last - p->start + 1 && info->group != PN_GROUP_BLOCKS)
            blocks_add(lint, p->start, last, family, true, out);
        if (!sum && !out->count) /* it is a part of a prefix with the same rank */
            coverer_add(out,
                        pn_space_decide(&lint->policy->space, family, p->start, none,
                                        pn_lint_ident(lint, info->group)),
                        last - p->start + 1);
    }
    name_blocks_add(lint, item, out);
    unify(out);
}

/* Moves the most informative ones to the front: the largest, the first, and the largest
 * with another outcome. */
static void
arrange(const struct pn_lint *lint, uint32_t item, struct coverers *list)
{
    size_t front = 0;

    for (int turn = 0; turn < 3 && front < list->count; turn++) {
        size_t best = list->count;

        for (size_t i = front; i < list->count; i++) {
            bool differs = pn_survey_class(&lint->survey, list->items[i].item) !=
                           pn_survey_class(&lint->survey, item);

            if (turn == 2 && !differs)
                continue;
            if (best == list->count ||
                (turn == 1 ? list->items[i].item < list->items[best].item
                           : list->items[i].size > list->items[best].size))
                best = i;
        }
        if (best < list->count) {
            struct coverer swap = list->items[best];

            list->items[best] = list->items[front];
            list->items[front++] = swap;
        }
    }
}

void
pn_coverers_link(struct pn_lint *lint, struct pn_finding *f, uint32_t item)
{
    struct coverers list = { 0 };
    pn_number all = 0;

    collect(lint, item, &list);
    arrange(lint, item, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct coverer *c = &list.items[i];
        size_t size = c->size ? pn_lint_number(lint, c->size) : 0;
        bool same = pn_survey_class(&lint->survey, c->item) ==
                    pn_survey_class(&lint->survey, item);
        const char *outcome = same                            ? "with the same outcome"
                              : pn_lint_allows(lint, c->item) ? "which it allows"
                                                              : "which it denies";

        all += c->size;
        if (c->size)
            pn_lint_link(lint, f, c->item, "%s of them, %s",
                         pn_report_text(lint->report, size), outcome);
        else
            pn_lint_link(lint, f, c->item, "this blocks it");
    }
    if (all) {
        size_t size = pn_lint_number(lint, all);

        f->label = pn_report_format(lint->report,
                                    all == 1 ? "its address has another rule"
                                             : "all %s addresses have another rule",
                                    pn_report_text(lint->report, size));
    }
    lint->failed |= list.failed;
    pn_free(list.items);
}
