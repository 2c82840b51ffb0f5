/*
 * test --pin: proofs over all addresses for clients of which only the address is known,
 * and expectations at the edges of every region that a host or an ident makes.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/blocks.h"
#include "analysis/coverage.h"
#include "base/sizes.h"
#include "compiler/image.h"
#include "compiler/outcomes.h"
#include "compiler/query_text.h"
#include "tools/render/answer.h"
#include "tools/render/assertions.h"
#include "tools/render/blocks.h"
#include "tools/test.h"

enum { LINE_EXTENTS = 3, EDGES = 8 };

static bool
has_limit(const struct postern_decision *d)
{
    return d->limit.n != 0;
}

static bool
has_rate(const struct postern_decision *d)
{
    return d->rate.n != 0;
}

static bool
has_reject(const struct postern_decision *d)
{
    return d->reject.ptr != NULL;
}

static bool
has_penalty(const struct postern_decision *d)
{
    return d->penalties.at != d->penalties.end;
}

/* What a decision has besides variables, and how a claim says that it has not. */
static const struct pin_term {
    const char *without;
    bool (*is_there)(const struct postern_decision *d);
} pin_terms[] = { { ", !limit", has_limit },
                  { ", !rate", has_rate },
                  { ", !reject", has_reject },
                  { ", !penalty", has_penalty } };

enum { PIN_TERMS = PN_COUNT_OF(pin_terms) };

struct pin {
    const struct pn_tested *tested;
    struct pn_outcomes outcomes;
    struct pn_intern names; /* of all variables that claims can name */
    bool terms[PIN_TERMS];  /* by pin_terms: some rule has it */
    bool spelt;             /* some addresses are decided by how they are written */
    struct pn_intern asked; /* queries that an expectation is of already */
};

static void
names_collect(struct pin *p)
{
    uint32_t count = (uint32_t)p->tested->compiled->loaded.policy.count, number;

    for (uint32_t i = 0; i < count; i++) {
        struct postern_decision d = POSTERN_DECISION_INIT;
        struct postern_env env;

        if (postern_rules_outcome(p->tested->compiled->rules, i, &d) != POSTERN_OK)
            continue;
        for (size_t k = 0; k < PIN_TERMS; k++)
            p->terms[k] |= pin_terms[k].is_there(&d);
        while (postern_env_next(&d.env, &env))
            if (env.value.ptr && pn_assertion_name_is_fine(env.name) &&
                !pn_intern_add(&p->names, env.name.ptr, env.name.len, &number))
                p->outcomes.failed = true;
    }
}

/* What is set, and of what others set, that it is not. */
static void
assertions_write(struct pin *p, const struct postern_decision *d)
{
    struct pn_output *out = &p->tested->tool->out;

    pn_assertions_write(out, d);
    for (uint32_t i = 0; d->verdict == POSTERN_ALLOW && i < p->names.count; i++) {
        struct pn_str name = pn_intern_text(&p->names, i);

        if (pn_decision_sets(d, (struct postern_str){ name.ptr, name.len }))
            continue;
        pn_output_text(out, ", !");
        pn_output_add(out, name.ptr, name.len);
    }
    for (size_t k = 0; k < PIN_TERMS; k++)
        if (p->terms[k] && !pin_terms[k].is_there(d))
            pn_output_text(out, pin_terms[k].without);
}

/* Was no expectation of it written? */
static bool
is_new(struct pin *p, const struct postern_query *query)
{
    size_t before = p->asked.count;
    struct pn_buffer text = { 0 };
    uint32_t number;

    pn_query_write(&text, query);
    if (text.failed || !pn_intern_add(&p->asked, text.bytes, text.size, &number))
        p->outcomes.failed = true;
    pn_buffer_free(&text);
    return !p->outcomes.failed && number == before;
}

static bool
query_write(struct pin *p, const struct postern_query *query)
{
    struct pn_output *out = &p->tested->tool->out;
    struct postern_decision d = POSTERN_DECISION_INIT;

    if (pn_image_decide(p->tested->compiled->rules, query, &d) != POSTERN_OK)
        return false;
    if (!is_new(p, query))
        return !p->outcomes.failed;
    if (!pn_assertion_query_is_fine(query)) {
        pn_assertion_unsayable_write(out, query);
        return true;
    }
    pn_output_text(out, "expect ");
    pn_query_text(out, query);
    pn_output_text(out, " : ");
    assertions_write(p, &d);
    pn_output_text(out, "\n");
    return true;
}

/*
 * What classic keys distinguish by the text of an address is no set of addresses that a
 * statement can name: one of each is pinned, and the rest is said to be not.
 */
