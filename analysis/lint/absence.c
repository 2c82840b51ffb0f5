/* When one rule restricts its clients with such a variable, the clients of rules
 * without it get more. */
#include "analysis/lint/absence.h"

#include <string.h>

#include "analysis/lint/beyond.h"
#include "analysis/lint/treatment.h"
#include "base/memory.h"
#include "base/sizes.h"

struct absence_work {
    struct pn_lint *lint;
    struct pn_str name;
    uint32_t setter; /* an item whose rule sets the variable */
    bool *marked;    /* by rule: it allows, and does not set the variable */
};

/* Marks the rules that allow without the variable; false when no rule sets it. */
static bool
rules_mark(struct absence_work *w)
{
    const struct pn_policy *policy = w->lint->policy;
    bool any = false;

    w->setter = PN_RULE_NONE;
    for (uint32_t t = 0; t < policy->item_count; t++) {
        if (!pn_lint_serves(w->lint, t))
            continue;
        if (!pn_lint_value(w->lint, t, w->name).ptr)
            any = w->marked[policy->items[t].rule] = true;
        else if (w->setter == PN_RULE_NONE)
            w->setter = t;
    }
    return any && w->setter != PN_RULE_NONE;
}

/* An implied default has no place in the source: the finding is at the last rule. */
static uint32_t
place_of(const struct pn_lint *lint, uint32_t item)
{
    uint32_t last = item;

    if (pn_lint_is_written(lint, item))
        return item;
    for (uint32_t t = 0; t < lint->survey.count; t++)
        if (pn_lint_is_written(lint, t))
            last = t;
    return last;
}

/* `reach` is NULL for an item of names or of an ident. */
static void
absence_report(struct absence_work *w, uint32_t item, const struct pn_reach *reach)
{
    struct pn_lint *lint = w->lint;
    bool is_written = pn_lint_is_written(lint, item);
    uint32_t place = place_of(lint, item);
    struct pn_str text = pn_lint_text(lint, item);
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_ABSENCE_GRANTS, place);

    if (!f)
        return;
    f->label = pn_report_format(lint->report,
                                is_written ? "%.*s is not set here"
                                           : "%.*s is not set for the rest",
                                (int)w->name.len, w->name.ptr);
    if (w->setter != place)
        pn_lint_link(lint, f, w->setter, "it is set here");
    if (reach)
        pn_lint_query(lint, f, &reach->witness, PN_HOST_NONE, PN_GROUP_NO_IDENT);
    else
        pn_lint_query_of(lint, f, item);
    f->help = pn_report_format(lint->report,
                               pn_lint_is_classic(lint, place)
                                   ? "write %.*s:allow,%.*s=\"\" if it is meant to "
                                     "have none"
                                   : "write %.*s : allow, %.*s=\"\" if it is meant "
                                     "to have none",
                               (int)text.len, text.ptr, (int)w->name.len, w->name.ptr);
}

/* Does it allow clients by their name or ident, and decide something? */
static bool
is_by_name(const struct absence_work *w, uint32_t item)
{
    const struct pn_item_info *info = &w->lint->survey.infos[item];

    return w->marked[w->lint->policy->items[item].rule] &&
           info->flags & PN_ITEM_LIVES &&
           (info->flags & PN_ITEM_HOSTS || info->group > PN_GROUP_NO_IDENT);
}

static void
variable_lint(struct absence_work *w)
{
    struct pn_address_set networks = { 0 };
    struct pn_reach *reaches = NULL;

    if (pn_networks_beyond(&networks, w->lint))
        reaches = pn_reaches_find(w->lint, w->marked, &networks);
    for (uint32_t t = 0; t < w->lint->survey.count && reaches; t++) {
        if (reaches[t].counts[0] + reaches[t].counts[1])
            absence_report(w, t, &reaches[t]);
        else if (is_by_name(w, t))
            absence_report(w, t, NULL);
    }
    w->lint->failed |= !reaches;
    pn_free(reaches);
    pn_address_set_clear(&networks);
}

void
pn_absence_lint(struct pn_lint *lint)
{
    struct absence_work w = { .lint = lint };
    struct pn_str name;

    if (!lint->report->on[PN_CHECK_ABSENCE_GRANTS])
        return;
    for (size_t i = 0; pn_variable_by_effect(PN_EFFECT_NARROWS, i, &name); i++) {
        w.name = name;
        w.marked = pn_calloc(lint->policy->count + 1, sizeof(*w.marked));
        if (!w.marked)
            lint->failed = true;
        else if (rules_mark(&w))
            variable_lint(&w);
        pn_free(w.marked);
    }
}
