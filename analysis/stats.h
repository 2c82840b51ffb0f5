/* What a policy is made of, and how much of the address space it allows and denies. */
#ifndef PN_ANALYSIS_STATS_H
#define PN_ANALYSIS_STATS_H

#include "analysis/blocks.h"

/* The steps on which a rule can decide; it may be on several. */
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
    size_t rules;                     /* in the image */
    size_t kinds[PN_STAT_KIND_COUNT]; /* rules that are on this step */
    size_t ident_rules;               /* rules of an ident */
    size_t idents;
    size_t pieces[2]; /* intervals with one answer, by family */
    /* addresses of clients without host and ident, by verdict and family */
    pn_number space[2][2];
    struct pn_blocks blocks; /* the same as blocks, whose class is the verdict */
};

/* POSTERN_OK when all was counted; clear it in any case. */
enum postern_status
pn_stats_make(struct pn_stats *out, const struct postern_rules *rules,
              const struct pn_decoded *decoded, struct pn_work *work);

void
pn_stats_clear(struct pn_stats *stats);

#endif
