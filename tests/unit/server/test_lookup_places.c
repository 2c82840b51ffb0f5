/* server/lookup_places: how many look-ups may be under way, and how many of one source
 */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "server/clock.h"
#include "server/lookup_places.h"

enum { OLD_MS = 1000, MANY = 200 };

static struct srv_pending
client_from(uint8_t third, uint8_t last)
{
    const struct postern_addr addr = { 4, { 192, 0, third, last } };
    struct srv_pending pending = { .since_ms = srv_now_ms() };

    pending.client.remote.addr = addr;
    return pending;
}

static void
places_are_divided_and_never_none(void **state)
{
    static const struct {
        size_t count, most, half_closed_most;
    } rows[] = {
        { 1, 1, 1 }, { 2, 1, 1 }, { 8, 7, 1 }, { 16, 14, 2 }, { 1000, 875, 125 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_lookup_places places = { .most = 0 };

        srv_lookup_places_init(&places, rows[i].count);
        assert_int_equal(places.most, rows[i].most);
        assert_int_equal(places.half_closed_most, rows[i].half_closed_most);
        assert_false(srv_lookup_places_are_taken(&places));
        assert_int_equal(srv_lookup_places_room(&places, SIZE_MAX), rows[i].most);
    }
}

/* Clients of so many in one /24, then of others: how many get a place. */
static void
no_source_and_no_network_takes_the_places_of_others(void **state)
{
    static const struct {
        bool same_address, per_source;
        size_t granted; /* of the 175 places for 200 */
    } rows[] = {
        { true, false, 21 },  /* an eighth, for an address */
        { false, false, 87 }, /* half, for a network */
        { true, true, 87 },   /* -C counts the address: the network's half is left */
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_lookup_places places = { .most = 0 };
        struct srv_counters counters = { .live = { .count = 0 } };
        struct srv_pending clients[MANY];
        struct srv_exceeded exceeded;
        size_t granted = 0;

        srv_lookup_places_init(&places, MANY);
        assert_int_equal(places.most, 175);
        assert_true(srv_limits_init(&counters.live));
        for (size_t n = 0; n < MANY; n++) {
            clients[n] = client_from(2, rows[i].same_address ? 1 : (uint8_t)n);
            if (srv_lookup_shares_take(&places, &counters, &clients[n],
                                       rows[i].per_source, &exceeded))
                srv_lookup_places_add(&places, &clients[granted++]);
        }
        assert_int_equal(granted, rows[i].granted);
        assert_int_equal(places.under_way.count, granted);
        for (size_t n = 0; n < granted; n++)
            srv_lookup_places_remove(&places, &counters, &clients[n]);
        assert_int_equal(counters.live.count, 0);
        assert_null(places.under_way.first);
        assert_null(places.under_way.last);
        srv_limits_clear(&counters.live);
    }
}

static void
the_oldest_may_be_replaced_after_a_second(void **state)
{
    struct srv_lookup_places places = { .most = 0 };
    struct srv_pending clients[7];

    (void)state;
    srv_lookup_places_init(&places, 8);
    for (size_t n = 0; n < PN_COUNT_OF(clients); n++) {
        clients[n] = client_from((uint8_t)n, 1);
        clients[n].since_ms -= n < 2 ? OLD_MS : -60 * OLD_MS;
        srv_lookup_places_add(&places, &clients[n]);
    }
    assert_true(srv_lookup_places_are_taken(&places));
    assert_int_equal(srv_lookup_places_room(&places, 1), 1);
    assert_int_equal(srv_lookup_places_room(&places, 16), 2);
    assert_int_equal(srv_lookup_places_free_at(&places), clients[0].since_ms + OLD_MS);
}

static void
half_closed_clients_have_a_list_of_their_own(void **state)
{
    struct srv_lookup_places places = { .most = 0 };
    struct srv_counters counters = { .live = { .count = 0 } };
    struct srv_pending clients[3];

    (void)state;
    srv_lookup_places_init(&places, 8);
    assert_true(srv_limits_init(&counters.live));
    for (size_t n = 0; n < PN_COUNT_OF(clients); n++) {
        clients[n] = client_from(0, 1);
        clients[n].half_closed = n != 1;
        srv_lookup_places_add(&places, &clients[n]);
    }
    assert_int_equal(places.under_way.count, 1);
    assert_ptr_equal(places.half_closed.first, &clients[0]);
    assert_ptr_equal(places.half_closed.last, &clients[2]);
    for (size_t n = 0; n < PN_COUNT_OF(clients); n++)
        srv_lookup_places_remove(&places, &counters, &clients[n]);
    assert_int_equal(places.under_way.count + places.half_closed.count, 0);
    srv_limits_clear(&counters.live);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_divided_and_never_none),
        cmocka_unit_test(no_source_and_no_network_takes_the_places_of_others),
        cmocka_unit_test(the_oldest_may_be_replaced_after_a_second),
        cmocka_unit_test(half_closed_clients_have_a_list_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
