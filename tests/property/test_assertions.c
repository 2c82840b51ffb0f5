/*
 * What a change of a policy does to its assertions, against brute force: an old
 * assertion is kept when, for each client that it is about, every decision allowed by
 * the new ones fulfils it. Tries all clients of a small world, with all decisions that
 * assertions distinguish.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/assertions_change.h"
#include "tests/support/random.h"

enum { POLICIES = 20000, ASSERTIONS = 5, CONDITIONS = 2, SMALL = 8, TEXT = 256 };

static int policies = POLICIES; /* an argument gives another number */
static uint64_t seed = UINT64_C(0x94d049bb133111eb);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

/* Addresses of either family by their last three bits; SMALL is any other. */
struct client {
    unsigned family, address;
    const char *host, *ident;
};

static const char *const hosts[] = { NULL, "h", "g", "other" };
static const char *const idents[] = { NULL, "i", "j", "other" };

/* What assertions can distinguish in a decision. */
struct decision {
    enum { ALLOW, DENY, BLOCK } verdict;
    unsigned v;      /* of an allow: not set, "1", "2" */
    unsigned limit;  /* of an allow: by limit_sets */
    unsigned reject; /* none, "x" */
    unsigned by;     /* the rule's target: one of two, or another */
};

/* The limits that a decision has: 1 or 2 of one source, and 7 of a network or not. */
static const struct {
    unsigned n;
    bool wide;
} limit_sets[] = { { 0, false }, { 1, false }, { 2, false },
                   { 1, true },  { 2, true },  { 0, true } };

enum condition {
    SAYS_ALLOW,
    SAYS_DENY,
    SAYS_BLOCK,
    SAYS_V1,
    SAYS_V2,
    SAYS_NOT_V,
    SAYS_LIMIT,
    SAYS_WIDE,
    SAYS_NOT_LIMIT,
    SAYS_REJECT,
    SAYS_NOT_REJECT,
    SAYS_BY,
    CONDITION_COUNT
};

static const char *const condition_texts[] = {
    "allow",   "deny",         "block",   "V=\"1\"",
    "V=\"2\"", "!V",           "limit 1", "limit 7 per /24,/48",
    "!limit",  "reject \"x\"", "!reject", "by 10.0.0.0/8"
};

static bool
is_so(enum condition c, const struct decision *d)
{
    const bool so[] = { d->verdict == ALLOW,
                        d->verdict != ALLOW,
                        d->verdict == BLOCK,
                        d->v == 1,
                        d->v == 2,
                        !d->v,
                        limit_sets[d->limit].n == 1,
                        limit_sets[d->limit].wide,
                        !d->limit,
                        d->reject == 1,
                        !d->reject,
                        d->by == 1 };

    return so[c];
}

/* An assertion, and its text. */
struct assertion {
    bool always, everybody, outside, no_host, no_ident;
    unsigned family, first, last; /* of the small addresses */
    struct client client;
    enum condition says[CONDITIONS];
    size_t count;
    char text[TEXT];
};

static bool
is_about(const struct assertion *c, const struct client *q)
{
    bool within;

    if (!c->always)
        return q->family == c->client.family && q->address == c->client.address &&
               q->host == c->client.host && q->ident == c->client.ident;
    if ((c->no_host && q->host) || (c->no_ident && q->ident))
        return false;
    within = q->family == c->family && q->address >= c->first && q->address <= c->last;
    return c->everybody || within != c->outside;
}

static bool
is_fulfilled(const struct assertion *c, const struct decision *d)
{
    for (size_t i = 0; i < c->count; i++)
        if (!is_so(c->says[i], d))
            return false;
    return true;
}

static void
assertion_write(struct assertion *c)
{
    static const char *const fronts[] = { "10.0.0.", "2001:db8::" };
    const char *front = fronts[c->always ? c->family == 6 : c->client.family == 6];
    int size;

    if (!c->always)
        size =
            snprintf(c->text, TEXT,
                     "expect %s%s%s%u%s%s : ", c->client.ident ? c->client.ident : "",
                     c->client.ident ? "@" : "", front, c->client.address,
                     c->client.host ? " =" : "", c->client.host ? c->client.host : "");
    else if (c->everybody)
        size = snprintf(c->text, TEXT, "always * : ");
    else
        size = snprintf(c->text, TEXT, "always %s%s%u-%s%u : ", c->outside ? "!" : "",
                        front, c->first, front, c->last);
    for (size_t i = 0; i < c->count; i++)
        size += snprintf(c->text + size, TEXT - (size_t)size, "%s%s", i ? ", " : "",
                         condition_texts[c->says[i]]);
    snprintf(c->text + size, TEXT - (size_t)size, "%s%s",
             c->no_host ? " assuming no host" : "",
             c->no_ident ? " assuming no ident" : "");
}

