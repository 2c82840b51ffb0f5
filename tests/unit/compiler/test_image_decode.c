/* compiler/image_decode: what an image says, as pieces, hosts and idents */
#include "tests/support/harness.h"

#include <unistd.h>

static const char policy[] = "postern: 1\n"
                             "10.0.0.0/8 : allow\n"    /* rule 0 */
                             "10.1.0.0/16 : deny\n"    /* rule 1 */
                             "=mx.example : allow\n"   /* rule 2 */
                             "=.example : deny\n"      /* rule 3 */
                             "joe@192.0.2.1 : allow\n" /* rule 4 */
                             "192.0.2.0/24 : block\n"  /* rule 5 */
                             "* : deny\n";             /* rule 6 */

struct decoded {
    struct postern_rules *rules;
    struct pn_decoded decoded;
};

static int
setup(void **state)
{
    static struct decoded d;

    pn_test_decode(policy, sizeof(policy) - 1, &d.rules, &d.decoded);
    *state = &d;
    return 0;
}

static int
teardown(void **state)
{
    struct decoded *d = *state;

    pn_decoded_clear(&d->decoded);
    postern_rules_close(d->rules);
    return 0;
}

/* The number of the last piece that begins at or below an address. */
static size_t
piece_of(const struct pn_pieces *pieces, pn_number address)
{
    size_t found = 0;

    for (size_t i = 0; i < pieces->count; i++)
        if (pieces->items[i].start <= address)
            found = i;
    return found;
}

static void
pieces_have_the_rules_of_their_addresses(void **state)
{
    const struct decoded *d = *state;
    const struct pn_pieces *pieces =
        pn_decoded_pieces(&d->decoded.groups[PN_GROUP_NO_IDENT], 4, 0);
    static const struct {
        pn_number address;
        uint32_t prefix, block;
    } rows[] = {
        { 0x09ffffff, PN_RULE_NONE, PN_RULE_NONE },
        { 0x0a000000, 0, PN_RULE_NONE },
        { 0x0a00ffff, 0, PN_RULE_NONE },
        { 0x0a010000, 1, PN_RULE_NONE },
        { 0x0a01ffff, 1, PN_RULE_NONE },
        { 0x0a020000, 0, PN_RULE_NONE },
        { 0x0b000000, PN_RULE_NONE, PN_RULE_NONE },
        { 0xc0000201, PN_RULE_NONE, 5 },
        { 0xc0000300, PN_RULE_NONE, PN_RULE_NONE },
    };

    assert_int_equal(pieces->items[0].start, 0);
    for (size_t i = 1; i < pieces->count; i++)
        assert_true(pieces->items[i - 1].start < pieces->items[i].start);
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        const struct pn_native_entry entry =
            pn_pieces_entry(pieces, piece_of(pieces, rows[i].address));

        assert_int_equal(entry.prefix, rows[i].prefix);
        assert_int_equal(entry.block, rows[i].block);
        assert_int_equal(entry.exact, PN_RULE_NONE);
    }
}

static void
hosts_and_idents_are_found_by_name(void **state)
{
    const struct decoded *d = *state;
    const struct pn_decoded_group *all = &d->decoded.groups[PN_GROUP_NO_IDENT];
    const struct pn_decoded_group *joe = pn_decoded_ident(&d->decoded, PN_STR("joe"));

    assert_int_equal(pn_decoded_host(&d->decoded, all, PN_STR("mx.example")), 2);
    assert_int_equal(pn_decoded_host(&d->decoded, all, PN_STR(".example")), 3);
    assert_int_equal(pn_decoded_host(&d->decoded, all, PN_STR("example")),
                     PN_RULE_NONE);
    assert_int_equal(all->host_count, 2);
    assert_int_equal(all->any_host, PN_RULE_NONE);
    assert_int_equal(all->fallback, 6);
    assert_non_null(joe);
    assert_int_equal(joe->fallback, PN_RULE_NONE);
    assert_int_equal(pn_decoded_host(&d->decoded, joe, PN_STR("mx.example")),
                     PN_RULE_NONE);
    assert_null(pn_decoded_ident(&d->decoded, PN_STR("ann")));
}

static void
a_file_that_is_no_image_is_damaged(void **state)
{
    static const char *const texts[] = { "", "postern: 1\n", "0123456789" };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(texts); i++) {
        struct pn_decoded decoded;
        int fd = pn_test_file(texts[i], strlen(texts[i]));

        assert_int_equal(pn_image_decode(&decoded, fd), PN_DECODE_DAMAGED);
        pn_decoded_clear(&decoded);
        close(fd);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_have_the_rules_of_their_addresses),
        cmocka_unit_test(hosts_and_idents_are_found_by_name),
        cmocka_unit_test(a_file_that_is_no_image_is_damaged),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
