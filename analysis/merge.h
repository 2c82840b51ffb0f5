/* Is a merged policy right? By what it and its three versions decide. */
#ifndef PN_ANALYSIS_MERGE_H
#define PN_ANALYSIS_MERGE_H

#include "base/buffer.h"
#include "compiler/images.h"

enum { PN_MERGE_IMAGES = 4 };

enum pn_merge_verdict {
    PN_MERGE_FINE,     /* it decides every query as it should */
    PN_MERGE_CONFLICT, /* ours and theirs changed a query, not in the same way */
    PN_MERGE_WRONG /* it decides a query differently from the side that changed it */
};

/* The verdict, and a query that shows it; its texts are in `host` and `ident`. */
struct pn_merge_case {
    enum pn_merge_verdict verdict;
    struct postern_query query;
    struct pn_buffer host, ident;
};

/*
 * Compares all queries of base, ours, theirs and merged, in this order. Where one side
 * changed a query, its answer is expected; where both did, they must agree. A conflict
 * is reported before a wrong answer. POSTERN_OK when all were compared; free the
 * buffers of *out in any case.
 */
enum postern_status
pn_merge_check(const struct pn_image images[PN_MERGE_IMAGES], struct pn_work *work,
               struct pn_merge_case *out);

#endif
