/* Assertions about classic files: proofs, expectations, and coverage. */
#include <stdio.h>

#include "analysis/coverage.h"
#include "analysis/mutants_build.h"
#include "analysis/stats.h"
#include "compiler/query_text.h"
#include "tests/support/classic_verbs.h"
#include "tests/support/harness.h"
#include "tests/support/random.h"
#include "tools/test.h"

enum { ASSERTIONS = 6, EXPECTED = 3, MUTATED = 8 }; /* one file of so many is mutated */

static const char tests_name[] = "r_test.rules";

/* A pn_read_fn: the payload is the text of the file of tests. */
static bool
tests_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_buffer *text = payload;

    assert_true(strcmp(path, tests_name) == 0 && text->size <= limit);
    return pn_source_from_text(out, path, (struct pn_str){ text->bytes, text->size });
}

/* A file with claims beside it. */
struct claimed {
    struct pn_source source;
    struct pn_compiled compiled;
    struct pn_diags diags;
};

static bool
claimed_make(struct claimed *c, const struct pn_classic_file *f,
             const struct pn_buffer *tests)
{
    struct pn_compiled_options how = { .diags = &c->diags };

    c->diags = (struct pn_diags){ .limit = 4 };
    if (tests) {
        how.reading = (struct pn_reading){ tests_read, (void *)tests, NULL, 0 };
        how.tests = tests_name;
    }
    assert_true(pn_source_from_text(&c->source, "r.rules",
                                    (struct pn_str){ f->text, strlen(f->text) }));
    assert_true(pn_compiled_make(&c->compiled, &c->source, &how));
    return c->compiled.rules != NULL;
}

static void
claimed_clear(struct claimed *c)
{
    pn_compiled_clear(&c->compiled);
    pn_source_clear(&c->source);
    pn_diags_clear(&c->diags);
}

/* What an assertion says, in the terms of this test. */
struct assertion {
    bool always, outside, no_host, no_ident;
    struct postern_addr network;
    unsigned length; /* of the network; 0 and no family: everybody */
    struct pn_classic_client client;
    enum { SAYS_ALLOW, SAYS_DENY, SAYS_V, SAYS_NOT_V, SAYS_COUNT } says;
};

static const char *const said[] = { "allow", "deny", "V=\"1\"", "!V" };

static bool
is_fulfilled(const struct assertion *assertion, enum pn_classic_outcome outcome)
{
    switch (assertion->says) {
    case SAYS_ALLOW:
        return outcome != PN_CLASSIC_DENIED;
    case SAYS_DENY:
        return outcome == PN_CLASSIC_DENIED;
    case SAYS_V:
        return outcome == PN_CLASSIC_V;
    default:
        return outcome != PN_CLASSIC_V;
    }
}

static bool
is_within(const struct assertion *assertion, const struct postern_addr *address)
{
    if (address->family != assertion->network.family)
        return false;
    for (unsigned bit = 0; bit < assertion->length; bit++)
        if ((address->bytes[bit / 8] ^ assertion->network.bytes[bit / 8]) >>
                (7 - bit % 8) &
            1)
            return false;
    return true;
}

static bool
is_about(const struct assertion *assertion, const struct pn_classic_client *c)
{
    if ((assertion->no_host && c->host) || (assertion->no_ident && c->ident))
        return false;
    return !assertion->network.family ||
           is_within(assertion, &c->address) != assertion->outside;
}

static void
network_write(struct assertion *assertion, size_t number, struct pn_buffer *out)
{
    char text[POSTERN_ADDR_TEXT_SIZE];

    for (unsigned bit = assertion->length; bit < 128; bit++)
        assertion->network.bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    postern_addr_print(&assertion->network, text);
    pn_buffer_add_format(out, "set s%zu = %s/%u\n", number, text, assertion->length);
}

static void
always_write(uint64_t *seed, const struct pn_classic_clients *clients, size_t number,
             struct assertion *assertion, struct pn_buffer *out)
{
    unsigned bits;

