/*
 * Every verb on random classic files, held to look-ups of text: proofs and
 * expectations, pins, stats, coverage, mutants, what is minimized, laid out, dumped,
 * included, made classic again and merged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/classic_verbs.h"
#include "tests/support/harness.h"

enum { FILES = 20000, CLIENTS = 40, RARE = 100 };

static int files = FILES; /* an argument gives another number */
static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
static char folder[] = "/tmp/postern-classic.XXXXXX";

/* A native image of keys that go by zero groups has no source, and a policy that
 * includes a key that nobody asks for is none; of all else not one file in a hundred is
 * refused. */
static bool
may_refuse(enum pn_classic_verb verb)
{
    return verb == PN_CLASSIC_DUMP_NATIVE || verb == PN_CLASSIC_INCLUDED;
}

static void
no_verb_says_what_a_client_contradicts(void **state)
{
    static struct pn_classic_file versions[3];
    struct pn_classic_client items[CLIENTS];
    struct pn_classic_clients clients = { items, CLIENTS };

    (void)state;
    for (int n = 0; n < files; n++) {
        pn_classic_random_file(&seed, &versions[0]);
        pn_classic_change(&seed, &versions[0], &versions[1]);
        pn_classic_change(&seed, &versions[0], &versions[2]);
        for (size_t i = 0; i < CLIENTS; i++)
            pn_classic_random_client(&seed, &items[i]);
        pn_classic_claims_check(&seed, &versions[0], clients);
        pn_classic_texts_check(&versions[0], clients);
        pn_classic_merge_check(versions, clients);
    }
    for (size_t v = 0; v < PN_CLASSIC_VERB_COUNT; v++) {
        print_message("%s: asked %zu times, refused %zu\n", pn_classic_verb_names[v],
                      pn_classic_asked[v], pn_classic_refused[v]);
        assert_true(pn_classic_asked[v] > 0);
        if (!may_refuse(v) && pn_classic_refused[v] * RARE > pn_classic_asked[v])
            fail_msg("%s refuses too much", pn_classic_verb_names[v]);
    }
}

static int
setup(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
    static const char *const names[] = { "r.rules", "b.rules", "o.rules", "t.rules" };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(names); i++)
        unlink(names[i]);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_verb_says_what_a_client_contradicts),
    };

    if (argc > 1)
        files = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, setup, teardown);
}
