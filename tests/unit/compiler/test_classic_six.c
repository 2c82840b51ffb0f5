/* compiler/classic_six, zeros and extents: what keys of IPv6 text mean */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "compiler/classic_six.h"
#include "compiler/extents.h"
#include "compiler/unicast.h"
#include "tests/support/classic_world.h"

static pn_number
number_of(const char *text)
{
    struct postern_addr addr;

    assert_true(postern_addr_parse(text, strlen(text), &addr));
    return pn_number_from(&addr);
}

/* Keys, how many pieces they have and how many of those are whole blocks, and who asks.
 */
static const struct {
    const char *key;
    size_t pieces, whole;
    const char *yes, *no;
} keys[] = {
    { ":", 1, 0, "::1", "1::" },
    { "::", 1, 0, "0:1:1:1:1:1:1:1", "0:1::" },
    { "::ffff:", 6, 3, "::ffff:1:2:3", "0:ffff::1" },
    { "::1.2.3.4", 0, 0, NULL, NULL },
    { "::1.", 0, 0, NULL, NULL },
    { "64:ff9b::", 1, 0, "64:ff9b::102:304", "64:ff9b:1::" },
    { "0:0:1:", 1, 0, "0:0:1::", "::1:1:1:1:1:1" },
    { "0:", 1, 0, "0:1::", "0:1:1:1:1:1:1:1" },
    { "0:0:", 1, 0, "0:0:1::", "0:0:1:0:1:0:1:0" },
    { "2001:db8:", 1, 1, "2001:db8::", "2001:db9::" },
    { "2001:db8::", 1, 0, "2001:db8::1", "2001:db8:0:1::" },
    { "2001:db8:0:", 1, 0, "2001:db8:0:1::", "2001:db8::1" },
    { "2001:db8::1:", 4, 2, "2001:db8:0:1:1:1:1:1", "2001:db8:0:1::1" },
    { "2001:db8:1:0:a:b:c:", 0, 0, NULL, NULL },
    { "2001:db8:1::a:b:c:", 1, 1, "2001:db8:1:0:a:b:c:d", "2001:db8:1:1:a:b:c:d" },
    { "fe80::", 1, 0, "fe80::1", "fe80:0:0:1::" },
    { "2001:DB8:", 0, 0, NULL, NULL },
    { "2001:0db8:", 0, 0, NULL, NULL },
    { "2001:db8:zz:", 0, 0, NULL, NULL },
    { "12345:", 0, 0, NULL, NULL },
    { "1::2::", 0, 0, NULL, NULL },
    { "1:2:3:4:5:6:7:8:", 0, 0, NULL, NULL },
    { "1:2", 0, 0, NULL, NULL },
    { "", 0, 0, NULL, NULL },
};

static bool
is_in(const struct pn_six_piece *pieces, size_t count, pn_number address)
{
    for (size_t i = 0; i < count; i++)
        if (!((address ^ pieces[i].start) & ~pn_host_mask(6, pieces[i].length)) &&
            pn_zeros_has(&pieces[i].zeros, pn_zeros_of(address)))
            return true;
    return false;
}

static void
keys_mean_whoever_asks(void **state)
{
    (void)state;
    for (size_t k = 0; k < PN_COUNT_OF(keys); k++) {
        struct pn_str key = { keys[k].key, strlen(keys[k].key) };
        struct pn_six_piece pieces[PN_SIX_PIECES];
        size_t count = pn_six_pieces(key, pieces), whole = 0;

        for (size_t i = 0; i < count; i++)
            whole += pieces[i].is_whole;
        if (count != keys[k].pieces || whole != keys[k].whole)
            fail_msg("%s: %zu pieces, %zu whole", keys[k].key, count, whole);
        if (keys[k].yes && !is_in(pieces, count, number_of(keys[k].yes)))
            fail_msg("%s does not hold %s", keys[k].key, keys[k].yes);
        if (keys[k].no && is_in(pieces, count, number_of(keys[k].no)))
            fail_msg("%s holds %s", keys[k].key, keys[k].no);
    }
}

/* All patterns, with a group of either kind: the text begins with a key or it does not.
 */
static void
every_pattern_is_in_its_keys(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < PN_ZERO_PATTERNS; pattern++) {
        struct pn_classic_client c = { .address = { .family = 6 } };

        for (unsigned g = 0; g < PN_ZERO_GROUPS; g++)
            c.address.bytes[2 * g] = pattern >> (PN_ZERO_GROUPS - 1 - g) & 1 ? 0x20 : 0;
        pn_classic_client_of(&c.address, &c);
        assert_int_equal(pn_zeros_of(pn_number_from(&c.address)), pattern);
        for (size_t k = 0; k < PN_COUNT_OF(keys); k++) {
            size_t len = strlen(keys[k].key);
            struct pn_six_piece pieces[PN_SIX_PIECES];
            size_t count = pn_six_pieces((struct pn_str){ keys[k].key, len }, pieces);
            bool begins = len && keys[k].key[len - 1] == ':' &&
                          strncmp(c.text, keys[k].key, len) == 0;

            if (is_in(pieces, count, pn_number_from(&c.address)) != begins)
                fail_msg("%s and %s", c.text, keys[k].key);
        }
    }
}

