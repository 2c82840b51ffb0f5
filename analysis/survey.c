/* What is asked of a survey, and the arithmetic of successors. */
#include "analysis/survey.h"

#include <string.h>

#include "base/memory.h"

struct pn_successors
pn_successors_none(void)
{
    return (struct pn_successors){ PN_CLASS_NONE, PN_RULE_NONE, false };
}

void
pn_successors_add(const struct pn_survey *survey, struct pn_successors *successors,
                  uint32_t item)
{
    if (item == PN_RULE_NONE)
        return;
    successors->class =
        pn_class_merge(successors->class, pn_survey_class(survey, item));
    if (successors->one == PN_RULE_NONE)
        successors->one = item;
    else
        successors->more |= successors->one != item;
}

void
pn_successors_join(struct pn_successors *successors, const struct pn_successors *others)
{
    if (others->one == PN_RULE_NONE)
        return;
    successors->class = pn_class_merge(successors->class, others->class);
    if (successors->one == PN_RULE_NONE)
        successors->one = others->one;
    successors->more |= others->more || successors->one != others->one;
}

struct pn_successors
pn_survey_successors(const struct pn_survey *survey, uint32_t item)
{
    const struct pn_item_info *info = &survey->infos[item];
    struct pn_successors successors = info->successors;

    if (info->flags & PN_ITEM_EXACT && !pn_item_is_mixed(info))
        pn_successors_join(&successors, &survey->groups[info->group].hosts.exact);
    return successors;
}

bool
pn_item_is_collection(const struct pn_policy *policy, uint32_t item)
{
    const struct pn_rule_item *written = &policy->items[item];
    const struct pn_rule_node *at = &policy->nodes[written->rule];
    const struct pn_tree *tree;
    struct pn_str word;
    const char *sign;

    if (!written->node || written->node->kind == PN_NODE_RULE)
        return false;
    if (written->node->kind == PN_NODE_LIST)
        return true;
    tree = pn_unit_tree(policy->names.unit, at->file);
    word = pn_source_slice(tree->source,
                           pn_token_span(tree->tokens[written->node->token]));
    sign = memchr(word.ptr, '$', word.len);
    return sign && (sign == word.ptr || sign[-1] == '@');
}

bool
pn_survey_is_redundant(const struct pn_survey *survey, uint32_t item)
{
    const struct pn_item_info *info = &survey->infos[item];
    struct pn_successors successors = pn_survey_successors(survey, item);

    return info->flags & PN_ITEM_LIVES &&
           !pn_class_merge_changes(successors.class, pn_survey_class(survey, item));
}

void
pn_survey_clear(struct pn_survey *survey)
{
    pn_free(survey->infos);
    pn_free(survey->groups);
    pn_free(survey->collections);
    pn_free(survey->redundant);
    pn_address_set_clear(&survey->covers);
    pn_hosts_clear(&survey->hosts);
    *survey = (struct pn_survey){ 0 };
}
