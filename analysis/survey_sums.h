/* Sums over ranges of addresses and sets of hosts: who decides there. */
#ifndef PN_ANALYSIS_SURVEY_SUMS_H
#define PN_ANALYSIS_SURVEY_SUMS_H

#include "analysis/survey_work.h"

void
pn_range_summary_begin(struct pn_range_summary *summary);

/* Adds an interval with these items, either or both of them PN_RULE_NONE. */
void
pn_range_summary_add(const struct pn_survey *survey, struct pn_range_summary *summary,
                     uint32_t exact, uint32_t prefix);

void
pn_range_summary_join(struct pn_range_summary *summary,
                      const struct pn_range_summary *other);

/* Adds to *out who decides for these hosts on a range. */
void
pn_range_summary_successors(const struct pn_range_summary *summary,
                            const struct pn_host_sum *hosts, struct pn_successors *out);

/* The same for one candidate, by its rules. */
void
pn_range_summary_host(const struct pn_survey *survey,
                      const struct pn_range_summary *summary,
                      const struct pn_host_rules *rules, uint32_t candidate,
                      struct pn_successors *out);

/* Of the candidates in `among`, a flag for each. */
void
pn_host_sum_make(const struct pn_survey *survey, const struct pn_host_rules *rules,
                 const bool *among, struct pn_host_sum *out);

/* The example address of a part of an interval; false when its zone has none there. */
bool
pn_witness_choose(const struct pn_sweep_interval *s, pn_number at, pn_number last,
                  pn_number *out);

/* Sets a witness that is not set yet to an address of such a part. */
void
pn_witness_take(struct pn_witness *witness, const struct pn_sweep_interval *s,
                pn_number first, pn_number last, uint32_t item);

/* What the map of a group says of an interval. */
struct pn_range_summary
pn_interval_map_summary(const struct pn_survey *survey,
                        const struct pn_interval_map *map,
                        const struct pn_sweep_interval *s);

/* The addresses that a sweep over a group leaves out. */
const struct pn_intervals *
pn_survey_covers(const struct pn_survey *survey, uint32_t group, uint8_t family);

/*
 * Adds the successors on an interval for all queries that the current group has no rule
 * for: those of the groups that come after it. It may stop early when their classes
 * already differ from `class`.
 */
void
pn_survey_fallthrough(const struct pn_survey_work *work,
                      const struct pn_sweep_interval *s, uint32_t class,
                      struct pn_successors *successors);

#endif
