/* Blocks come before every other group: first what they decide, at the end who would
 * decide it without them. */
#ifndef PN_ANALYSIS_SURVEY_BLOCKS_H
#define PN_ANALYSIS_SURVEY_BLOCKS_H

#include "analysis/survey_work.h"

/* Finds the addresses and hosts that blocks decide. No other group is surveyed yet. */
void
pn_survey_blocks_first(struct pn_survey_work *work);

/* Surveys the blocks themselves. All other groups have been. */
void
pn_survey_blocks_last(struct pn_survey_work *work);

#endif
