/* Compares the outcomes of four images, region by region. */
#include "analysis/merge.h"

#include "compiler/query_text.h"

static enum pn_merge_verdict
verdict_of(const uint32_t outcomes[PN_MERGE_IMAGES])
{
    uint32_t base = outcomes[0], ours = outcomes[1], theirs = outcomes[2], due;

    if (ours != base && theirs != base && ours != theirs)
        return PN_MERGE_CONFLICT;
    due = ours != base ? ours : theirs;
    return outcomes[3] == due ? PN_MERGE_FINE : PN_MERGE_WRONG;
}

/* A pn_region_fn: keeps the query when its verdict is worse than those before. */
static bool
region_check(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct pn_merge_case *out = payload;
    uint32_t outcomes[PN_MERGE_IMAGES];
    enum pn_merge_verdict verdict;

    for (size_t i = 0; i < PN_MERGE_IMAGES; i++)
        outcomes[i] = pn_side_class(&r->sides[i], region->decisions[i].rule);
    verdict = verdict_of(outcomes);
    if (verdict == PN_MERGE_FINE || out->verdict == verdict)
        return true;
    out->verdict = verdict;
    out->query = pn_query_keep(&region->query, &out->host, &out->ident);
    return verdict != PN_MERGE_CONFLICT; /* there is no worse one */
}

enum postern_status
pn_merge_check(const struct pn_image images[PN_MERGE_IMAGES], struct pn_work *work,
               struct pn_merge_case *out)
{
    const struct pn_images all = {
        .items = images, .count = PN_MERGE_IMAGES, .prefer_global = true, .work = work
    };
    enum postern_status status;

    *out = (struct pn_merge_case){ .verdict = PN_MERGE_FINE };
    status = pn_images_each(&all, region_check, out);
    return out->host.failed || out->ident.failed ? POSTERN_E_NOMEM : status;
}
