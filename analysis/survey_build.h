/* Makes the survey of a policy. */
#ifndef PN_ANALYSIS_SURVEY_BUILD_H
#define PN_ANALYSIS_SURVEY_BUILD_H

#include "analysis/survey.h"

/*
 * Policy and classes must outlive it. Clear it in any case; survey->failed is set when
 * an allocation failed or `work` (NULL: no limit) is spent.
 */
void
pn_survey_make(struct pn_survey *survey, const struct pn_policy *policy,
               const uint32_t *classes, const struct pn_profile *profile,
               struct pn_work *work);

#endif
