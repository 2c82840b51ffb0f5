/* compiler/regions: every query is in a region, and few stand for all */
#include "tests/support/harness.h"

#include <stdio.h>

#include "compiler/regions.h"

enum { SEEN_MOST = 64 };

struct seen {
    uint32_t rules[SEEN_MOST];
    bool with_host[SEEN_MOST], with_ident[SEEN_MOST];
    size_t count;
};

static bool
take(void *payload, const struct pn_regions *regions, const struct pn_region *region)
{
    struct seen *seen = payload;

    (void)regions;
    assert_true(seen->count < SEEN_MOST);
    seen->rules[seen->count] = region->decisions[0].rule;
    seen->with_host[seen->count] = region->query.host.ptr != NULL;
    seen->with_ident[seen->count++] = region->query.ident.ptr != NULL;
    return true;
}

static void
collect(const char *rules_text, enum pn_ask host, enum pn_ask ident, struct seen *seen)
{
    char text[300];
    struct postern_rules *rules;
    struct pn_decoded decoded;
    struct pn_regions regions = { .side_count = 1, .host = host, .ident = ident };

    snprintf(text, sizeof(text), "postern: 1\n%s", rules_text);
    pn_test_decode(text, strlen(text), &rules, &decoded);
    regions.sides[0] = (struct pn_side){ rules, &decoded, NULL, NULL };
    *seen = (struct seen){ .count = 0 };
    assert_int_equal(pn_regions_each(&regions, take, seen), POSTERN_OK);
    pn_regions_clear(&regions);
    pn_decoded_clear(&decoded);
    postern_rules_close(rules);
}

static bool
has_rule(const struct seen *seen, uint32_t rule)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->rules[i] == rule)
            return true;
    return false;
}

/* Bit n: rule n decides some query. */
static void
each_rule_that_decides_something_is_seen(void **state)
{
    static const struct {
        const char *text;
        unsigned rules, none; /* with every host and ident; with neither */
    } rows[] = {
        { "* : allow\n", 1, 1 },
        { "10.0.0.0/8 : allow\n* : deny\n", 3, 3 },
        { "10.0.0.0/8 : allow\n10.0.0.0/8 : deny\n* : deny\n", 5, 5 },
        { "10.0.0.0/9 : allow\n10.128.0.0/9 : allow\n10.0.0.0/8 : deny\n* : deny\n", 11,
          11 },
        { "=mx.example : allow\n* : deny\n", 3, 2 },
        { "joe@* : allow\n* : deny\n", 3, 2 },
        { "0.0.0.0/0 : allow\n=.example : deny\n::/0 : deny\n* : deny\n", 5, 5 },
        { "10.0.0.0/8 : block\n10.1.0.0/16 : allow\n* : deny\n", 5, 5 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct seen all, none;

        collect(rows[i].text, PN_ASK_ALL, PN_ASK_ALL, &all);
        collect(rows[i].text, PN_ASK_NONE, PN_ASK_NONE, &none);
        for (uint32_t rule = 0; rule < 4; rule++) {
            if (has_rule(&all, rule) != (rows[i].rules >> rule & 1))
                fail_msg("%srule %u, of all queries", rows[i].text, (unsigned)rule);
            if (has_rule(&none, rule) != (rows[i].none >> rule & 1))
                fail_msg("%srule %u, without names", rows[i].text, (unsigned)rule);
        }
        for (size_t n = 0; n < none.count; n++)
            assert_false(none.with_host[n] || none.with_ident[n]);
    }
}

/* 256 addresses of one rule are one area: the number of regions does not grow. */
static void
addresses_that_no_rule_divides_are_one_area(void **state)
{
    struct seen one, many;

    (void)state;
    collect("10.0.0.0/32 : allow\n* : deny\n", PN_ASK_NONE, PN_ASK_NONE, &one);
    collect("10.0.0.0/24, 10.0.2.0/24, 10.0.4.0/24 : allow\n* : deny\n", PN_ASK_NONE,
            PN_ASK_NONE, &many);
    assert_true(many.count <= 2 * one.count);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_that_decides_something_is_seen),
        cmocka_unit_test(addresses_that_no_rule_divides_are_one_area),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
