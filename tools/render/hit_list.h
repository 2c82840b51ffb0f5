/* The rules of a policy, each with what a server has counted of it. */
#ifndef PN_TOOLS_RENDER_HIT_LIST_H
#define PN_TOOLS_RENDER_HIT_LIST_H

#include "analysis/rules_file.h"
#include "compiler/image_decode.h"
#include "counts/counts_read.h"

/* A rule, or what there was one of. */
struct pn_hit {
    uint64_t identity;
    bool gone;             /* the policy has no such rule */
    struct pn_answer rule; /* its place; all zero when it is gone, or for "no rule" */
    uint64_t hits, last_s, limited, rated, penalised; /* last_s: 0 for never */
};

/* Two rules that decided one client otherwise. */
struct pn_hit_pair {
    const struct pn_counts_row *row;
    const struct pn_hit *live;
    uint64_t shadow; /* its identity */
};

struct pn_hits {
    struct pn_counts counts;
    struct pn_hit *items; /* by hits, the most first; of equals as the rules stand */
    size_t count, capacity;
    const struct pn_hit **by_identity; /* all of them, ascending */
};

/*
 * Puts what is in hits->counts with the rules of a policy; `file` and `decoded` are
 * NULL when it is not known. Texts belong to the file. False without memory.
 */
bool
pn_hits_make(struct pn_hits *hits, const struct pn_rules_file *file,
             const struct pn_decoded *decoded);

void
pn_hits_clear(struct pn_hits *hits);

/* The item of an identity; NULL when nothing has it. */
const struct pn_hit *
pn_hits_find(const struct pn_hits *hits, uint64_t identity);

/* Is a rule one of the policy that decided nobody in so many seconds before `now_s`? */
bool
pn_hit_is_unused(const struct pn_hit *hit, uint64_t seconds, uint64_t now_s);

/* How long half, or so many in a thousand, took at most, in nanoseconds; 0 for none. */
uint64_t
pn_hits_quantile(const struct pn_counts_histogram *histogram, unsigned in_thousand);

#endif
