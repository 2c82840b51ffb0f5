/* Each region is asked once which rule decides it. */
#include "analysis/coverage.h"

#include <string.h>

#include "base/memory.h"
#include "compiler/image.h"

struct coverage_work {
    struct pn_coverage *out;
    const struct pn_prover *prover;
    enum postern_status status;
};

static struct pn_regions
regions_of(const struct coverage_work *w)
{
    return (struct pn_regions){
        .sides = { { w->prover->rules, w->prover->decoded, NULL, NULL } },
        .side_count = 1,
        .host = PN_ASK_ALL,
        .ident = PN_ASK_ALL,
        .prefer_global = true,
        .work = w->prover->work,
    };
}

static void
example_keep(struct coverage_work *w, uint32_t rule, const struct postern_query *query)
{
    struct pn_buffer *text = &w->out->texts[rule];
    struct postern_query *example = &w->out->examples[rule];
    size_t host = query->host.ptr ? query->host.len : 0;

    *example = *query;
    pn_buffer_add(text, query->host.ptr, host);
    pn_buffer_add(text, query->ident.ptr, query->ident.ptr ? query->ident.len : 0);
    pn_buffer_add(text, "", 1);
    if (text->failed) {
        w->status = POSTERN_E_NOMEM;
        return;
    }
    if (query->host.ptr)
        example->host.ptr = text->bytes;
    if (query->ident.ptr)
        example->ident.ptr = text->bytes + host;
}

static pn_number
area_size(const struct pn_regions *r, const struct pn_area *area, uint8_t family)
{
    pn_number size = 0;

    for (size_t i = 0; i < area->extent_count; i++)
        if (area->extents[i].family == family)
            size += pn_extent_size(&r->zeros, &area->extents[i]);
    return size;
}

static void
regions_walk(struct coverage_work *w, struct pn_regions *r, pn_region_fn take)
{
    enum postern_status status = w->status;

    if (status == POSTERN_OK)
        status = pn_regions_each(r, take, w);
    if (w->status == POSTERN_OK) /* else the callback failed, and ended the walk */
        w->status = status;
    pn_regions_clear(r);
}

/* In a classic file without a default there may be no rule that decides. */
static void
rule_cover(struct pn_coverage *out, uint32_t rule)
{
    if (rule < out->count)
        out->covered[rule] = true;
}

static bool
take_live(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct coverage_work *w = payload;
    uint32_t rule = region->decisions[0].rule;

    (void)r;
    if (rule < w->out->count && !w->out->live[rule]) {
        example_keep(w, rule, &region->query);
        w->out->live[rule] = true;
    }
    return w->status == POSTERN_OK;
}

static bool
take_covered(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct coverage_work *w = payload;

    (void)r;
    rule_cover(w->out, region->decisions[0].rule);
    return true;
}

static bool
take_space(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct coverage_work *w = payload;
    uint32_t rule = region->decisions[0].rule;

    for (unsigned f = 0; f < 2 && rule < w->out->count; f++) {
        pn_number size = area_size(r, &r->areas[region->area], f ? 6 : 4);

        w->out->decided[f] += size;
        w->out->tested[f] += w->out->covered[rule] ? size : 0;
    }
    return true;
}

static void
expect_ask(struct coverage_work *w, const struct pn_assertion *s)
{
    struct postern_query query = pn_assertion_query(w->prover->assertions, s);
    struct postern_decision decision;

    if (w->status == POSTERN_OK)
        w->status = pn_image_decide(w->prover->rules, &query, &decision);
    if (w->status == POSTERN_OK)
        rule_cover(w->out, decision.rule);
}

static void
always_walk(struct coverage_work *w, const struct pn_assertion *s)
{
    struct pn_regions r = regions_of(w);

    if (pn_assertion_scope(s, &r))
        regions_walk(w, &r, take_covered);
}

enum postern_status
pn_coverage_make(struct pn_coverage *out, const struct pn_prover *prover)
{
    struct coverage_work w = { out, prover, POSTERN_OK };
    struct pn_regions r = regions_of(&w);

    *out = (struct pn_coverage){ .count = prover->policy->count };
    out->live = pn_calloc(out->count + 1, sizeof(*out->live));
    out->covered = pn_calloc(out->count + 1, sizeof(*out->covered));
    out->examples = pn_calloc(out->count + 1, sizeof(*out->examples));
    out->texts = pn_calloc(out->count + 1, sizeof(*out->texts));
    if (!out->live || !out->covered || !out->examples || !out->texts)
        return POSTERN_E_NOMEM;
    regions_walk(&w, &r, take_live);
    for (size_t i = 0; i < prover->assertions->count; i++) {
        const struct pn_assertion *s = &prover->assertions->items[i];

        (s->at.node->kind == PN_NODE_EXPECT ? expect_ask : always_walk)(&w, s);
    }
    r = regions_of(&w);
    r.host = r.ident = PN_ASK_NONE;
    r.keep_extents = true;
    regions_walk(&w, &r, take_space);
    return w.status;
}

void
pn_coverage_clear(struct pn_coverage *coverage)
{
    for (size_t i = 0; coverage->texts && i < coverage->count; i++)
        pn_buffer_free(&coverage->texts[i]);
    pn_free(coverage->texts);
    pn_free(coverage->examples);
    pn_free(coverage->live);
    pn_free(coverage->covered);
    *coverage = (struct pn_coverage){ 0 };
}

unsigned
pn_coverage_rules(const struct pn_coverage *coverage, size_t *covered, size_t *live)
{
    *covered = *live = 0;
    for (size_t i = 0; i < coverage->count; i++) {
        *live += coverage->live[i];
        *covered += coverage->live[i] && coverage->covered[i];
    }
    return *live ? (unsigned)(*covered * 100 / *live) : 100;
}

unsigned
pn_coverage_space(const struct pn_coverage *coverage, unsigned family)
{
    pn_number decided = coverage->decided[family], tested = coverage->tested[family];

    if (tested >= decided)
        return 100;
    return (unsigned)(tested /
                      (decided / 100 + 1)); /* 2^128 times 100 would overflow */
}
