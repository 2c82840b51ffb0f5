/*
 * What keys of text mean, exhaustively: this program is linked with the compiler's own
 * files for a world whose addresses have three groups of two values, spelt by the same
 * rule. Every text, every set of patterns, every range is tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/classic_six.h"
#include "compiler/extents.h"
#include "compiler/space.h"
#include "tests/support/random.h"

enum {
    ADDRESSES = 1 << PN_ZERO_GROUPS * PN_GROUP_BITS,
    SETS = 1 << PN_ZERO_PATTERNS,
    KEY_MOST = 7,
    TEXT = 16,
    JOINS = 200000,
    EXTENTS = 4
};

static char texts[ADDRESSES][TEXT]; /* of each address */

/* The first longest run of zero groups is written "::", a single one too. */
static void
spell(unsigned address, char *out)
{
    unsigned best = 0, start = PN_ZERO_GROUPS, group[PN_ZERO_GROUPS];

    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++)
        group[g] = address >> (PN_ZERO_GROUPS - 1 - g) & 1;
    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++) {
        unsigned run = 0;

        while (g + run < PN_ZERO_GROUPS && !group[g + run])
            run++;
        if (run > best) {
            best = run;
            start = g;
        }
    }
    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++) {
        bool last = g + 1 == PN_ZERO_GROUPS;

        if (best && g == start) {
            out += snprintf(out, 3, "%s", g ? ":" : "::");
            g += best - 1;
        } else {
            out += snprintf(out, 3, last ? "%u" : "%u:", group[g]);
        }
    }
    *out = '\0';
}

/* Does an address ask for a key? A lone colon is what begins with two. */
static bool
asks(unsigned address, const char *key)
{
    size_t len = strlen(key);

    return len && key[len - 1] == ':' && strncmp(texts[address], key, len) == 0;
}

static bool
piece_has(const struct pn_six_piece *p, unsigned address)
{
    pn_number last = p->start | pn_host_mask(6, p->length);

    return p->start <= address && address <= last &&
           pn_zeros_has(&p->zeros, pn_zeros_of(address));
}

/* Every text of digits and colons, up to a length that no address has. */
static bool
key_next(char *key)
{
    static const char letters[] = "01:";
    size_t len = strlen(key);

    for (size_t i = 0; i < len; i++) {
        const char *at = strchr(letters, key[i]);

        if (at[1]) {
            key[i] = at[1];
            return true;
        }
        key[i] = letters[0];
    }
    key[len] = letters[0];
    key[len + 1] = '\0';
    return len < KEY_MOST;
}

static size_t
pieces_of(const char *key, struct pn_six_piece out[PN_SIX_PIECES])
{
    return pn_six_pieces((struct pn_str){ key, strlen(key) }, out);
}

static void
check_key(const char *key)
{
    struct pn_six_piece pieces[PN_SIX_PIECES];
    size_t count = pieces_of(key, pieces);

    for (unsigned a = 0; a < ADDRESSES; a++) {
        size_t in = 0;

        for (size_t i = 0; i < count; i++)
            in += piece_has(&pieces[i], a);
        if (in != asks(a, key))
            fail_msg("%s is in %zu pieces of %s", texts[a], in, key);
    }
    for (size_t i = 0; i < count; i++) {
        pn_number last = pieces[i].start | pn_host_mask(6, pieces[i].length);
        bool whole = true, any = false;

        for (pn_number a = pieces[i].start; a <= last; a++) {
            whole = whole && piece_has(&pieces[i], (unsigned)a);
            any = any || piece_has(&pieces[i], (unsigned)a);
        }
        if (whole != pieces[i].is_whole || !any)
            fail_msg("a piece of %s is not as it is said to be", key);
    }
}

static void
every_key_means_whoever_asks_for_it(void **state)
{
    char key[KEY_MOST + 2] = "";
    size_t asked = 0;

    (void)state;
    while (key_next(key)) {
        check_key(key);
        for (unsigned a = 0; a < ADDRESSES; a++)
            asked += asks(a, key);
    }
    assert_true(asked > ADDRESSES);
}

