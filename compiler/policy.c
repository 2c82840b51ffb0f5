/* Accessors of a policy. */
#include "compiler/policy.h"

#include "base/memory.h"

struct pn_str
pn_policy_env_text(const struct pn_policy *policy, uint32_t rule)
{
    const struct pn_policy_rule *r = &policy->rules[rule];

    return (struct pn_str){ r->env_size ? policy->text.bytes + r->env : "",
                            r->env_size };
}

struct postern_env_iter
pn_policy_env(const struct pn_policy *policy, uint32_t rule)
{
    struct pn_str text = pn_policy_env_text(policy, rule);
    const uint8_t *at = (const uint8_t *)text.ptr;

    if (!text.len)
        return (struct postern_env_iter){ NULL, NULL };
    return (struct postern_env_iter){ at, at + text.len };
}

struct pn_str
pn_policy_file(const struct pn_policy *policy, const struct pn_policy_rule *rule)
{
    struct pn_span name = policy->files[rule->file];

    return (struct pn_str){ policy->text.bytes + name.offset, name.size };
}

const uint32_t *
pn_policy_terms(const struct pn_policy *policy, uint32_t rule)
{
    uint32_t terms = policy->rules[rule].terms;

    return terms == PN_TERMS_NONE ? NULL : policy->terms[terms].columns;
}

const struct pn_penalty *
pn_policy_penalties(const struct pn_policy *policy, uint32_t rule, size_t *count)
{
    uint32_t terms = policy->rules[rule].terms;
    size_t low = 0, high = policy->penalty_count, end;

    *count = 0;
    if (terms == PN_TERMS_NONE)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (policy->penalties[middle].columns[PN_PENALTY_TERMS] < terms)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < policy->penalty_count &&
                    policy->penalties[end].columns[PN_PENALTY_TERMS] == terms;)
        end++;
    *count = end - low;
    return *count ? &policy->penalties[low] : NULL;
}

struct postern_str
pn_policy_reject(const struct pn_policy *policy, uint32_t rule)
{
    const uint32_t *terms = pn_policy_terms(policy, rule);

    if (!terms || terms[PN_TERM_REJECT_AT] == PN_NATIVE_NONE)
        return (struct postern_str){ NULL, 0 };
    return (struct postern_str){ policy->text.bytes + terms[PN_TERM_REJECT_AT],
                                 terms[PN_TERM_REJECT_SIZE] };
}

void
pn_policy_clear(struct pn_policy *policy)
{
    pn_free(policy->rules);
    pn_free(policy->nodes);
    pn_free(policy->files);
    pn_free(policy->items);
    pn_free(policy->assertions);
    pn_free(policy->terms);
    pn_free(policy->penalties);
    pn_free(policy->env_at);
    pn_intern_clear(&policy->envs);
    pn_buffer_free(&policy->text);
    pn_intern_clear(&policy->targets.meanings);
    pn_intern_clear(&policy->targets.words);
    pn_intern_clear(&policy->targets.pairs);
    pn_free(policy->targets.of_words);
    pn_free(policy->targets.is_known);
    pn_names_clear(&policy->names);
    pn_space_clear(&policy->space);
    *policy = (struct pn_policy){ 0 };
}
