/*
 * bindings/sql: which policies are in memory, and when they are read again. The linker
 * redirects fstat(2) here (--wrap), where times of files are rounded down to whole
 * seconds: on a file system that is finer, a change within a step cannot be had.
 */
#include "bindings/sql/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/harness.h"
#include "tests/support/live_rules.h"

enum { NAMES_MOST = 16, PLENTY = 1 << 30 };

/* <sys/stat.h> names it so where files may be large. */
int
__real_fstat64(int fd, struct stat *out);
int
__wrap_fstat64(int fd, struct stat *out);

int
__wrap_fstat64(int fd, struct stat *out)
{
    int result = __real_fstat64(fd, out);

    if (result == 0)
        out->st_mtim.tv_nsec = out->st_ctim.tv_nsec = 0;
    return result;
}

static size_t taken, left; /* pieces of memory, and how many more there are */
static size_t takes; /* how often memory was taken: not at all where nothing is read */
static bool stopped;

static void *
take(size_t size)
{
    void *memory = left ? malloc(size) : NULL;

    if (memory) {
        taken++;
        takes++;
        left--;
    }
    return memory;
}

static void
give(void *memory)
{
    taken--;
    free(memory);
}

static bool
stop(void)
{
    return stopped;
}

static const struct pn_engine engine = { take, give, stop };
static char folder[sizeof(pn_live_path)], *name;
static struct pn_cache *cache;

static int
begin(void **state)
{
    (void)state;
    taken = 0;
    left = SIZE_MAX;
    stopped = false;
    memcpy(folder, pn_live_path, sizeof(folder));
    name = strrchr(folder, '/');
    *name++ = '\0';
    pn_live_replace(":allow,G=\"0\"\n");
    cache = pn_cache_new(&engine);
    return cache ? 0 : 1;
}

/* Whatever a test did, the cache gives back all that it took. */
static int
end(void **state)
{
    (void)state;
    pn_cache_free(cache);
    assert_int_equal(taken, 0);
    return 0;
}

static enum pn_fault
get(const char *policy, size_t bytes_most, struct pn_cached **out)
{
    struct pn_wanted wanted = { folder, policy, bytes_most };

    return pn_cache_get(cache, &wanted, out);
}

static struct pn_cached *
must_get(const char *policy)
{
    struct pn_cached *out = NULL;

    assert_int_equal(get(policy, PLENTY, &out), PN_FAULT_NONE);
    return out;
}

/* A further name of the file: a policy of its own, to the cache. */
static void
named(int number, char *out, size_t size)
{
    char path[2 * sizeof(pn_live_path)];

    (void)snprintf(out, size, "further%d", number);
    (void)snprintf(path, sizeof(path), "%s/%s", folder, out);
    if (access(path, F_OK) != 0)
        assert_int_equal(link(pn_live_path, path), 0);
}

static void
names_end(int count)
{
    char path[2 * sizeof(pn_live_path)];

    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "%s/further%d", folder, i);
        assert_int_equal(unlink(path), 0);
    }
}

static char
generation(const struct pn_cached *policy)
{
    struct postern_decision decision =
        pn_test_decide(pn_cached_rules(policy), "1.2.3.4", NULL, NULL);
    struct postern_env env;

    assert_true(postern_env_next(&decision.env, &env));
    return env.value.ptr[0];
}

static void
a_change_that_no_time_tells_of_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        pn_live_install(i % 2 ? ":allow,G=\"1\"\n" : ":allow,G=\"0\"\n");
        assert_int_equal(generation(must_get(name)), i % 2 ? '1' : '0');
    }
}

static void
a_file_that_stays_is_read_once(void **state)
{
    size_t before;

    (void)state;
    must_get(name);
    before = takes;
    for (int i = 0; i < 10; i++)
        must_get(name);
    assert_int_equal(takes, before);
    pn_live_replace(":allow,G=\"1\"\n");
    assert_int_equal(generation(must_get(name)), '1');
}

