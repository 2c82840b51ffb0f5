/* compiler/assertions: what expect and always are about, and their conditions */
#include "tests/support/harness.h"

#include <stdio.h>

#include "compiler/loaded_policy.h"

/* A policy with one assertion, or a faulty one. */
static void
load(const char *assertion, struct pn_source *source, struct pn_loaded_policy *loaded,
     struct pn_diags *diags)
{
    static const struct pn_policy_options options = { 0 };
    char text[300];

    snprintf(text, sizeof(text),
             "postern: 1\n10.0.0.0/8 : allow, A=\"1\"\n* : deny\n%s\n", assertion);
    *diags = (struct pn_diags){ .limit = PN_DIAGS_LIMIT };
    assert_true(pn_source_from_text(source, "t.rules", pn_str_of_text(text)));
    (void)pn_loaded_policy_load(loaded, source, NULL, &options, diags);
}

static void
clear(struct pn_source *source, struct pn_loaded_policy *loaded, struct pn_diags *diags)
{
    pn_loaded_policy_clear(loaded);
    pn_source_clear(source);
    pn_diags_clear(diags);
}

static void
each_condition_is_read_with_its_kind(void **state)
{
    static const struct {
        const char *text, *name, *value;
        uint8_t kind;
    } rows[] = {
        { "expect 10.0.0.1 : allow", "", "", PN_NODE_VERDICT },
        { "expect 10.0.0.1 : A=\"1\"", "A", "1", PN_NODE_ASSIGN },
        { "expect 10.0.0.1 : !B", "B", "", PN_NODE_UNSET },
        { "expect 10.0.0.1 : by 10.0.0.0/8", "", "", PN_NODE_BY },
        { "expect 10.0.0.1 : !limit", "", "", PN_NODE_TERM },
        { "always 11.0.0.0/8 : deny", "", "", PN_NODE_VERDICT },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_loaded_policy loaded;
        struct pn_source source;
        struct pn_diags diags;
        const struct pn_assertions *all = &loaded.assertions;
        const struct pn_condition *condition;

        load(rows[i].text, &source, &loaded, &diags);
        if (diags.count || all->count != 1 || all->items[0].condition_count != 1)
            fail_msg("%s: %zu diagnostics", rows[i].text, diags.count);
        condition = &all->items[0].conditions[0];
        assert_int_equal(condition->kind, rows[i].kind);
        assert_int_equal(all->items[0].line, 4);
        assert_true(pn_str_is(pn_assertions_text(all, condition->name), rows[i].name));
        assert_true(
            pn_str_is(pn_assertions_text(all, condition->value), rows[i].value));
        clear(&source, &loaded, &diags);
    }
}

static void
an_always_has_the_addresses_of_its_targets(void **state)
{
    static const struct {
        const char *text;
        pn_number size4, size6; /* how many addresses; of IPv6 in units of 2^64 */
        bool everything, outside;
    } rows[] = {
        { "always 10.0.0.0/8 : allow", 1 << 24, 0, false, false },
        { "always 10.0.0.1, 10.0.0.3 : allow", 2, 0, false, false },
        { "always 10.0.0.0/24 except 10.0.0.0/25 : allow", 128, 0, false, false },
        { "always 10.0.0.0/24, 10.0.0.128/25 : allow", 256, 0, false, false },
        { "always 2001:db8::/63 : deny", 0, 2, false, false },
        { "always * : !B", 0, 0, true, false },
        { "always !10.0.0.0/8 : deny", 1 << 24, 0, false, true },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_loaded_policy loaded;
        struct pn_source source;
        struct pn_diags diags;
        const struct pn_assertion *a;

        load(rows[i].text, &source, &loaded, &diags);
        if (diags.count || loaded.assertions.count != 1)
            fail_msg("%s: %zu diagnostics", rows[i].text, diags.count);
        a = &loaded.assertions.items[0];
        if (pn_intervals_size(&a->within.families[0]) != rows[i].size4 ||
            pn_intervals_size(&a->within.families[1]) >> 64 != rows[i].size6)
            fail_msg("%s: other addresses", rows[i].text);
        assert_int_equal(a->everything, rows[i].everything);
        assert_int_equal(a->outside, rows[i].outside);
        clear(&source, &loaded, &diags);
    }
}

static void
an_expect_has_its_address_host_and_ident(void **state)
{
    struct pn_loaded_policy loaded;
    struct pn_source source;
    struct pn_diags diags;
    const struct pn_assertion *a;

    (void)state;
    load("expect joe@10.0.0.1 =mx.example : allow", &source, &loaded, &diags);
    assert_int_equal(diags.count, 0);
    assert_int_equal(loaded.assertions.count, 1);
    a = &loaded.assertions.items[0];
    assert_int_equal(a->address.family, 4);
    assert_memory_equal(a->address.bytes, "\x0a\0\0\x01", 4);
    assert_true(a->has_host && a->has_ident);
    assert_true(
        pn_str_is(pn_assertions_text(&loaded.assertions, a->host), "mx.example"));
    assert_true(pn_str_is(pn_assertions_text(&loaded.assertions, a->ident), "joe"));
    clear(&source, &loaded, &diags);
}

static void
what_is_said_twice_is_refused(void **state)
{
    static const char *const rows[] = {
        "expect 10.0.0.1 : allow, deny",
        "expect 10.0.0.1 : A=\"1\", A=\"2\"",
        "expect 10.0.0.1 : A=\"1\", !A",
        "always 10.0.0.0/8 : by 10.0.0.0/8, by 10.0.0.0/8",
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_loaded_policy loaded;
        struct pn_source source;
        struct pn_diags diags;

        load(rows[i], &source, &loaded, &diags);
        if (diags.errors != 1)
            fail_msg("%s: %zu errors", rows[i], diags.errors);
        clear(&source, &loaded, &diags);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_condition_is_read_with_its_kind),
        cmocka_unit_test(an_always_has_the_addresses_of_its_targets),
        cmocka_unit_test(an_expect_has_its_address_host_and_ident),
        cmocka_unit_test(what_is_said_twice_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
