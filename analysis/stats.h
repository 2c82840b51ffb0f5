/* What a policy is made of, and how much of the address space it allows and denies. */
#ifndef PN_ANALYSIS_STATS_H
#define PN_ANALYSIS_STATS_H

#include "analysis/blocks.h"

/* What the steps of rules are: a rule may be on several. */
enum pn_stat_kind {
    PN_STAT_BLOCK,
    PN_STAT_ADDRESS,
    PN_STAT_HOST,
    PN_STAT_PREFIX,
    PN_STAT_SUFFIX,
    PN_STAT_ANY_HOST,
    PN_STAT_DEFAULT,
    PN_STAT_KIND_COUNT
};

extern const char *const pn_stat_names[]; /* by enum pn_stat_kind */

struct pn_stats {
    size_t rules;                     /* that stand in the image */
    size_t kinds[PN_STAT_KIND_COUNT]; /* rules that are on this step, */
    size_t ident_rules;               /* and those of an ident; */
    size_t idents;                    /* so many of these */
    size_t pieces[2];                 /* stretches of one answer, by family */
    /* addresses of clients without host and ident, by verdict and family */
    pn_number space[2][2];
    struct pn_blocks blocks; /* of which those are: the class is the verdict */
    enum postern_status status;
};

/* stats->status tells how it went; clear it in any case. */
void
pn_stats_make(struct pn_stats *out, const struct postern_rules *rules,
              const struct pn_decoded *decoded, struct pn_work *work);

void
pn_stats_clear(struct pn_stats *stats);

#endif
