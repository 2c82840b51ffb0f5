/* Rules with equal raw settings are looked at once. */
#include "analysis/classes.h"

#include "base/memory.h"
#include "compiler/outcomes.h"

static void
penalties_write(struct pn_buffer *out, const struct pn_policy *policy, uint32_t rule)
{
    size_t count;
    const struct pn_penalty *rows = pn_policy_penalties(policy, rule, &count);
    struct pn_status_run runs[PN_PENALTIES_MAX];

    for (size_t i = 0; i < count; i++)
        runs[i] = (struct pn_status_run){
            pn_penalty_first(rows[i].columns[PN_PENALTY_STATUSES]),
            pn_penalty_last(rows[i].columns[PN_PENALTY_STATUSES]),
            rows[i].columns[PN_PENALTY_SECONDS],
        };
    pn_outcome_write_penalties(out, runs, count);
}

static bool
class_of(const struct pn_policy *policy, struct pn_intern *outcomes, uint32_t rule,
         uint32_t *out)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    const uint32_t *terms = pn_policy_terms(policy, rule);
    struct pn_buffer text = { 0 };
    bool good;

    decision.verdict = (uint8_t)policy->rules[rule].verdict;
    decision.env = pn_policy_env(policy, rule);
    decision.reject = pn_policy_reject(policy, rule);
    if (terms && decision.verdict == POSTERN_ALLOW) {
        decision.limit.n = terms[PN_TERM_LIMIT_N];
        decision.rate.n = terms[PN_TERM_RATE_N];
    }
    pn_outcome_write(&text, &decision, rule);
    if (decision.verdict == POSTERN_ALLOW) /* a denial has none, whatever it says */
        penalties_write(&text, policy, rule);
    good = !text.failed && pn_intern_add(outcomes, text.bytes, text.size, out);
    pn_buffer_free(&text);
    return good;
}

uint32_t *
pn_classes_of(const struct pn_policy *policy)
{
    uint32_t *classes = pn_malloc((policy->count + 1) * sizeof(*classes));
    struct pn_intern outcomes = { 0 };
    bool good = classes != NULL;

    for (uint32_t i = 0; i < policy->count && good; i++) {
        const struct pn_policy_rule *rule = &policy->rules[i], *before = rule - 1;

        bool env_alike = i && rule->env_size == before->env_size &&
                         (!rule->env_size || rule->env == before->env);

        if (env_alike && rule->verdict == before->verdict &&
            rule->terms == PN_TERMS_NONE && before->terms == PN_TERMS_NONE)
            classes[i] = classes[i - 1];
        else
            good = class_of(policy, &outcomes, i, &classes[i]);
    }
    pn_intern_clear(&outcomes);
    if (!good) {
        pn_free(classes);
        return NULL;
    }
    return classes;
}
