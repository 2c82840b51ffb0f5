/*
 * Entries of lists only take decisions away from other rules. So a hand-written rule
 * that decides nothing while all lists are empty never will, whatever they hold. But
 * one that is redundant while they are empty may still decide before entries with
 * another outcome.
 */
#include "analysis/lint/list_dependence.h"

#include <string.h>

#include "analysis/classes.h"
#include "analysis/survey_build.h"
#include "base/memory.h"
#include "compiler/class.h"

enum { DIAGS_MAX = 1000 };

/* Reads lists as empty, and all other files as the policy's own reader does. */
static bool
listless_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_lint *lint = payload;
    const struct pn_lists *lists = &lint->policy->names.lists;
    const struct pn_reading *reading = &lint->options->reading;

    for (size_t i = 0; i < lists->count; i++)
        if (strcmp(lists->items[i].path, path) == 0)
            return pn_source_from_text(out, path, PN_STR(""));
    return reading->read(reading->payload, path, limit, out);
}

static bool
listless_identify(void *payload, const char *path, struct pn_buffer *out)
{
    const struct pn_reading *reading =
        &((const struct pn_lint *)payload)->options->reading;

    return reading->identify && reading->identify(reading->payload, path, out);
}

/* Makes the policy without lists. If it has other items, it says nothing about this
 * policy. */
static bool
listless_make(struct pn_lint *lint, const struct pn_source *root, const char *tests)
{
    bool only_takes = lint->listless.good;
    struct pn_policy_options options = { .by_target = true };
    struct pn_diags diags = { .limit = DIAGS_MAX };
    struct pn_listless *listless = &lint->listless;
    enum pn_compile_result result = pn_loaded_policy_load_by(
        &listless->loaded, root, tests, &options, &diags,
        (struct pn_reading){ listless_read, lint, listless_identify, 0 });

    pn_diags_clear(&diags);
    if (result == PN_COMPILE_MEMORY)
        return false;
    listless->classes = pn_classes_of(&listless->loaded.policy);
    if (!listless->classes)
        return false;
    pn_survey_make(&listless->survey, &listless->loaded.policy, listless->classes,
                   &lint->options->profile, lint->options->work);
    listless->good = only_takes && result != PN_COMPILE_READ &&
                     listless->loaded.policy.item_count == lint->policy->item_count;
    return !listless->survey.failed;
}

/* An `except` of a rule applies to each of its targets. */
static bool
item_is_listed(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_rule_item *written = &lint->policy->items[item];
    const struct pn_rule_node *rule = &lint->policy->nodes[written->rule];

    if (!written->node || pn_lint_is_classic(lint, item))
        return false;
    if (pn_on_lists_is(&lint->lists, rule->file, written->node))
        return true;
    for (const struct pn_node *n = rule->node->children.head; n; n = n->next)
        if (n->kind == PN_NODE_EXCEPT)
            return pn_on_lists_among(&lint->lists, rule->file, n);
    return false;
}

/* Merges the class of a listed item into that of its group. An item that is empty now
 * has no group: it is counted as without ident, which is the cautious choice. */
static void
list_join(struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    bool is_effective = info->flags & PN_ITEM_EFFECTIVE;
    uint32_t group = is_effective                      ? info->group
                     : pn_lint_rule(lint, item)->block ? PN_GROUP_BLOCKS
                                                       : PN_GROUP_NO_IDENT;

    lint->list_classes[group] = pn_class_merge(
        lint->list_classes[group], lint->classes[lint->policy->items[item].rule]);
}

bool
pn_list_dependence_make(struct pn_lint *lint, const struct pn_source *root,
                        const char *tests)
{
    size_t size = lint->policy->space.group_count * sizeof(*lint->list_classes);

    if (!lint->policy->names.lists.count)
        return true;
    lint->listed = pn_calloc(lint->policy->item_count + 1, sizeof(*lint->listed));
    lint->list_classes = pn_malloc(size);
    if (lint->list_classes)
        memset(lint->list_classes, 0xff, size); /* PN_CLASS_NONE */
    if (!lint->listed || !lint->list_classes ||
        !pn_on_lists_make(&lint->lists, lint->unit, &lint->policy->names))
        return false;
    for (uint32_t t = 0; t < lint->policy->item_count; t++) {
        lint->listed[t] = item_is_listed(lint, t);
        if (lint->listed[t])
            list_join(lint, t);
    }
    lint->listless.good = !pn_on_lists_is_taken_out(&lint->lists);
    return listless_make(lint, root, tests);
}

void
pn_list_dependence_clear(struct pn_lint *lint)
{
    pn_survey_clear(&lint->listless.survey);
    pn_free(lint->listless.classes);
    pn_loaded_policy_clear(&lint->listless.loaded);
    pn_free(lint->listed);
    pn_free(lint->list_classes);
    pn_on_lists_clear(&lint->lists);
}

bool
pn_depends_nodes(const struct pn_lint *lint, uint32_t file, const struct pn_node *nodes)
{
    return lint->listed && pn_on_lists_among(&lint->lists, file, nodes);
}

bool
pn_depends_item(const struct pn_lint *lint, uint32_t item)
{
    return lint->listed && item != PN_RULE_NONE && lint->listed[item];
}

bool
pn_depends_dead(const struct pn_lint *lint, uint32_t item)
{
    if (!lint->listed)
        return false;
    return lint->listed[item] || !lint->listless.good ||
           lint->listless.survey.infos[item].flags & PN_ITEM_LIVES;
}

/* The merged classes of all lists whose entries may decide where a rule of a group does
 * not: of blocks all, of an ident its own and those without. */
static uint32_t
classes_below(const struct pn_lint *lint, uint32_t group)
{
    uint32_t join = lint->list_classes[group];

    if (group != PN_GROUP_BLOCKS)
        return pn_class_merge(join, lint->list_classes[PN_GROUP_NO_IDENT]);
    for (uint32_t g = 0; g < lint->policy->space.group_count; g++)
        join = pn_class_merge(join, lint->list_classes[g]);
    return join;
}

bool
pn_depends_merged(const struct pn_lint *lint, uint32_t item)
{
    return lint->listed &&
           (lint->listed[item] ||
            pn_class_merge_changes(classes_below(lint, lint->survey.infos[item].group),
                                   pn_survey_class(&lint->survey, item)));
}

bool
pn_depends_redundant(const struct pn_lint *lint, uint32_t item)
{
    if (!lint->listed)
        return false;
    return pn_depends_merged(lint, item) || !lint->listless.good ||
           (lint->listless.survey.infos[item].flags & PN_ITEM_LIVES &&
            !pn_survey_is_redundant(&lint->listless.survey, item));
}

bool
pn_depends_gap(const struct pn_lint *lint, size_t family)
{
    return lint->listed &&
           (!lint->listless.good || lint->listless.survey.groups[PN_GROUP_NO_IDENT]
                                        .families[family]
                                        .summary.gap);
}

void
pn_depends_report(struct pn_lint *lint, struct pn_finding *f, bool depends)
{
    const struct pn_lists *lists = &lint->policy->names.lists;

    if (!f || !depends)
        return;
    f->depends = true;
    f->safe = false;
    f->severity = PN_NOTE;
    f->help = pn_report_format(lint->report,
                               "it rests on what %s%s now, which may be "
                               "something else tomorrow",
                               lists->count == 1 ? lists->items[0].path : "the lists",
                               lists->count == 1 ? " holds" : " hold");
}
