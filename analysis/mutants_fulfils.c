/* Claims about targets keep what they learn: one thread asks at a time. */
#include "analysis/mutants_making.h"
#include "analysis/mutants_trial_parts.h"

bool
pn_trial_fulfils(struct pn_trial *trial, const struct pn_assertion *assertion,
                 uint32_t rule)
{
    bool fulfils;

    if (!pn_claim_asks_for_target(assertion))
        return pn_assertion_is_fulfilled(&trial->prover, assertion, rule);
    if (rule == trial->keys.implied) /* which stands nowhere */
        return false;
    pthread_mutex_lock(&trial->lock);
    fulfils = pn_assertion_is_fulfilled(&trial->prover, assertion, rule);
    pthread_mutex_unlock(&trial->lock);
    return fulfils;
}
