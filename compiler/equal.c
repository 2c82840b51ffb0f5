/* Regions of both at once: what neither tells apart is asked of both. */
#include "compiler/equal.h"

#include "compiler/outcomes.h"
#include "compiler/query_text.h"
#include "compiler/regions.h"

static enum postern_status
region_compare(const struct pn_regions *r, size_t area, size_t candidate,
               struct pn_difference *out)
{
    enum postern_status status = pn_regions_decide(r, 0, area, candidate, &out->left);

    if (status == POSTERN_OK)
        status = pn_regions_decide(r, 1, area, candidate, &out->right);
    if (status != POSTERN_OK || pn_outcome_of(r->sides[0].payload, out->left.rule) ==
                                    pn_outcome_of(r->sides[1].payload, out->right.rule))
        return status;
    out->found = true;
    out->query = pn_regions_query(r, area, candidate);
    out->query.host = pn_query_keep(&out->host, out->query.host);
    out->query.ident = pn_query_keep(&out->ident, out->query.ident);
    return status;
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
    enum postern_status status = POSTERN_OK;

    *out = (struct pn_difference){ 0 };
    while (status == POSTERN_OK && !out->found && pn_regions_next(&r))
        for (size_t a = 0; a < r.area_count && !out->found; a++)
            for (size_t c = 0; c < r.candidate_count && !out->found; c++)
                if (r.candidates[c].kin == c && status == POSTERN_OK)
                    status = region_compare(&r, a, c, out);
    if (r.failed || outcomes[0].failed || outcomes[1].failed || out->host.failed ||
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
