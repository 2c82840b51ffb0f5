/* Do two images decide alike? A proof when they do, a query when they do not. */
#ifndef PN_COMPILER_IMAGES_EQUIVALENT_H
#define PN_COMPILER_IMAGES_EQUIVALENT_H

#include "base/buffer.h"
#include "compiler/images.h"

/* The first difference: a query, and both decisions with their rules. */
struct pn_difference {
    bool found;
    struct postern_query query;
    struct postern_decision left, right;
    struct pn_buffer host, ident; /* of the query */
};

/* POSTERN_OK when all was compared; pn_difference_clear() in any case. The work is what
 * it may take; NULL: without end. */
enum postern_status
pn_images_equivalent(struct pn_image left, struct pn_image right,
                     struct pn_difference *out, struct pn_work *work);

void
pn_difference_clear(struct pn_difference *difference);

#endif
