/*
 * Many decisions at once are those that are made one by one: random lists of all sizes
 * and shapes, of both families, by every way that this machine has, for all counts
 * around what a vector holds and wherever the addresses begin. The image stands before
 * a page that nobody may read. The number of queries is the first argument.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/batch.h"
#include "tests/support/random.h"

enum { PAGE = 4096, SOME = 700, SHIFTED = 64, PREFIX_TEXT = 96 };

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
static size_t queries = 200000;

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

/* How a list is shaped. */
struct shape {
    const char *name;
    size_t count;
    unsigned v4_from, v4_to, v6_from, v6_to; /* lengths */
    unsigned spread; /* bits of the front that are random: few make crowds; 0: as
                        registries give them */
    bool rules;      /* a rule each, with variables; else one list */
    bool names;      /* rules for hosts and idents too */
};

static const struct shape shapes[] = {
    { "nothing", 0, 8, 32, 16, 64, 32, false, false },
    { "one", 1, 8, 32, 16, 64, 32, true, true },
    { "a few", 9, 0, 32, 0, 128, 32, true, true },
    { "dozens", 60, 8, 32, 16, 128, 32, true, false },
    { "hundreds", 700, 8, 32, 16, 64, 32, false, true },
    { "hosts", 900, 32, 32, 128, 128, 12, true, false },
    { "thousands", 9000, 12, 32, 20, 64, 32, true, true },
    { "a crowd", 20000, 20, 32, 40, 128, 10, false, false },
    { "many", 90000, 16, 32, 29, 64, 32, false, false },
    { "many long ones", 60000, 24, 32, 48, 128, 32, true, true },
    { "a registry", 30000, 16, 32, 29, 64, 0, true, false },
    { "registries", 90000, 14, 28, 24, 128, 0, false, false },
    { "a small one", 400, 20, 32, 40, 128, 0, true, true },
};

struct prefix {
    uint8_t bytes[16];
    unsigned length;
};

static struct prefix *prefixes[2];
static size_t prefix_counts[2];

/* A few blocks, and in them low numbers more often than high ones. */
static void
as_registries_give(uint8_t *bytes)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned limit = 1U << pick(9);

        bytes[i] = (uint8_t)(i ? pick(limit) : pick(3) << 4);
    }
}

static void
prefix_make(const struct shape *shape, unsigned family, struct prefix *out)
{
    unsigned width = family == 6 ? 128 : 32, from, to, spread = shape->spread;

    from = family == 6 ? shape->v6_from : shape->v4_from;
    to = family == 6 ? shape->v6_to : shape->v4_to;
    memset(out, 0, sizeof(*out));
    out->length = from + pick(to - from + 1);
    for (unsigned i = 0; i < width / 8; i++)
        out->bytes[i] = (uint8_t)(pick(256) << 1 | pick(2));
    if (!spread) {
        as_registries_give(out->bytes);
        spread = width;
    }
    for (unsigned i = 0; i < width;
         i++) /* nothing behind the length, little in front */
        if (i >= out->length || (i >= spread && i + 12 < out->length))
            out->bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    if (family == 6)
        out->bytes[0] = (uint8_t)(0x20 | (out->bytes[0] & 1));
    if (out->length < 8)
        out->bytes[0] &= (uint8_t)(0xff00 >> out->length);
}

static void
prefix_write(FILE *out, unsigned family, const struct prefix *prefix)
{
    struct postern_addr addr = { .family = (uint8_t)family };
    char text[POSTERN_ADDR_TEXT_SIZE];

    memcpy(addr.bytes, prefix->bytes, family == 6 ? 16 : 4);
    postern_addr_print(&addr, text);
    fprintf(out, "%s/%u", text, prefix->length);
}

static void
policy_write(FILE *out, const struct shape *shape)
{
    fprintf(out, "postern: 1\n%s", shape->rules ? "" : "set l = { 192.0.2.1");
    for (unsigned side = 0; side < 2; side++)
        for (size_t i = 0; i < prefix_counts[side]; i++) {
            fprintf(out, "%s", shape->rules ? "" : ", ");
            prefix_write(out, side ? 6 : 4, &prefixes[side][i]);
            if (shape->rules)
                fprintf(out, " : %s%s\n", pick(2) ? "allow" : "deny",
                        pick(3) ? "" : ", N=\"1\"");
        }
    if (!shape->rules)
        fprintf(out, " }\n$l : deny\n");
    if (shape->names)
        fprintf(out, "=.example.org : allow\n=mail.example.net : deny\n"
                     "joe@2001:db8::/32 : allow\njoe@10.0.0.0/8 : deny\n");
    fprintf(out, "* : allow\n");
}