/*
 * Conditions of few kinds, one of each, so that assertions often concern the same
 * thing.
 */
static void
conditions_pick(struct assertion *c)
{
    unsigned few = 1 + pick(CONDITION_COUNT);

    c->count = 0;
    c->says[c->count++] = pick(few);
    if (pick(3) == 0 && c->says[0] <= SAYS_BLOCK)
        c->says[c->count++] = SAYS_LIMIT + pick(CONDITION_COUNT - SAYS_LIMIT);
    else if (pick(2) == 0 && c->says[0] == SAYS_LIMIT)
        c->says[c->count++] = SAYS_WIDE;
}

static void
assertion_random(struct assertion *c)
{
    *c = (struct assertion){ .always = pick(3) != 0 };
    if (c->always) {
        c->everybody = pick(4) == 0;
        c->outside = pick(3) == 0;
        c->no_host = pick(3) == 0;
        c->no_ident = pick(3) == 0;
        c->family = pick(4) ? 4 : 6;
        c->first = pick(SMALL);
        c->last = c->first + pick(SMALL - c->first);
    } else {
        c->client = (struct client){ pick(4) ? 4 : 6, pick(SMALL),
                                     hosts[pick(PN_COUNT_OF(hosts) - 1)],
                                     idents[pick(PN_COUNT_OF(idents) - 1)] };
    }
    conditions_pick(c);
    assertion_write(c);
}

/* Splits an assertion into two that together say the same. */
static size_t
assertion_split(const struct assertion *c, struct assertion *out)
{
    out[0] = out[1] = *c;
    if (c->count > 1) {
        out[0].count = 1;
        out[1].says[0] = c->says[1];
        out[1].count = 1;
    } else if (c->always && !c->everybody && !c->outside && c->first < c->last) {
        out[0].last = c->first + pick(c->last - c->first);
        out[1].first = out[0].last + (pick(8) != 0);
    } else {
        assertion_random(&out[1]);
    }
    assertion_write(&out[0]);
    assertion_write(&out[1]);
    return 2;
}

struct assertions {
    struct assertion items[ASSERTIONS];
    size_t count;
    struct pn_source source;
    struct pn_loaded_policy loaded;
};

static void
assertions_load(struct assertions *c)
{
    struct pn_buffer text = { 0 };
    struct pn_diags diags = { .limit = 4 };

    pn_buffer_add_text(&text, "postern: 1\n* : allow\n");
    for (size_t i = 0; i < c->count; i++) {
        pn_buffer_add_text(&text, c->items[i].text);
        pn_buffer_add_text(&text, "\n");
    }
    assert_true(pn_source_from_text(&c->source, "p.rules",
                                    (struct pn_str){ text.bytes, text.size }));
    if (pn_loaded_policy_load(&c->loaded, &c->source, NULL, NULL, &diags) !=
        PN_COMPILE_OK)
        fail_msg("does not compile: %.*s", (int)text.size, text.bytes);
    pn_diags_clear(&diags);
    pn_buffer_free(&text);
}

static void
assertions_clear(struct assertions *c)
{
    pn_loaded_policy_clear(&c->loaded);
    pn_source_clear(&c->source);
}

/* Calls for every decision; stops when it is told to. */
static bool
each_decision(const struct assertions *new, const struct assertion *old,
              const struct client *q, bool *possible)
{
    struct decision d;

    for (d.verdict = ALLOW; d.verdict <= BLOCK; d.verdict++)
        for (d.v = 0; d.v < (d.verdict == ALLOW ? 3u : 1u); d.v++)
            for (d.limit = 0;
                 d.limit < (d.verdict == ALLOW ? PN_COUNT_OF(limit_sets) : 1u);
                 d.limit++)
                for (d.reject = 0; d.reject < 2; d.reject++)
                    for (d.by = 0; d.by < 2; d.by++) {
                        bool may = true;

                        for (size_t i = 0; i < new->count &&may; i++)
                            may = !is_about(&new->items[i], q) ||
                                  is_fulfilled(&new->items[i], &d);
                        *possible |= may;
                        if (may && !is_fulfilled(old, &d))
                            return true;
                    }
    return false;
}