/* Of two keys that an address asks for, the longer one ranks higher. */
static void
longer_keys_rank_higher(void **state)
{
    (void)state;
    for (unsigned a = 0; a < ADDRESSES; a++) {
        unsigned before = 0;

        for (size_t len = 1; len <= strlen(texts[a]); len++) {
            struct pn_six_piece pieces[PN_SIX_PIECES];
            char key[TEXT] = "";
            size_t count;

            if (texts[a][len - 1] != ':')
                continue;
            memcpy(key, texts[a], len);
            count = pieces_of(key, pieces);
            for (size_t i = 0; i < count; i++) {
                struct pn_prefix p = { .length = pieces[i].length,
                                       .rank_length = pieces[i].counts };

                if (!piece_has(&pieces[i], a))
                    continue;
                if (before && pn_prefix_rank(&p) < before)
                    fail_msg("%s does not rank above what is shorter", key);
                before = pn_prefix_rank(&p) + 1;
            }
        }
    }
}

static struct pn_zeros
set_of(unsigned bits)
{
    struct pn_zeros set = { { bits } };

    return set;
}

static void
ranges_are_counted_by_their_patterns(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < SETS; bits++) {
        struct pn_zeros set = set_of(bits);
        struct pn_weights weights;

        pn_weights_make(&weights, &set);
        for (unsigned first = 0; first < ADDRESSES; first++)
            for (unsigned last = first; last < ADDRESSES; last++) {
                unsigned count = 0, low = 0, high = 0;
                pn_number found;

                for (unsigned a = first; a <= last; a++) {
                    if (!(bits >> pn_zeros_of(a) & 1))
                        continue;
                    low = count++ ? low : a;
                    high = a;
                }
                assert_true(pn_weights_count(&weights, first, last) == count);
                assert_int_equal(pn_weights_first(&weights, first, last, &found),
                                 count > 0);
                assert_true(!count || found == low);
                assert_int_equal(pn_weights_last(&weights, first, last, &found),
                                 count > 0);
                assert_true(!count || found == high);
            }
    }
}

/* The patterns from one address to another. */
static unsigned
patterns_within(unsigned first, unsigned last)
{
    unsigned bits = 0;

    for (unsigned a = first; a <= last; a++)
        bits |= 1u << pn_zeros_of(a);
    return bits;
}

static void
ranges_have_the_patterns_of_their_addresses(void **state)
{
    (void)state;
    for (unsigned first = 0; first < ADDRESSES; first++)
        for (unsigned last = first; last < ADDRESSES; last++) {
            struct pn_zeros set = pn_zeros_within(first, last);

            assert_int_equal(set.words[0], patterns_within(first, last));
        }
}

/* Does a block of a key hold a range? */
static bool
is_around(const char *key, unsigned first, unsigned last)
{
    struct pn_six_piece pieces[PN_SIX_PIECES];
    size_t count = pieces_of(key, pieces);

    for (size_t i = 0; i < count; i++)
        if (pieces[i].start <= first &&
            (pieces[i].start | pn_host_mask(6, pieces[i].length)) >= last)
            return true;
    return false;
}

/* Is there such a key that just these addresses of a range ask for? */
static bool
has_text(unsigned first, unsigned last, unsigned bits)
{
    char key[KEY_MOST + 2] = "";

    while (key_next(key)) {
        bool same = is_around(key, first, last);

        for (unsigned a = first; a <= last && same; a++)
            same = asks(a, key) == (bits >> pn_zeros_of(a) & 1);
        if (same)
            return true;
    }
    return false;
}

