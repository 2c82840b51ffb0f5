/* The hosts of one group: who decides each candidate, and who would. */
#ifndef PN_ANALYSIS_SURVEY_HOSTS_H
#define PN_ANALYSIS_SURVEY_HOSTS_H

#include "analysis/survey_work.h"

/* Visits the candidates of the current group that are in `among`, a flag for each. Its
 * addresses have been swept. */
void
pn_survey_hosts(struct pn_survey_work *work, const bool *among);

#endif