static int
compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct prefix));
}

/* No target stands twice in a policy. */
static void
prefixes_make(const struct shape *shape, unsigned side)
{
    struct prefix *all = calloc(shape->count + 1, sizeof(*all));
    size_t kept = 0;

    assert_non_null(all);
    for (size_t i = 0; i < shape->count; i++)
        prefix_make(shape, side ? 6 : 4, &all[i]);
    qsort(all, shape->count, sizeof(*all), compare);
    for (size_t i = 0; i < shape->count; i++)
        if (!kept || compare(&all[i], &all[kept - 1]) != 0)
            all[kept++] = all[i];
    prefixes[side] = all;
    prefix_counts[side] = kept;
}

static char *
policy_text(const struct shape *shape, size_t *size)
{
    char *text = NULL;
    FILE *out;

    prefixes_make(shape, 0);
    prefixes_make(shape, 1);
    out = open_memstream(&text, size);
    assert_non_null(out);
    policy_write(out, shape);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* Random, or in a prefix, or at its first or last address, or beside it. */
static void
query_make(unsigned family, uint8_t *out)
{
    size_t count = prefix_counts[family == 6];
    const struct prefix *p = &prefixes[family == 6][count ? pick((unsigned)count) : 0];
    unsigned kind = pick(6), width = family == 6 ? 128 : 32;

    for (unsigned i = 0; i < width / 8; i++)
        out[i] = (uint8_t)(pick(256) << 1 | pick(2));
    if (!count || !kind)
        return;
    for (unsigned i = 0; i < width; i++) {
        uint8_t bit = (uint8_t)(0x80 >> i % 8), want;

        want = i < p->length ? p->bytes[i / 8] & bit
               : kind == 1   ? 0
               : kind == 2   ? bit
                             : out[i / 8] & bit;
        out[i / 8] = (uint8_t)((out[i / 8] & ~bit) | want);
    }
    for (unsigned i = width / 8; kind == 4 && i && !out[i - 1]--;) /* one below */
        i--;
    for (unsigned i = width / 8; kind == 5 && i && !++out[i - 1];) /* one above */
        i--;
}

/* What a batch has to say. */
struct expected {
    const struct shape *shape;
    unsigned family;
    size_t count, shift;
    const struct postern_brief *briefs;
};

static void
check(void *payload, const char *way, const struct postern_brief *briefs)
{
    const struct expected *want = payload;
    struct postern_brief untouched;

    for (size_t i = 0; i < want->count; i++)
        if (memcmp(&briefs[i], &want->briefs[i], sizeof(*briefs)) != 0)
            fail_msg("%s, IPv%u: %s way, %zu of %zu behind %zu bytes: rule %u, not %u",
                     want->shape->name, want->family, way, i, want->count, want->shift,
                     briefs[i].rule, want->briefs[i].rule);
    memset(&untouched, 0xa5, sizeof(untouched));
    assert_memory_equal(&briefs[want->count], &untouched, sizeof(untouched));
}

/* Some queries, and what one by one says of them. */
struct asked {
    uint8_t addresses[SOME * 16];
    struct postern_brief want[SOME];
};

static void
asked_make(struct asked *asked, const struct postern_rules *rules, unsigned family)
{
    struct postern_rules undivided = *rules; /* long runs are searched whole */
    const size_t width = family == 6 ? 16 : 4;

    undivided.native.first[PN_GROUP_NO_IDENT].v4.node_count = 0;
    undivided.native.first[PN_GROUP_NO_IDENT].v6.node_count = 0;
    for (size_t i = 0; i < SOME; i++) {
        const uint8_t *address = asked->addresses + i * width;
        struct postern_brief brief;

        query_make(family, asked->addresses + i * width);
        asked->want[i] = pn_test_brief(&undivided, family, address);
        brief = pn_test_brief(rules, family, address);
        assert_memory_equal(&brief, &asked->want[i], sizeof(brief));
    }
}

/* How many nodes the shapes came to: without any, nothing of them was tried. */
static size_t divided[2];

/* A part of them, at an alignment. */
static void
part_check(const struct postern_rules *rules, const struct asked *asked, size_t first,
           struct expected *expected)
{
    static uint8_t bytes[SOME * 16 + SHIFTED];
    const size_t width = expected->family == 6 ? 16 : 4;

    memcpy(bytes + expected->shift, asked->addresses + first * width,
           expected->count * width);
    expected->briefs = asked->want + first;
    pn_test_batch(rules, expected->family, bytes + expected->shift, expected->count,
                  check, expected);
}

/* The image, right before a page that may not be read. */
static struct postern_rules *
guarded_open(const char *text, size_t size, void **map, size_t *map_size)
{
    struct postern_rules *plain = pn_test_rules(text, size), *guarded;
    struct postern_str image = postern_rules_image(plain);
    char *bytes;

    *map_size = (image.len + PAGE - 1) / PAGE * PAGE + PAGE;
    *map = mmap(NULL, *map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
    assert_true(*map != MAP_FAILED);
    bytes = (char *)*map + *map_size - PAGE;
    assert_int_equal(mprotect(bytes, PAGE, PROT_NONE), 0);
    memcpy(bytes - image.len, image.ptr, image.len);
    assert_int_equal(
        postern_rules_open_memory(bytes - image.len, image.len, 0, &guarded),
        POSTERN_OK);
    postern_rules_close(plain);
    return guarded;
}

/* Opens the policy of a shape, and hands it on. */
static void
shape_use(const struct shape *shape,
          void (*use)(const struct postern_rules *, const struct shape *, unsigned))
{
    struct postern_rules *rules;
    size_t size, map_size;
    char *text = policy_text(shape, &size);
    void *map;

    rules = guarded_open(text, size, &map, &map_size);
    divided[0] += rules->native.first[PN_GROUP_NO_IDENT].v4.node_count;
    divided[1] += rules->native.first[PN_GROUP_NO_IDENT].v6.node_count;
    use(rules, shape, 4);
    use(rules, shape, 6);
    postern_rules_close(rules);
    munmap(map, map_size);
    free(prefixes[0]);
    free(prefixes[1]);
    free(text);
}

static void
share_check(const struct postern_rules *rules, const struct shape *shape,
            unsigned family)
{
    static struct asked asked;

    for (size_t done = 0; done < queries / PN_COUNT_OF(shapes) / 2; done += SOME) {
        struct expected all = { shape, family, SOME, pick(SHIFTED), NULL };

        asked_make(&asked, rules, family);
        part_check(rules, &asked, 0, &all);
    }
}

static void
lists_of_all_shapes_are_answered_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(shapes); i++)
        shape_use(&shapes[i], share_check);
    assert_true(divided[0] && divided[1]);
}

