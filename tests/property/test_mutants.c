/*
 * Mutants of random policies: those reported as equivalent are exactly those that
 * decide every query of the small world alike.
 */
#include "tests/support/harness.h"

#include <stdlib.h>
#include <unistd.h>

#include "analysis/mutants_build.h"
#include "compiler/image.h"
#include "compiler/images_equivalent.h"
#include "compiler/loaded_policy.h"
#include "tests/support/random.h"
#include "tests/support/small_world.h"

static int policies = 150;
static uint64_t seed = UINT64_C(0x853c49e6748fea9b);

/* A text compiled, if it can be. */
struct built {
    struct postern_rules *rules;
    struct pn_decoded decoded;
};

static bool
build(struct pn_loaded_policy *loaded, const struct pn_source *source,
      struct built *out)
{
    struct pn_diags diags = { 0 };
    int fd = pn_memory_file();
    bool good;

    assert_true(fd >= 0);
    *out = (struct built){ 0 };
    good = pn_loaded_policy_load(loaded, source, NULL, NULL, &diags) == PN_COMPILE_OK &&
           pn_loaded_policy_emit(loaded, fd, false) == PN_COMPILE_OK;
    if (good) {
        assert_int_equal(postern_rules_open_fd(fd, 0, &out->rules), POSTERN_OK);
        assert_int_equal(pn_image_decode(&out->decoded, fd), PN_DECODE_OK);
    }
    pn_diags_clear(&diags);
    close(fd);
    return good;
}

static void
built_clear(struct built *built)
{
    pn_decoded_clear(&built->decoded);
    postern_rules_close(built->rules);
}

/* What a client observes: the verdict, and the variable V. */
static void
answer(const struct postern_rules *rules, const struct pn_small_query *q, char out[16])
{
    char address[64];
    struct postern_decision d;
    struct postern_env env;

    pn_small_address(address, q->family, q->address);
    d = pn_test_decide(rules, address, q->host, q->ident);
    memset(out, 0, 16);
    out[0] = d.verdict == POSTERN_ALLOW ? '+' : '-';
    while (d.verdict == POSTERN_ALLOW && postern_env_next(&d.env, &env))
        memcpy(out + 1, env.value.ptr, env.value.len < 14 ? env.value.len : 14);
}

static bool
enumeration_same(const struct built *a, const struct built *b)
{
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };
                    char left[16], right[16];

                    answer(a->rules, &q, left);
                    answer(b->rules, &q, right);
                    if (memcmp(left, right, sizeof(left)) != 0)
                        return false;
                }
    return true;
}

/* Does what a mutant changes lie in the small world? A prefix that is widened, another
 * host and another ident may reach beyond it: then only one way holds. */
static bool
stays_inside(const struct pn_mutant *m, const char *text)
{
    bool host = memchr(text + m->span.offset, '=', m->span.size) != NULL;

    switch (m->mutation) {
    case PN_MUTANT_LONGER:
        return !host;
    case PN_MUTANT_DELETED:
    case PN_MUTANT_FLIPPED:
    case PN_MUTANT_DROPPED:
        return true;
    default:
        return false;
    }
}

static void
check_mutant(const struct built *before, const struct built *after,
             const struct pn_mutant *m, const char *text, size_t *same, size_t *other)
{
    struct pn_difference d;
    bool alike = enumeration_same(before, after);

    assert_int_equal(pn_images_equivalent(
                         (struct pn_image){ before->rules, &before->decoded },
                         (struct pn_image){ after->rules, &after->decoded }, &d, NULL),
                     POSTERN_OK);
    if (!d.found && !alike)
        fail_msg("%s is said to change nothing when %s at %u", text,
                 pn_mutation_names[m->mutation], m->span.offset);
    if (d.found && alike && stays_inside(m, text))
        fail_msg("%s is said to change something when %s at %u", text,
                 pn_mutation_names[m->mutation], m->span.offset);
    *same += !d.found;
    *other += d.found;
    pn_difference_clear(&d);
}

static void
mutants_that_change_nothing_are_known(void **state)
{
    struct pn_buffer text = { 0 };
    size_t same = 0, other = 0, kinds[PN_MUTATION_COUNT] = { 0 };

    (void)state;
    for (int n = 0; n < policies; n++) {
        struct pn_small_rule small[PN_SMALL_RULES_MAX + 1];
        struct pn_loaded_policy loaded, mutated;
        struct pn_source source;
        struct pn_mutants mutants;
        struct built before, after;

        (void)pn_small_policy(&seed, small, &text);
        assert_true(pn_source_from_text(&source, "p",
                                        (struct pn_str){ text.bytes, text.size }));
        assert_true(build(&loaded, &source, &before));
        pn_mutants_make(&mutants, &loaded.unit);
        assert_false(mutants.failed);
        for (size_t i = 0; i < mutants.count; i++) {
            struct pn_buffer changed = { 0 };
            struct pn_source mutant;

            pn_mutant_write(&mutants, &mutants.items[i], &source, &changed);
            assert_true(pn_source_from_text(
                &mutant, "m", (struct pn_str){ changed.bytes, changed.size }));
            if (build(&mutated, &mutant, &after)) {
                check_mutant(&before, &after, &mutants.items[i], mutant.text, &same,
                             &other);
                kinds[mutants.items[i].mutation]++;
            }
            built_clear(&after);
            pn_loaded_policy_clear(&mutated);
            pn_source_clear(&mutant);
            pn_buffer_free(&changed);
        }
        pn_mutants_clear(&mutants);
        built_clear(&before);
        pn_loaded_policy_clear(&loaded);
        pn_source_clear(&source);
    }
    assert_true(same > 0 && other > 0);
    for (size_t i = 0; i < PN_MUTATION_COUNT; i++)
        assert_true(kinds[i] > 0);
    pn_buffer_free(&text);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutants_that_change_nothing_are_known),
    };

    if (argc > 1)
        policies = (int)strtol(argv[1], NULL, 10) / 10 + 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
