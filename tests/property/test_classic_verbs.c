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

enum { FILES = 20000, CLIENTS = 40, RARE = 100, FEW = 8, KEYS = 64 };

/* An argument gives another number: of more, three groups are tried in every place; of
 * fewer, not in all files. */
static int files = FILES;
static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
static char folder[] = "/tmp/postern-classic.XXXXXX";

/* A native image of keys that go by zero groups has no source, and a policy that
 * includes a key that nobody asks for is none; of all else not one file in a hundred is
 * refused. */
static bool
may_refuse(size_t verb)
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
        pn_classic_assertions_check(&seed, &versions[0], clients);
        pn_classic_texts_check(&versions[0], clients);
        pn_classic_merge_check(versions, clients);
    }
    for (enum pn_classic_verb v = 0; v < PN_CLASSIC_VERB_COUNT; v++) {
        print_message("%s: asked %zu times, refused %zu\n", pn_classic_verb_names[v],
                      pn_classic_asked[v], pn_classic_refused[v]);
        assert_true(pn_classic_asked[v] > 0);
        if (!may_refuse(v) && pn_classic_refused[v] * RARE > pn_classic_asked[v])
            fail_msg("%s refuses too much", pn_classic_verb_names[v]);
    }
}

/* The clients whose groups are all other than zero, but three of them, 0 or 1 each. */
static void
few_clients(unsigned place, struct pn_classic_client out[FEW])
{
    for (unsigned n = 0; n < FEW; n++) {
        struct postern_addr address = { .family = 6 };

        for (unsigned g = 0; g < PN_CLASSIC_GROUPS; g++)
            address.bytes[2 * g + 1] =
                (uint8_t)(g < place || g > place + 2 ? 2 + g
                                                     : n >> (place + 2 - g) & 1);
        pn_classic_client_of(&address, &out[n]);
    }
}

/* Each text that one of them asks for, once. */
static size_t
few_keys(const struct pn_classic_client clients[FEW], char keys[KEYS][PN_ORACLE_TEXT])
{
    size_t count = 0;

    for (size_t n = 0; n < FEW; n++)
        for (size_t len = 1; len <= strlen(clients[n].text); len++) {
            char key[PN_ORACLE_TEXT];
            size_t i = 0;

            if (clients[n].text[len] && clients[n].text[len - 1] != ':')
                continue;
            snprintf(key, sizeof(key), "%.*s", (int)len, clients[n].text);
            while (i < count && strcmp(keys[i], key) != 0)
                i++;
            if (i == count)
                memcpy(keys[count++], key, sizeof(key));
            assert_true(count < KEYS);
        }
    return count;
}

/* All files of two such keys. */
static void
three_groups_of_two_values(void **state)
{
    static char keys[KEYS][PN_ORACLE_TEXT];
    static struct pn_classic_file f;
    struct pn_classic_client items[FEW];
    struct pn_classic_clients clients = { items, FEW };
    unsigned between = files > FILES ? 1 : 3, every = files < FILES ? 17 : 1;

    (void)state;
    for (unsigned place = 0; place + 2 < PN_CLASSIC_GROUPS; place += between) {
        size_t count;

        few_clients(place, items);
        count = few_keys(items, keys);
        for (size_t n = 0; n < count * count * 2; n += every) {
            f.count = 2;
            for (size_t i = 0; i < 2; i++) {
                memcpy(f.rules[i].key, keys[i ? n / 2 % count : n / 2 / count],
                       sizeof(keys[0]));
                f.rules[i].deny = n % 2 == i;
                f.sets[i] = !f.rules[i].deny;
            }
            pn_classic_write(&f);
            pn_classic_assertions_check(&seed, &f, clients);
            pn_classic_texts_check(&f, clients);
        }
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
        cmocka_unit_test(three_groups_of_two_values),
        cmocka_unit_test(no_verb_says_what_a_client_contradicts),
    };

    if (argc > 1)
        files = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, setup, teardown);
}
