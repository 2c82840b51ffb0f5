/* Regions by rule: each is asked once who decides it. */
#include "analysis/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/query_text.h"

static uint32_t
rule_itself(void *payload, uint32_t rule)
{
    (void)payload;
    return rule;
}

struct work {
    struct pn_coverage *out;
    const struct pn_prover *prover;
};

static struct pn_regions
regions_of(const struct work *w)
{
    return (struct pn_regions){
        .sides = { { w->prover->rules, w->prover->lifted, rule_itself, NULL } },
        .side_count = 1,
        .host = PN_ASK_ALL,
        .ident = PN_ASK_ALL,
        .prefer_global = true,
    };
}

static void
example_keep(struct pn_coverage *out, uint32_t rule, const struct postern_query *query)
{
    struct pn_buffer *text = &out->texts[rule];
    struct postern_query *example = &out->examples[rule];
    size_t host = query->host.ptr ? query->host.len : 0;

    *example = *query;
    pn_buffer_add(text, query->host.ptr, host);
    pn_buffer_add(text, query->ident.ptr, query->ident.ptr ? query->ident.len : 0);
    pn_buffer_add(text, "", 1);
    if (text->failed) {
        out->status = POSTERN_E_NOMEM;
        return;
    }
    if (query->host.ptr)
        example->host.ptr = text->bytes;
    if (query->ident.ptr)
        example->ident.ptr = text->bytes + host;
}

static pn_number
area_size(const struct pn_area *area, uint8_t family)
{
    pn_number size = 0;

    for (size_t i = 0; i < area->extent_count; i++)
        if (area->extents[i].family == family)
            size += area->extents[i].last - area->extents[i].first + 1;
    return size;
}

typedef void (*region_fn)(struct work *w, const struct pn_regions *r, size_t area,
                          size_t candidate, uint32_t rule);

static void
regions_walk(struct work *w, struct pn_regions *r, region_fn take)
{
    struct pn_coverage *out = w->out;

    while (out->status == POSTERN_OK && pn_regions_next(r))
        for (size_t a = 0; a < r->area_count; a++)
            for (size_t c = 0; c < r->candidate_count; c++) {
                struct postern_decision d;

                if (r->candidates[c].kin != c || out->status != POSTERN_OK)
                    continue;
                out->status = pn_regions_decide(r, 0, a, c, &d);
                if (out->status == POSTERN_OK && d.rule < out->count)
                    take(w, r, a, c, d.rule);
            }
    if (r->failed)
        out->status = POSTERN_E_NOMEM;
    pn_regions_clear(r);
}

static void
take_live(struct work *w, const struct pn_regions *r, size_t area, size_t candidate,
          uint32_t rule)
{
    struct postern_query query = pn_regions_query(r, area, candidate);

    if (!w->out->live[rule])
        example_keep(w->out, rule, &query);
    w->out->live[rule] = true;
}

static void
take_covered(struct work *w, const struct pn_regions *r, size_t area, size_t candidate,
             uint32_t rule)
{
    (void)r;
    (void)area;
    (void)candidate;
    w->out->covered[rule] = true;
}

static void
take_space(struct work *w, const struct pn_regions *r, size_t area, size_t candidate,
           uint32_t rule)
{
    (void)candidate;
    for (unsigned f = 0; f < 2; f++) {
        pn_number size = area_size(&r->areas[area], f ? 6 : 4);

        w->out->decided[f] += size;
        w->out->tested[f] += w->out->covered[rule] ? size : 0;
    }
}

/* A pn_proof_fn: who decides an expectation is known when it was looked at. */
static void
expect_take(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct work *w = payload;

    (void)prover;
    if (proof->statement->at.node->kind == PN_NODE_EXPECT &&
        proof->decision.rule < w->out->count)
        w->out->covered[proof->decision.rule] = true;
}

static void
always_walk(struct work *w, const struct pn_statement *s)
{
    struct pn_regions r = regions_of(w);

    if (s->everything && s->outside)
        return;
    r.within = s->everything ? NULL : &s->within;
    r.outside = s->outside;
    r.host = s->no_host ? PN_ASK_NONE : PN_ASK_ALL;
    r.ident = s->no_ident ? PN_ASK_NONE : PN_ASK_ALL;
    regions_walk(w, &r, take_covered);
}

void
pn_coverage_make(struct pn_coverage *out, const struct pn_prover *prover)
{
    struct work w = { out, prover };
    struct pn_regions r = regions_of(&w);

    *out = (struct pn_coverage){ .count = prover->policy->count };
    out->status = POSTERN_OK;
    out->live = calloc(out->count + 1, sizeof(*out->live));
    out->covered = calloc(out->count + 1, sizeof(*out->covered));
    out->examples = calloc(out->count + 1, sizeof(*out->examples));
    out->texts = calloc(out->count + 1, sizeof(*out->texts));
    if (!out->live || !out->covered || !out->examples || !out->texts) {
        out->status = POSTERN_E_NOMEM;
        return;
    }
    regions_walk(&w, &r, take_live);
    if (out->status == POSTERN_OK)
        out->status = pn_prove(prover, expect_take, &w);
    for (size_t i = 0; i < prover->claims->count; i++)
        if (prover->claims->items[i].at.node->kind == PN_NODE_ALWAYS)
            always_walk(&w, &prover->claims->items[i]);
    r = regions_of(&w);
    r.host = r.ident = PN_ASK_NONE;
    r.keep_extents = true;
    regions_walk(&w, &r, take_space);
}

void
pn_coverage_clear(struct pn_coverage *coverage)
{
    for (size_t i = 0; coverage->texts && i < coverage->count; i++)
        pn_buffer_free(&coverage->texts[i]);
    free(coverage->texts);
    free(coverage->examples);
    free(coverage->live);
    free(coverage->covered);
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
                      (decided / 100 + 1)); /* 2^128 has no room for times 100 */
}