/*
 * Is there a client of an old assertion that the new ones allow another decision for?
 * Sets *odd when the assertions contradict themselves, so that no decision is right.
 */
static bool
is_lost(const struct assertions *new, const struct assertion *old, bool *odd)
{
    for (unsigned family = 4; family <= 6; family += 2)
        for (unsigned address = 0; address <= SMALL; address++)
            for (size_t h = 0; h < PN_COUNT_OF(hosts); h++)
                for (size_t i = 0; i < PN_COUNT_OF(idents); i++) {
                    struct client q = { family, address, hosts[h], idents[i] };
                    bool possible = false;

                    if (!is_about(old, &q))
                        continue;
                    if (each_decision(new, old, &q, &possible))
                        return true;
                    *odd |= !possible;
                }
    return false;
}

static void
compare(const struct assertions *old, const struct assertions *new, size_t counts[3])
{
    struct pn_assertion_changes changes;
    size_t at = 0;

    assert_true(pn_assertions_compare(&old->loaded, &new->loaded, &changes));
    for (size_t i = 0; i < old->count; i++) {
        bool told = at < changes.count &&
                    changes.items[at].assertion == &old->loaded.assertions.items[i];
        bool odd = false, lost = is_lost(new, &old->items[i], &odd), same = false;

        if (lost != told && !(told && odd))
            fail_msg("%s\nis said to be %s, of\n%s\n%s\n%s\n%s", old->items[i].text,
                     told ? "lost" : "there", new->items[0].text, new->items[1].text,
                     new->items[2].text, new->items[3].text);
        for (size_t k = 0; k < new->count; k++)
            same |= strcmp(new->items[k].text, old->items[i].text) == 0;
        if (told && same)
            assert_int_equal(changes.items[at].kind, PN_ASSERTION_WEAKENED);
        counts[told ? changes.items[at].kind : 2]++;
        at += told;
    }
    assert_int_equal(at, changes.count);
    pn_assertion_changes_clear(&changes);
}

static void
assertions_that_are_told_are_those_that_are_lost(void **state)
{
    size_t counts[3] = { 0 };

    (void)state;
    for (int n = 0; n < policies; n++) {
        struct assertions old = { .count = 1 + pick(2) }, new = { .count = 0 };

        for (size_t i = 0; i < old.count; i++)
            assertion_random(&old.items[i]);
        if (pick(3))
            new.count = assertion_split(&old.items[0], new.items);
        while (new.count < ASSERTIONS && pick(3))
            assertion_random(&new.items[new.count++]);
        assertions_load(&old);
        assertions_load(&new);
        compare(&old, &new, counts);
        assertions_clear(&old);
        assertions_clear(&new);
    }
    for (size_t i = 0; i < PN_COUNT_OF(counts); i++)
        assert_true(counts[i] > (size_t)policies / 50);
}

/*
 * Mapped addresses are not IPv6: an assertion about a range around them is about all of
 * the range.
 */
static void
mapped_addresses_are_nobody(void **state)
{
    struct assertions old = { .count = 1 }, new = { .count = 2 };
    struct pn_assertion_changes changes;

    (void)state;
    snprintf(old.items[0].text, TEXT, "always ::/0 : deny");
    snprintf(new.items[0].text, TEXT, "always ::-::fffe:ffff:ffff : deny");
    snprintf(new.items[1].text, TEXT,
             "always ::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : deny");
    assertions_load(&old);
    assertions_load(&new);
    assert_true(pn_assertions_compare(&old.loaded, &new.loaded, &changes));
    assert_int_equal(changes.count, 0);
    pn_assertion_changes_clear(&changes);
    assertions_clear(&old);
    assertions_clear(&new);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assertions_that_are_told_are_those_that_are_lost),
        cmocka_unit_test(mapped_addresses_are_nobody),
    };

    if (argc > 1)
        policies = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