/* The text of a range's patterns says them; where there is one, it is found. */
static void
patterns_are_said_by_a_text(void **state)
{
    struct pn_buffer text = { 0 };

    (void)state;
    for (unsigned first = 0; first < ADDRESSES; first++)
        for (unsigned last = first; last < ADDRESSES; last++)
            for (unsigned bits = 1; bits < SETS; bits++) {
                struct pn_zeros all = pn_zeros_within(first, last), set = set_of(bits);
                char key[TEXT];

                if (bits & ~(unsigned)all.words[0])
                    continue;
                if (!pn_six_text(first, last, &all, &set, &text)) {
                    if (has_text(first, last, bits))
                        fail_msg("a text for %s to %s is not found", texts[first],
                                 texts[last]);
                    continue;
                }
                snprintf(key, sizeof(key), "%.*s", (int)text.size, text.bytes);
                for (unsigned a = first; a <= last; a++)
                    if (asks(a, key) != (bits >> pn_zeros_of(a) & 1))
                        fail_msg("%s does not say %s of %s to %s", key, texts[a],
                                 texts[first], texts[last]);
            }
    pn_buffer_free(&text);
}

/* The addresses of some extents, a bit each. */
static unsigned
addresses_of(const struct pn_extent *items, size_t count, const struct pn_intern *pool)
{
    unsigned out = 0;

    for (size_t i = 0; i < count; i++) {
        struct pn_zeros all = set_of(SETS - 1);

        if (items[i].zeros)
            all = pn_zeros_kept(pool, items[i].zeros);
        for (pn_number a = items[i].first; a <= items[i].last; a++)
            if (pn_zeros_has(&all, pn_zeros_of(a)))
                out |= 1u << (unsigned)a;
    }
    return out;
}

static void
check_joined(const struct pn_extent *items, size_t count, const struct pn_intern *pool)
{
    for (size_t i = 0; i < count; i++) {
        const struct pn_extent *e = &items[i];
        unsigned all = patterns_within((unsigned)e->first, (unsigned)e->last), size = 0;
        struct pn_zeros set;

        assert_true(!i || items[i - 1].last < e->first);
        for (unsigned bits = addresses_of(e, 1, pool); bits; bits &= bits - 1)
            size++;
        assert_true(pn_extent_size(pool, e) == size && size);
        if (!e->zeros)
            continue;
        set = pn_zeros_kept(pool, e->zeros);
        assert_true(set.words[0] != all && !(set.words[0] & ~(uint64_t)all));
    }
}

static void
extents_that_are_joined_hold_the_same(void **state)
{
    uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);

    (void)state;
    for (int n = 0; n < JOINS; n++) {
        struct pn_intern pool = { 0 };
        size_t count = 1 + pn_test_pick(&seed, EXTENTS), capacity = EXTENTS;
        struct pn_extent *items = calloc(capacity, sizeof(*items));
        unsigned wanted;

        assert_non_null(items);
        for (size_t i = 0; i < count; i++) {
            unsigned first = pn_test_pick(&seed, ADDRESSES);
            struct pn_zeros set = set_of(1 + pn_test_pick(&seed, SETS - 1));

            items[i] = (struct pn_extent){
                first, first + pn_test_pick(&seed, ADDRESSES - first), 6, 0
            };
            if (pn_test_pick(&seed, 4))
                items[i].zeros = pn_zeros_keep(&pool, &set);
        }
        wanted = addresses_of(items, count, &pool);
        assert_true(pn_extents_join(&items, &count, &capacity, &pool));
        assert_int_equal(addresses_of(items, count, &pool), wanted);
        if (capacity && count)
            check_joined(items, count, &pool);
        free(items);
        pn_intern_clear(&pool);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_means_whoever_asks_for_it),
        cmocka_unit_test(longer_keys_rank_higher),
        cmocka_unit_test(ranges_are_counted_by_their_patterns),
        cmocka_unit_test(ranges_have_the_patterns_of_their_addresses),
        cmocka_unit_test(patterns_are_said_by_a_text),
        cmocka_unit_test(extents_that_are_joined_hold_the_same),
    };

    for (unsigned a = 0; a < ADDRESSES; a++)
        spell(a, texts[a]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