static void
counts_check(const struct postern_rules *rules, const struct shape *shape,
             unsigned family)
{
    static struct asked asked;

    asked_make(&asked, rules, family);
    for (size_t count = 0; count <= 2 * PN_BATCH + 1; count++)
        for (size_t shift = 0; shift < 16; shift++) {
            struct expected part = { shape, family, count, shift, NULL };

            part_check(rules, &asked, pick((unsigned)(SOME - count)), &part);
        }
}

static void
every_count_and_alignment_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(shapes); i++)
        if (shapes[i].count < 1000)
            shape_use(&shapes[i], counts_check);
}

/* A family that is none, and a batch of none. */
static void
what_is_no_family_is_refused(void **state)
{
    struct postern_rules *rules = pn_test_rules("postern: 1\n* : deny\n", 20);
    struct postern_brief out = { .rule = 7 };

    (void)state;
    assert_int_equal(postern_rules_decide_addresses(rules, 5, "abcd", 1, &out),
                     POSTERN_E_ARG);
    assert_int_equal(out.rule, 7);
    assert_int_equal(postern_rules_decide_addresses(rules, 4, NULL, 0, NULL),
                     POSTERN_OK);
    postern_rules_close(rules);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_all_shapes_are_answered_alike),
        cmocka_unit_test(every_count_and_alignment_is_answered),
        cmocka_unit_test(what_is_no_family_is_refused),
    };

    if (argc > 1)
        queries = (size_t)strtoull(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
