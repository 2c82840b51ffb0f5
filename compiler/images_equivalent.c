/* Asks both images once for each region that neither of them divides. */
#include "compiler/images_equivalent.h"

#include "compiler/query_text.h"

/* A pn_region_fn: the first that differs ends the walk. */
static bool
region_compare(void *payload, const struct pn_regions *r,
               const struct pn_region *region)
{
    const struct postern_decision *d = region->decisions;
    struct pn_difference *out = payload;

    if (pn_side_class(&r->sides[0], d[0].rule) ==
        pn_side_class(&r->sides[1], d[1].rule))
        return true;
    out->found = true;
    out->left = d[0];
    out->right = d[1];
    out->query = pn_query_keep(&region->query, &out->host, &out->ident);
    return false;
}

enum postern_status
pn_images_equivalent(struct pn_image left, struct pn_image right,
                     struct pn_difference *out, struct pn_work *work)
{
    const struct pn_image both[] = { left, right };
    const struct pn_images images = { .items = both, .count = 2, .work = work };
    enum postern_status status;

    *out = (struct pn_difference){ 0 };
    status = pn_images_each(&images, region_compare, out);
    return out->host.failed || out->ident.failed ? POSTERN_E_NOMEM : status;
}

void
pn_difference_clear(struct pn_difference *difference)
{
    pn_buffer_free(&difference->host);
    pn_buffer_free(&difference->ident);
}
