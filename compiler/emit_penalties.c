/* Rules that look-ups may lead to are those that name a host or an ident. */
#include "compiler/emit_penalties.h"

#include "compiler/emit_index.h"

/* A rule number may be none: nobody is exempt by that. */
static bool
is_exempt(const struct pn_policy *policy, uint32_t rule)
{
    size_t count = 0;
    const struct pn_penalty *rows =
        rule < policy->count ? pn_policy_penalties(policy, rule, &count) : NULL;

    return count && pn_penalty_is_none(rows);
}

static bool
prefixes_exempt(const struct pn_policy *policy, const struct pn_group *group)
{
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        for (size_t i = 0; i < group->prefixes[f].count; i++)
            if (is_exempt(policy, group->prefixes[f].items[i].rule))
                return true;
    for (size_t i = 0; i < group->spelt_count; i++)
        if (is_exempt(policy, group->spelt[i].prefix.rule))
            return true;
    return is_exempt(policy, group->fallback);
}

static bool
names_exempt(const struct pn_policy *policy)
{
    const struct pn_space *space = &policy->space;

    for (size_t g = PN_GROUP_NO_IDENT; g < space->group_count; g++) {
        const struct pn_group *group = &space->groups[g];

        for (size_t i = 0; i < group->host_count; i++)
            if (is_exempt(policy, group->hosts[i].rule))
                return true;
        if (is_exempt(policy, group->any_host) ||
            (g >= PN_NATIVE_FIRST_GROUPS && prefixes_exempt(policy, group)))
            return true;
    }
    return false;
}

bool
pn_penalties_emit(const struct pn_policy *policy, struct pn_buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < policy->penalty_count; i++) {
        any = any || pn_penalty_is_none(&policy->penalties[i]);
        for (size_t k = 0; k < PN_PENALTY_COLUMNS; k++)
            pn_index_add_number(out, policy->penalties[i].columns[k]);
    }
    return any && names_exempt(policy);
}
