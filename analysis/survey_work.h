/* The state of a survey while it is built. */
#ifndef PN_ANALYSIS_SURVEY_WORK_H
#define PN_ANALYSIS_SURVEY_WORK_H

#include "analysis/survey.h"

/* From `start` to the next entry these two items are in charge, or PN_RULE_NONE. */
struct pn_interval_map_entry {
    pn_number start;
    uint32_t exact, prefix;
};

/* All addresses of a family, in ascending intervals; empty for a group without any. */
struct pn_interval_map {
    struct pn_interval_map_entry *items;
    size_t count, capacity;
};

/* Points into the survey that is built, and its space. */
struct pn_survey_work {
    struct pn_survey *survey;
    uint32_t group;             /* the current one */
    struct pn_host_rules rules; /* of the current group */
    struct pn_host_rules below; /* of the rules without ident */
    struct pn_host_rules blocks;
    /* what the rules without ident say of the hosts that the current group, with its
     * ident, has no rule for */
    struct pn_host_sum fallthrough;
    bool any_fallthrough; /* there are such hosts */
    /* by group, blocks or not: of IPv4, and of each zone of IPv6 */
    struct pn_interval_map *maps[1 + PN_ZERO_PATTERNS];
    bool keep_maps;    /* some other group will look into the map of the current one */
    bool *known;       /* candidates that the server looks up, blocks aside */
    pn_number open[2]; /* by family: addresses that no block decides, */
    struct pn_witness open_witness[2];             /* and one of them */
    uint8_t *marks;                                /* of `entries`: enum pn_mark */
    const struct pn_prefix *entries, *entries_end; /* the list that is swept */
    uint8_t *name_marks;                           /* of names: enum pn_mark */
};

/* One step of struct pn_work stands for this many hosts: a group visits each a few
 * times, and a visit is short. */
enum { PN_SURVEY_NAMES_A_STEP = 4 };

enum pn_mark { PN_MARK_NEEDED = 1 };

/* The map of a group for an interval: that of its family and zone. */
static inline struct pn_interval_map *
pn_survey_map(const struct pn_survey_work *work, uint32_t group,
              const struct pn_sweep_interval *s)
{
    return &work->maps[s->family == 6 ? 1 + s->zone : 0][group];
}

#endif