/* Who is written fe80::... is counted, and found at both ends. */
static void
ranges_are_counted_by_their_patterns(void **state)
{
    struct pn_six_piece piece[PN_SIX_PIECES];
    pn_number first = number_of("fe80::"), last = first | pn_host_mask(6, 16), found;
    struct pn_weights weights;

    (void)state;
    assert_int_equal(pn_six_pieces(PN_STR("fe80::"), piece), 1);
    pn_weights_make(&weights, &piece[0].zeros);
    /* 79,228,162,440,479,331,606,362,914,816: the sum of 65535^n over the sets of n
     * other groups that are not zero */
    assert_true(pn_weights_count(&weights, first, last) ==
                ((pn_number)UINT64_C(0xfffffffc) << 64 | UINT64_C(0x6fffc00010000)));
    assert_true(pn_weights_first(&weights, first, last, &found) && found == first);
    assert_true(pn_weights_last(&weights, first, last, &found));
    assert_true(found == number_of("fe80:0:ffff:ffff:ffff:ffff:ffff:ffff"));
    assert_true(pn_weights_first(&weights, number_of("fe80:0:0:1::"), last, &found));
    assert_true(found == number_of("fe80:0:0:1:0:0:1:0"));
    assert_false(pn_weights_first(&weights, number_of("fe80:1::"), last, &found));
}

static void
a_range_has_the_patterns_of_its_addresses(void **state)
{
    struct pn_zeros set = pn_zeros_within(number_of("::"), number_of("::ffff"));

    (void)state;
    assert_true(pn_zeros_has(&set, 0) && pn_zeros_has(&set, 1));
    assert_false(pn_zeros_has(&set, 2));
    set = pn_zeros_within(number_of("1::fffe"), number_of("1::1:0"));
    assert_true(pn_zeros_has(&set, 0x81) && pn_zeros_has(&set, 0x82));
    assert_false(pn_zeros_has(&set, 0x80) || pn_zeros_has(&set, 0x83));
    set = pn_extent_patterns(
        &(struct pn_extent){ PN_MAPPED_FIRST, PN_MAPPED_LAST + 1, 6, 0 });
    assert_true(pn_zeros_has(&set, 0x08)); /* ::1:0:0:0 alone: the others are IPv4 */
    assert_false(pn_zeros_has(&set, 0x04) || pn_zeros_has(&set, 0x07));
}

/* What three neighbours come to. */
static void
neighbours_are_joined_where_one_set_says_both(void **state)
{
    struct pn_zeros set = { { 0 } }, all = pn_zeros_within(0, ~(pn_number)0);
    struct pn_intern pool = { 0 };
    struct pn_extent *items = calloc(4, sizeof(*items));
    size_t count = 3, capacity = 4;

    (void)state;
    assert_non_null(items);
    pn_zeros_add(&set, 0x81);
    items[0] = (struct pn_extent){ number_of("1::5"), number_of("1::9"), 6, 0 };
    items[1] = (struct pn_extent){ number_of("1::a"), number_of("1::1:9"), 6,
                                   pn_zeros_keep(&pool, &set) };
    items[2] = (struct pn_extent){ number_of("2::"), number_of("2::5"), 6,
                                   pn_zeros_keep(&pool, &all) };
    assert_true(pn_extents_join(&items, &count, &capacity, &pool));
    assert_int_equal(count, 2);
    assert_true(items[0].first == number_of("1::5"));
    assert_true(items[0].last == number_of("1::1:9"));
    assert_true(items[0].zeros);
    assert_true(pn_extent_size(&pool, &items[0]) == 0x10000 - 5);
    assert_false(items[1].zeros); /* all that the range has is no set */
    assert_true(pn_extent_nearest(&pool, &items[0], number_of("1::1:4")) ==
                number_of("1::ffff"));
    assert_true(pn_extent_holds(
        &pool, &items[0],
        &(struct postern_addr){ .family = 6, .bytes = { 0, 1, [15] = 7 } }));
    assert_false(pn_extent_holds(
        &pool, &items[0],
        &(struct postern_addr){ .family = 6, .bytes = { 0, 1, [13] = 1 } }));
    free(items);
    pn_intern_clear(&pool);
}

/* What one key tells apart is in two zones, and what two do in as many as they need. */
static void
zones_are_what_no_key_tells_apart(void **state)
{
    struct pn_zeros a = { { 0 } }, b = { { 0 } }, set;
    struct pn_zones zones;

    (void)state;
    for (unsigned p = 0; p < 8; p++)
        pn_zeros_add(p < 4 ? &a : &b, p);
    pn_zeros_add(&b, 3);
    pn_zones_begin(&zones);
    assert_int_equal(zones.count, 1);
    pn_zones_cut(&zones, &a);
    assert_int_equal(zones.count, 2);
    pn_zones_cut(&zones, &b);
    assert_int_equal(zones.count, 4); /* of a, of both, of b, of none */
    for (unsigned z = 0; z < zones.count; z++) {
        set = pn_zones_set(&zones, z);
        assert_true(pn_zeros_has(&set, pn_zones_pattern(&zones, z)));
    }
    assert_int_equal(zones.of[0], zones.of[2]);
    assert_int_not_equal(zones.of[2], zones.of[3]);
    assert_int_not_equal(zones.of[3], zones.of[4]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_mean_whoever_asks),
        cmocka_unit_test(every_pattern_is_in_its_keys),
        cmocka_unit_test(ranges_are_counted_by_their_patterns),
        cmocka_unit_test(a_range_has_the_patterns_of_its_addresses),
        cmocka_unit_test(neighbours_are_joined_where_one_set_says_both),
        cmocka_unit_test(zones_are_what_no_key_tells_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