    assertion->no_host = pn_test_pick(seed, 2);
    assertion->no_ident = pn_test_pick(seed, 2);
    if (pn_test_pick(seed, 4)) {
        assertion->network =
            clients->items[pn_test_pick(seed, (unsigned)clients->count)].address;
        bits = assertion->network.family == 6 ? 128 : 32;
        assertion->length = pn_test_pick(seed, bits / 8 + 1) * 8;
        if (pn_test_pick(seed, 4) == 0 && assertion->length)
            assertion->length -= pn_test_pick(seed, 8);
        assertion->outside = pn_test_pick(seed, 3) == 0;
        network_write(assertion, number, out);
        pn_buffer_add_format(out, "always %s$s%zu", assertion->outside ? "!" : "",
                             number);
    } else {
        pn_buffer_add_text(out, "always *");
    }
    pn_buffer_add_format(out, " : %s%s%s\n", said[assertion->says],
                         assertion->no_host ? " assuming no host" : "",
                         assertion->no_ident ? " assuming no ident" : "");
}

/* Not of hosts that the language of claims has no words for. */
static void
expect_write(uint64_t *seed, const struct pn_classic_clients *clients,
             struct assertion *assertion, struct pn_buffer *out)
{
    struct postern_query q;

    assertion->client = clients->items[pn_test_pick(seed, (unsigned)clients->count)];
    if (assertion->client.host &&
        (assertion->client.host[0] == '.' || strchr(assertion->client.host, '\\')))
        assertion->client.host = NULL;
    q = pn_classic_query(&assertion->client);
    pn_buffer_add_text(out, "expect ");
    pn_query_write(out, &q);
    pn_buffer_add_format(out, " : %s\n", said[assertion->says]);
}

/* What is to be said of each claim, in their order. */
struct judge {
    const struct pn_classic_file *f;
    struct pn_classic_clients clients;
    struct assertion assertions[ASSERTIONS];
    size_t at;
};

static struct pn_classic_client
client_of_query(const struct postern_query *q, char host[256], char ident[256])
{
    struct pn_classic_client c;

    pn_classic_client_of(&q->remote, &c);
    if (q->host.ptr) {
        snprintf(host, 256, "%.*s", (int)q->host.len, q->host.ptr);
        c.host = host;
    }
    if (q->ident.ptr) {
        snprintf(ident, 256, "%.*s", (int)q->ident.len, q->ident.ptr);
        c.ident = ident;
    }
    return c;
}

/*
 * A pn_proof_fn: an assertion reported as true holds for each client, and a
 * counterexample breaks it.
 */
static void
proof_judge(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct judge *j = payload;
    const struct assertion *assertion = &j->assertions[j->at++];
    struct pn_classic_client c;
    char host[256], ident[256];

    (void)prover;
    if (!assertion->always) {
        if (proof->holds !=
            is_fulfilled(assertion, pn_classic_outcome(j->f, &assertion->client)))
            pn_classic_broken(j->f, &assertion->client, said[assertion->says]);
        return;
    }
    for (size_t i = 0; proof->holds && i < j->clients.count; i++) {
        const struct pn_classic_client *one = &j->clients.items[i];

        if (is_about(assertion, one) &&
            !is_fulfilled(assertion, pn_classic_outcome(j->f, one)))
            pn_classic_broken(j->f, one, "breaks what is said to hold always");
    }
    if (proof->holds)
        return;
    c = client_of_query(&proof->query, host, ident);
    if (!is_about(assertion, &c) ||
        is_fulfilled(assertion, pn_classic_outcome(j->f, &c)))
        pn_classic_broken(j->f, &c, "is shown to break a proof, and does not");
}