static bool
spelt_write(struct pin *p, const struct pn_blocks *blocks, const struct pn_block *block)
{
    struct pn_output *out = &p->tested->tool->out;
    struct postern_query query = pn_block_witness(blocks, block);
    bool good = true;

    for (size_t i = 0; i < block->extent_count && good; i++) {
        const struct pn_extent *e = &block->extents[i];
        struct pn_weights weights;
        struct pn_zeros set;
        pn_number at;

        if (!e->zeros)
            continue;
        set = pn_zeros_kept(&blocks->zeros, e->zeros);
        pn_weights_make(&weights, &set);
        if (!pn_weights_first(&weights, e->first, e->last, &at))
            continue;
        p->spelt = true;
        pn_output_text(out, "# one for ");
        pn_extent_text(out, &blocks->zeros, e);
        pn_output_text(out, ", which no proof can say:\n");
        query.remote = pn_number_address(at, 6);
        good = query_write(p, &query);
    }
    return good;
}

static bool
proof_write(struct pin *p, const struct pn_blocks *blocks, const struct pn_block *block)
{
    struct pn_output *out = &p->tested->tool->out;
    struct postern_query witness = pn_block_witness(blocks, block);
    struct postern_decision d;
    size_t whole = 0;

    if (pn_image_decide(p->tested->compiled->rules, &witness, &d) != POSTERN_OK)
        return false;
    for (size_t i = 0; i < block->extent_count; i++)
        whole += !block->extents[i].zeros;
    if (!whole)
        return spelt_write(p, blocks, block);
    pn_output_text(out, "always ");
    for (size_t i = 0, n = 0; i < block->extent_count; i++) {
        if (block->extents[i].zeros)
            continue;
        pn_output_text(out, !n ? "" : n % LINE_EXTENTS ? ", " : ",\n    ");
        pn_extent_text(out, &blocks->zeros, &block->extents[i]);
        n++;
    }
    pn_output_text(out, " : ");
    assertions_write(p, &d);
    pn_output_text(out, " assuming no host assuming no ident\n");
    return spelt_write(p, blocks, block);
}

/* The first and the last address of each range, of as many as a person looks at. */
static bool
expectation_write(struct pin *p, const struct pn_blocks *blocks,
                  const struct pn_block *block)
{
    struct postern_query query = pn_block_witness(blocks, block);
    bool good = true;

    if (!query.host.ptr && !query.ident.ptr)
        return true; /* the proofs say it */
    for (size_t i = 0; i < block->extent_count && i < EDGES && good; i++) {
        const struct pn_extent *e = &block->extents[i];

        if (e->zeros)
            continue;
        query.remote = pn_number_address(e->first, e->family);
        good = query_write(p, &query);
        query.remote = pn_number_address(e->last, e->family);
        if (good && e->last != e->first)
            good = query_write(p, &query);
    }
    return good && spelt_write(p, blocks, block);
}

static enum postern_status
blocks_write(struct pin *p, enum pn_ask ask,
             bool (*write)(struct pin *, const struct pn_blocks *,
                           const struct pn_block *))
{
    struct pn_blocks blocks;
    struct pn_regions r = {
        .sides = { { p->tested->compiled->rules, &p->tested->compiled->decoded,
                     pn_outcome_of, &p->outcomes } },
        .side_count = 1,
        .host = ask,
        .ident = ask,
        .prefer_global = true,
        .work = &p->tested->tool->work,
    };
    enum postern_status status = pn_blocks_collect(&blocks, &r);

    for (size_t i = 0; i < blocks.count && status == POSTERN_OK; i++)
        if (!write(p, &blocks, &blocks.items[i]))
            status = POSTERN_E_NOMEM;
    pn_blocks_clear(&blocks);
    pn_regions_clear(&r);
    return status;
}

/* Where not all addresses are proven, each rule is asked for at least. */
static enum postern_status
rules_write(struct pin *p)
{
    struct pn_prover prover = pn_compiled_prover(p->tested->compiled);
    struct pn_coverage c;
    enum postern_status status;

    prover.work = &p->tested->tool->work;
    status = pn_coverage_make(&c, &prover);
    for (uint32_t i = 0; i < c.count && status == POSTERN_OK; i++)
        if (c.live[i] && !query_write(p, &c.examples[i]))
            status = POSTERN_E_NOMEM;
    pn_coverage_clear(&c);
    return status;
}

void
pn_test_pin(const struct pn_tested *tested, int *status)
{
    struct pin p = { .tested = tested,
                     .outcomes = { .rules = tested->compiled->rules } };
    enum postern_status done;

    names_collect(&p);
    pn_output_text(&tested->tool->out, "postern: 1\n\n");
    done = blocks_write(&p, PN_ASK_NONE, proof_write);
    if (done == POSTERN_OK)
        done = blocks_write(&p, PN_ASK_ALL, expectation_write);
    if (done == POSTERN_OK && p.spelt)
        done = rules_write(&p);
    if (p.outcomes.failed)
        done = POSTERN_E_NOMEM;
    if (done != POSTERN_OK)
        pn_test_fail(tested, done, status);
    pn_intern_clear(&p.asked);
    pn_outcomes_clear(&p.outcomes);
    pn_intern_clear(&p.names);
}
