/* Asks several images at once: for each region that none of them divides, one query. */
#ifndef PN_COMPILER_IMAGES_H
#define PN_COMPILER_IMAGES_H

#include "compiler/image.h"
#include "compiler/regions.h"

struct pn_images {
    const struct pn_image *items; /* at most PN_REGION_SIDES */
    size_t count;
    bool no_host, no_ident; /* as servers that look up neither ask */
    bool prefer_global;     /* as in pn_regions */
    struct pn_work *work;   /* likewise */
};

/*
 * Takes every region; pn_side_class() of a side is what a client can notice of a rule,
 * equal for equal ones of whichever image (see outcomes.h). POSTERN_OK when `take` has
 * seen all, or ended it.
 */
enum postern_status
pn_images_each(const struct pn_images *images, pn_region_fn take, void *payload);

#endif