/* Every rule that decides is alive, and covered where a claim is about its client. */
static void
coverage_check(const struct judge *j, struct pn_compiled *compiled)
{
    const struct pn_prover prover = pn_compiled_prover(compiled);
    struct pn_coverage coverage;

    assert_int_equal(pn_coverage_make(&coverage, &prover), POSTERN_OK);
    (void)pn_classic_count(PN_CLASSIC_COVERAGE, true);
    for (size_t i = 0; i < j->clients.count; i++) {
        const struct pn_classic_client *c = &j->clients.items[i];
        int rule = pn_classic_truth(j->f, c);
        bool covered = false;

        if (rule < 0)
            continue;
        if (!coverage.live[rule])
            pn_classic_broken(j->f, c, "is decided by what is said to decide nothing");
        for (size_t k = 0; k < ASSERTIONS; k++)
            covered |= j->assertions[k].always && is_about(&j->assertions[k], c);
        if (covered && !coverage.covered[rule])
            pn_classic_broken(j->f, c, "is claimed of, and its rule is not covered");
    }
    for (size_t r = 0; r < j->f->count; r++) {
        struct pn_classic_client c;
        char host[256], ident[256];

        if (!coverage.live[r])
            continue;
        c = client_of_query(&coverage.examples[r], host, ident);
        if (pn_classic_truth(j->f, &c) != (int)r)
            pn_classic_broken(j->f, &c, "is no example of its rule");
    }
    pn_coverage_clear(&coverage);
}

static void
random_assertions_check(uint64_t *seed, struct judge *j)
{
    struct pn_buffer tests = { 0 };
    struct claimed c;

    pn_buffer_add_text(&tests, "postern: 1\n");
    for (size_t i = 0; i < ASSERTIONS; i++) {
        struct assertion *assertion = &j->assertions[i];

        *assertion = (struct assertion){ .always = i >= EXPECTED };
        assertion->says = pn_test_pick(seed, SAYS_COUNT);
        if (assertion->always)
            always_write(seed, &j->clients, i, assertion, &tests);
        else
            expect_write(seed, &j->clients, assertion, &tests);
    }
    j->at = 0;
    if (pn_classic_count(PN_CLASSIC_ASSERTIONS, claimed_make(&c, j->f, &tests))) {
        assert_int_equal(pn_compiled_prove(&c.compiled, proof_judge, j), POSTERN_OK);
        assert_int_equal(j->at, ASSERTIONS);
        coverage_check(j, &c.compiled);
    }
    claimed_clear(&c);
    pn_buffer_free(&tests);
}

/* A pn_proof_fn: whatever is pinned holds, of clients that are answered so. */
static void
pinned_judge(void *payload, const struct pn_prover *prover,
             const struct pn_proof *proof)
{
    struct judge *j = payload;
    struct pn_classic_client c;
    char host[256], ident[256];

    (void)prover;
    j->at++;
    if (!proof->holds)
        fail_msg("line %u of what is pinned does not hold: %s", proof->assertion->line,
                 j->f->text);
    if (proof->assertion->at.node->kind != PN_NODE_EXPECT)
        return;
    c = client_of_query(&proof->query, host, ident);
    if (pn_classic_decided(&proof->decision) != pn_classic_outcome(j->f, &c))
        pn_classic_broken(j->f, &c, "is pinned to another answer");
}

static void
pin_check(struct judge *j)
{
    struct pn_tool tool = { .out = { .fd = -1 }, .err = { .fd = -1 } };
    struct claimed plain, pinned;
    int status = 0;

    assert_true(claimed_make(&plain, j->f, NULL));
    pn_test_pin(&(struct pn_tested){ .tool = &tool,
                                     .root = &plain.source,
                                     .compiled = &plain.compiled },
                &status);
    assert_int_equal(status, 0);
    if (pn_classic_count(PN_CLASSIC_PIN,
                         claimed_make(&pinned, j->f, &tool.out.pending))) {
        j->at = 0;
        assert_int_equal(pn_compiled_prove(&pinned.compiled, pinned_judge, j),
                         POSTERN_OK);
        assert_true(j->at > 0);
    }
    claimed_clear(&pinned);
    claimed_clear(&plain);
    pn_buffer_free(&tool.out.pending);
    pn_buffer_free(&tool.err.pending);
}

