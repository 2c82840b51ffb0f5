/* Three versions of a policy, merged by what they decide. */
#ifndef PN_ANALYSIS_MERGE_H
#define PN_ANALYSIS_MERGE_H

#include "base/buffer.h"
#include "compiler/images.h"

enum { PN_MERGE_IMAGES = 4 };

enum pn_merge_verdict {
    PN_MERGE_FINE,     /* merged decides every query as it should */
    PN_MERGE_CONFLICT, /* ours and theirs changed a query otherwise */
    PN_MERGE_WRONG     /* merged decides one otherwise than whoever changed it */
};

/* A query that shows it; texts are in `host` and `ident`. */
struct pn_merge_case {
    enum pn_merge_verdict verdict;
    struct postern_query query;
    struct pn_buffer host, ident;
};

/*
 * Looks at every query of base, ours, theirs and merged, in this order: where one side
 * changed it, that side's answer is due; where both did, the same one. Conflicts come
 * before what is merely wrong. POSTERN_OK when all were looked at; the buffers of *out
 * are to be freed in any case.
 */
enum postern_status
pn_merge_check(const struct pn_image images[PN_MERGE_IMAGES], struct pn_work *work,
               struct pn_merge_case *out);

#endif
