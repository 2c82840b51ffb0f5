/* The successors of items that name both addresses and hosts. */
#ifndef PN_ANALYSIS_SURVEY_MIXED_H
#define PN_ANALYSIS_SURVEY_MIXED_H

#include "analysis/survey_work.h"

/* All groups have been surveyed. */
void
pn_survey_mixed(struct pn_survey_work *work);

#endif
