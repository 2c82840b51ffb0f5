/* The addresses of one group: who decides each interval, and who would. */
#ifndef PN_ANALYSIS_SURVEY_SWEEP_H
#define PN_ANALYSIS_SURVEY_SWEEP_H

#include "analysis/survey_work.h"

/* Sweeps a family of the current group, without its covers, and records what is found
 * in the group's info, in those of its items and in the group's map. */
void
pn_survey_sweep(struct pn_survey_work *work, uint8_t family);

#endif
