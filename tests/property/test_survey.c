/*
 * What the analysis says of items against brute force: each query of the small world
 * is decided with the item and without it.
 */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "tests/support/random.h"
#include "tests/support/survey_check.h"

enum { POLICIES = 20000 };

static int policies = POLICIES; /* an argument gives another number */

static uint64_t seed = UINT64_C(0xda3e39cb94b95bdb);

static struct pn_profile
any_profile(void)
{
    unsigned family = pn_test_pick(&seed, 4);

    return (struct pn_profile){ .no_host = pn_test_pick(&seed, 3) == 0,
                                .no_ident = pn_test_pick(&seed, 3) == 0,
                                .no_v4 = family == 0,
                                .no_v6 = family == 1 };
}

/* A policy of rules with one element each, or of rules with sets. */
static void
policy_make(struct pn_survey_case *w, bool sets)
{
    if (sets) {
        w->count = pn_small_set_policy(&seed, w->rules, w->items, &w->text);
        w->item_count = w->items[w->count - 1] + 1;
        return;
    }
    w->count = w->item_count = pn_small_policy(&seed, w->rules, &w->text);
    for (size_t i = 0; i < w->count; i++)
        w->items[i] = i;
}

static void
check_policies(bool sets)
{
    struct pn_survey_case w = { .hosts = pn_small_hosts,
                                .host_count = pn_small_host_count,
                                .idents = pn_small_idents,
                                .ident_count = pn_small_ident_count,
                                .six = true };

    for (int n = 0; n < policies; n++) {
        policy_make(&w, sets);
        w.profile = n % 2 ? any_profile() : (struct pn_profile){ .no_host = false };
        pn_survey_check(&w);
    }
    pn_buffer_free(&w.text);
}

static void
items_live_and_are_needed_as_brute_force_says(void **state)
{
    (void)state;
    check_policies(false);
}

static void
so_are_items_of_several_elements(void **state)
{
    (void)state;
    check_policies(true);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_live_and_are_needed_as_brute_force_says),
        cmocka_unit_test(so_are_items_of_several_elements),
    };

    if (argc > 1)
        policies = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
