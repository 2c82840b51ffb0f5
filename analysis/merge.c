/* Queries by their outcomes. */
#include "analysis/merge.h"

#include "compiler/outcomes.h"
#include "compiler/query_text.h"

static enum pn_merge_verdict
judge(const uint32_t outcomes[4])
{
    uint32_t base = outcomes[0], ours = outcomes[1], theirs = outcomes[2], due;

    if (ours != base && theirs != base && ours != theirs)
        return PN_MERGE_CONFLICT;
    due = ours != base ? ours : theirs;
    return outcomes[3] == due ? PN_MERGE_FINE : PN_MERGE_WRONG;
}

/* A pn_region_fn: kept if it is worse than what was seen. */
static bool
region_judge(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct pn_merge_case *out = payload;
    uint32_t outcomes[4];
    enum pn_merge_verdict verdict;

    for (size_t i = 0; i < 4; i++)
        outcomes[i] = pn_side_class(&r->sides[i], region->decisions[i].rule);
    verdict = judge(outcomes);
    if (verdict == PN_MERGE_FINE || out->verdict == verdict)
        return true;
    out->verdict = verdict;
    out->query = region->query;
    out->query.host = pn_query_keep(&out->host, out->query.host);
    out->query.ident = pn_query_keep(&out->ident, out->query.ident);
    return verdict != PN_MERGE_CONFLICT; /* nothing is worse */
}

enum postern_status
pn_merge_judge(const struct pn_side images[4], struct pn_merge_case *out)
{
    struct pn_intern shared = { 0 };
    struct pn_outcomes outcomes[4];
    struct pn_regions r = {
        .side_count = 4, .host = PN_ASK_ALL, .ident = PN_ASK_ALL, .prefer_global = true
    };
    enum postern_status status;

    *out = (struct pn_merge_case){ .verdict = PN_MERGE_FINE };
    for (size_t i = 0; i < 4; i++) {
        outcomes[i] =
            (struct pn_outcomes){ .rules = images[i].rules, .shared = &shared };
        r.sides[i] = (struct pn_side){ images[i].rules, images[i].lifted, pn_outcome_of,
                                       &outcomes[i] };
    }
    status = pn_regions_each(&r, region_judge, out);
    for (size_t i = 0; i < 4; i++) {
        if (outcomes[i].failed)
            status = POSTERN_E_NOMEM;
        pn_outcomes_clear(&outcomes[i]);
    }
    if (out->host.failed || out->ident.failed)
        status = POSTERN_E_NOMEM;
    pn_regions_clear(&r);
    pn_intern_clear(&shared);
    return status;
}