/* In whatever places they are: each in turn is the one that was asked for last. */
static void
what_was_asked_for_least_recently_goes_first(void **state)
{
    enum { FURTHER = 3 * NAMES_MOST };
    char further[FURTHER][32];
    size_t before;

    (void)state;
    for (int i = 0; i < FURTHER; i++) /* all of them first: a link changes a time */
        named(i, further[i], sizeof(further[i]));
    for (int i = 0; i < FURTHER; i++) {
        must_get(further[i]);
        before = takes;
        for (int j = i < NAMES_MOST ? 0 : i - NAMES_MOST + 1; j <= i; j++)
            must_get(further[j]);
        assert_int_equal(takes, before);
    }
    names_end(FURTHER);
}

static void
one_that_is_held_lives_on(void **state)
{
    struct pn_cached *held = must_get(name);

    (void)state;
    pn_cached_hold(held);
    pn_live_replace(":allow,G=\"1\"\n");
    assert_int_equal(generation(must_get(name)), '1');
    pn_cache_drop(cache);
    assert_int_equal(generation(held), '0');
    pn_cached_release(held);
}

static void
few_bytes_are_enough_for_one(void **state)
{
    struct pn_cached *out = NULL;
    size_t before = taken, of_one;
    char further[32];

    (void)state;
    assert_int_equal(get(name, 0, &out), PN_FAULT_NONE);
    of_one = taken - before;
    named(0, further, sizeof(further));
    assert_int_equal(get(further, 0, &out), PN_FAULT_NONE);
    assert_int_equal(taken - before, of_one);
    assert_int_equal(get(name, PLENTY, &out), PN_FAULT_NONE);
    assert_int_equal(taken - before, 2 * of_one);
    names_end(1);
}

static void
without_memory_there_are_no_rules_and_no_loss(void **state)
{
    enum pn_fault fault = PN_FAULT_MEMORY;
    struct pn_cached *out = NULL;
    size_t count = 0;

    (void)state;
    for (; fault == PN_FAULT_MEMORY; count++) {
        size_t before = taken;

        left = count;
        fault = get(name, PLENTY, &out);
        assert_true(fault == PN_FAULT_MEMORY ? taken == before && !out
                                             : fault == PN_FAULT_NONE && out);
    }
    assert_int_equal(count, 4); /* a policy, its name, its bytes; then all is there */
}

static void
work_that_is_to_stop_leaves_nothing(void **state)
{
    struct pn_cached *out = NULL;
    size_t before = taken;

    (void)state;
    stopped = true;
    assert_int_equal(get(name, PLENTY, &out), PN_FAULT_STOPPED);
    assert_int_equal(taken, before);
    stopped = false;
    assert_int_equal(generation(must_get(name)), '0');
}

static void
a_fault_gives_up_what_was_there(void **state)
{
    struct pn_cached *out = NULL;
    size_t before = taken;

    (void)state;
    must_get(name);
    assert_int_equal(truncate(pn_live_path, 100), 0);
    assert_int_equal(get(name, PLENTY, &out), PN_FAULT_DAMAGED);
    assert_int_equal(unlink(pn_live_path), 0);
    assert_int_equal(get(name, PLENTY, &out), PN_FAULT_MISSING);
    assert_int_equal(get("../x", PLENTY, &out), PN_FAULT_OUTSIDE);
    assert_null(out);
    assert_int_equal(taken, before);
}

static void
every_fault_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < PN_FAULT_COUNT; i++)
        assert_true(strlen(pn_fault_text((enum pn_fault)i)) > 5);
}

int
main(void)
{
#define CACHE_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        CACHE_TEST(a_change_that_no_time_tells_of_is_seen),
        CACHE_TEST(a_file_that_stays_is_read_once),
        CACHE_TEST(what_was_asked_for_least_recently_goes_first),
        CACHE_TEST(one_that_is_held_lives_on),
        CACHE_TEST(few_bytes_are_enough_for_one),
        CACHE_TEST(without_memory_there_are_no_rules_and_no_loss),
        CACHE_TEST(work_that_is_to_stop_leaves_nothing),
        CACHE_TEST(a_fault_gives_up_what_was_there),
        CACHE_TEST(every_fault_has_words),
    };

    return cmocka_run_group_tests(tests, pn_live_setup, pn_live_teardown);
}