/* Each client without host and ident is in exactly one share, that of its verdict. */
static void
stats_check(const struct judge *j, const struct pn_compiled *compiled)
{
    struct pn_stats stats;

    assert_int_equal(pn_stats_make(&stats, compiled->rules, &compiled->decoded, NULL),
                     POSTERN_OK);
    (void)pn_classic_count(PN_CLASSIC_STATS, true);
    assert_true(stats.space[0][0] + stats.space[1][0] == (pn_number)1 << 32);
    assert_true(stats.space[0][1] + stats.space[1][1] == -((pn_number)1 << 32));
    for (size_t i = 0; i < j->clients.count; i++) {
        struct pn_classic_client c = j->clients.items[i];
        bool denied;

        c.host = c.ident = NULL;
        denied = pn_classic_outcome(j->f, &c) == PN_CLASSIC_DENIED;
        for (size_t k = 0; k < stats.blocks.count; k++) {
            const struct pn_block *block = &stats.blocks.items[k];
            struct postern_query q = pn_classic_query(&c);

            if (pn_block_holds(&stats.blocks, block, &q) &&
                (block->class == POSTERN_DENY) != denied)
                pn_classic_broken(j->f, &c, "is counted with the other verdict");
        }
    }
    pn_stats_clear(&stats);
}

/*
 * A mutant reported as equivalent changes no decision; of another, a changed query is
 * shown.
 */
static void
mutant_check(const struct judge *j, struct pn_compiled *before,
             struct pn_compiled *after, const struct pn_buffer *text)
{
    static struct pn_classic_file mutant;
    struct pn_difference d = { 0 };
    struct pn_classic_client c;
    char host[256], ident[256];

    if (!pn_classic_parse(text->bytes, text->size, &mutant))
        return; /* a range that is too wide for this test */
    assert_int_equal(pn_images_equivalent(pn_compiled_image(before),
                                          pn_compiled_image(after), &d, NULL),
                     POSTERN_OK);
    (void)pn_classic_count(PN_CLASSIC_MUTANTS, true);
    for (size_t i = 0; !d.found && i < j->clients.count; i++)
        if (pn_classic_outcome(j->f, &j->clients.items[i]) !=
            pn_classic_outcome(&mutant, &j->clients.items[i]))
            pn_classic_broken(j->f, &j->clients.items[i], mutant.text);
    if (d.found) {
        c = client_of_query(&d.query, host, ident);
        if (pn_classic_outcome(j->f, &c) == pn_classic_outcome(&mutant, &c))
            pn_classic_broken(j->f, &c, mutant.text);
    }
    pn_difference_clear(&d);
}

/* Values that a mutant changes are another thing than the oracle knows of. */
static bool
is_of_value(const struct pn_mutant *m)
{
    return m->mutation == PN_MUTANT_CHANGED;
}

static void
mutants_check(const struct judge *j, struct pn_compiled *compiled)
{
    struct pn_mutants mutants;

    pn_mutants_make(&mutants, &compiled->loaded.unit);
    assert_false(mutants.failed);
    for (size_t i = 0; i < mutants.count; i++) {
        struct pn_compiled_options how = { 0 };
        struct pn_source source;
        struct pn_buffer text = { 0 };
        struct pn_compiled mutant;

        if (is_of_value(&mutants.items[i]))
            continue;
        pn_mutant_write(&mutants, &mutants.items[i],
                        pn_unit_source(&compiled->loaded.unit, 0), &text);
        assert_true(pn_source_from_text(&source, "r.rules",
                                        (struct pn_str){ text.bytes, text.size }));
        assert_true(pn_compiled_make(&mutant, &source, &how));
        if (mutant.rules)
            mutant_check(j, compiled, &mutant, &text);
        pn_compiled_clear(&mutant);
        pn_source_clear(&source);
        pn_buffer_free(&text);
    }
    pn_mutants_clear(&mutants);
}

void
pn_classic_assertions_check(uint64_t *seed, const struct pn_classic_file *f,
                            struct pn_classic_clients clients)
{
    struct judge j = { .f = f, .clients = clients };
    struct claimed c;

    random_assertions_check(seed, &j);
    pin_check(&j);
    assert_true(claimed_make(&c, f, NULL));
    stats_check(&j, &c.compiled);
    if (pn_test_pick(seed, MUTATED) == 0)
        mutants_check(&j, &c.compiled);
    claimed_clear(&c);
}
