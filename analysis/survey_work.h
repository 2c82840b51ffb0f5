/* What the files that make a survey share. */
#ifndef PN_ANALYSIS_SURVEY_WORK_H
#define PN_ANALYSIS_SURVEY_WORK_H

#include "analysis/survey.h"

/* From `start` to the next one the same two targets are there, or PN_NATIVE_NONE. */
struct pn_interval_map_entry {
    pn_number start;
    uint32_t exact, prefix;
};

struct pn_interval_map {
    struct pn_interval_map_entry *items;
    size_t count, capacity;
};

/* Points into the survey that is made, and its space, while pn_survey_make() runs. */
struct pn_survey_work {
    struct pn_survey *survey;
    uint32_t group;                 /* the one at hand, */
    struct pn_host_rules rules;     /* and what it says of hosts */
    struct pn_host_rules below;     /* what the rules without ident say */
    struct pn_host_rules blocks;    /* what the blocks say */
    struct pn_host_sum fallthrough; /* of those below: whom the group does not answer */
    bool any_fallthrough;
    /* of each group, blocks or not: of IPv4, and of each zone of IPv6 */
    struct pn_interval_map *maps[1 + PN_ZERO_PATTERNS];
    bool keep_maps;
    bool *known;       /* candidates that are asked with at all */
    pn_number open[2]; /* so many addresses, and the first, are in no cover */
    struct pn_witness open_witness[2];
    uint8_t *marks; /* of the entries that are swept: enum pn_mark */
    const struct pn_prefix *entries, *entries_end;
    uint8_t *name_marks; /* of names, likewise */
};

/* A group goes over all hosts a few times, and that is quick: this many are a step. */
enum { PN_SURVEY_NAMES_A_STEP = 4 };

enum pn_mark { PN_MARK_NEEDED = 1 };

void
pn_successors_add(const struct pn_survey *survey, struct pn_successors *successors,
                  uint32_t target);

void
pn_successors_join(struct pn_successors *successors,
                   const struct pn_successors *others);

void
pn_range_summary_begin(struct pn_range_summary *summary);

void
pn_range_summary_add(const struct pn_survey *survey, struct pn_range_summary *summary,
                     uint32_t exact, uint32_t prefix);

void
pn_range_summary_join(struct pn_range_summary *summary,
                      const struct pn_range_summary *other);

/* Of the candidates in `among`. */
void
pn_host_sum_make(const struct pn_survey *survey, const struct pn_host_rules *rules,
                 const bool *among, struct pn_host_sum *out);

/* Who decides for some hosts at some addresses. */
void
pn_range_summary_successors(const struct pn_range_summary *summary,
                            const struct pn_host_sum *hosts, struct pn_successors *out);

/* The grounds of a group for a stretch: of its family and zone. */
static inline struct pn_interval_map *
pn_survey_map(const struct pn_survey_work *work, uint32_t group,
              const struct pn_sweep_interval *s)
{
    return &work->maps[s->family == 6 ? 1 + s->zone : 0][group];
}

/* The address to show of a part of a stretch; false when there is none. */
bool
pn_witness_choose(const struct pn_sweep_interval *s, pn_number at, pn_number last,
                  pn_number *out);

/* Fills a spot that is not filled, of such a part. */
void
pn_witness_take(struct pn_witness *witness, const struct pn_sweep_interval *s,
                pn_number first, pn_number last, uint32_t target);

/* What a group's grounds say over a stretch. */
struct pn_range_summary
pn_interval_map_summary(const struct pn_survey *survey,
                        const struct pn_interval_map *maps,
                        const struct pn_sweep_interval *s);

static inline bool
pn_item_is_mixed(const struct pn_item_info *info)
{
    return info->flags & PN_ITEM_ADDRESSES && info->flags & PN_ITEM_HOSTS;
}

/* Finds the addresses that blocks take, and whom of the hosts. */
void
pn_survey_blocks_first(struct pn_survey_work *work);

void
pn_survey_group(struct pn_survey_work *work, uint32_t group);

void
pn_survey_blocks_last(struct pn_survey_work *work);

/* The covers of a group: what a sweep over it leaves out. */
const struct pn_covers *
pn_survey_covers(const struct pn_survey *survey, uint32_t group, uint8_t family);

/* Sweeps a family of the group at hand, less the covers, into its facts. */
void
pn_survey_sweep(struct pn_survey_work *work, uint8_t family,
                const struct pn_covers *covers);

/* Goes through the candidates of the group at hand that are in `among`. */
void
pn_survey_hosts(struct pn_survey_work *work, const bool *among);

/* What takes over where the group at hand has no answer: for one candidate. */
void
pn_successors_add_host(const struct pn_survey *survey,
                       const struct pn_range_summary *summary,
                       const struct pn_host_rules *rules, uint32_t candidate,
                       struct pn_successors *successors);

/* For all whom it does not answer, over a stretch; `class` says when there is no need
 * to go on. */
void
pn_survey_fallthrough(const struct pn_survey_work *work,
                      const struct pn_sweep_interval *s, uint32_t class,
                      struct pn_successors *successors);

/* Targets with both addresses and hosts, which may take over from themselves. */
void
pn_survey_mixed(struct pn_survey_work *work);

void
pn_survey_work_clear(struct pn_survey_work *work);

#endif
