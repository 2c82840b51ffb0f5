/* Regions of both at once: what neither tells apart is asked of both. */
#include "compiler/equal.h"

#include "compiler/outcomes.h"
#include "compiler/query_text.h"
#include "compiler/regions.h"

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
    out->query = region->query;
    out->query.host = pn_query_keep(&out->host, out->query.host);
    out->query.ident = pn_query_keep(&out->ident, out->query.ident);
    return false;
}

enum postern_status
pn_images_compare(struct pn_image left, struct pn_image right,
                  struct pn_difference *out)
{
    struct pn_intern shared = { 0 };
    struct pn_outcomes outcomes[2] = { { .rules = left.rules, .shared = &shared },
                                       { .rules = right.rules, .shared = &shared } };
    struct pn_regions r = {
        .sides = { { left.rules, left.lifted, pn_outcome_of, &outcomes[0] },
                   { right.rules, right.lifted, pn_outcome_of, &outcomes[1] } },
        .side_count = 2,
        .host = PN_ASK_ALL,
        .ident = PN_ASK_ALL,
    };
    enum postern_status status;

    *out = (struct pn_difference){ 0 };
    status = pn_regions_each(&r, region_compare, out);
    if (outcomes[0].failed || outcomes[1].failed || out->host.failed ||
        out->ident.failed)
        status = POSTERN_E_NOMEM;
    pn_regions_clear(&r);
    pn_outcomes_clear(&outcomes[0]);
    pn_outcomes_clear(&outcomes[1]);
    pn_intern_clear(&shared);
    return status;
}

void
pn_difference_clear(struct pn_difference *difference)
{
    pn_buffer_free(&difference->host);
    pn_buffer_free(&difference->ident);
}
