/*
 * Every policy of a tiny world: three-bit addresses, two labels, two idents, the rules
 * of every kind over them, and a default. All of up to two rules, and of three up to
 * renaming of idents and labels and to mirrored addresses, for every query that can
 * tell rules apart. An argument caps the run, in seconds; without one it is whole.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "compiler/compile.h"
#include "compiler/image.h"
#include "tests/support/small_world.h"
#include "tests/support/survey_check.h"

enum { RULES_MAX = 400, MIRRORS = 8, SYMMETRIES = MIRRORS * 2 * 2, MOST = 3 };

static struct pn_small_rule rules[RULES_MAX];
static size_t rule_count;
static uint16_t image_of[SYMMETRIES][RULES_MAX]; /* of a rule, its like */
static double seconds;                           /* 0: no cap */

static const char *const hosts[] = { "a", "b", "a.b", "b.a", "a.a", "b.b" };
static const char *const suffixes[] = { ".a", ".b", ".a.b", ".b.a" };
static const char *const idents[] = { NULL, "i", "j" };

/* One of each name that some rules distinguish, and none. */
static const char *const asked_hosts[] = { NULL,  "a",   "b",     "a.b",   "b.a", "a.a",
                                           "b.b", "x.a", "x.a.b", "x.b.a", "x.b", "x" };
static const char *const asked_idents[] = { NULL, "i", "j", "k" };

static void
rule_keep(struct pn_small_rule rule)
{
    for (int verdict = 0; verdict < 3; verdict++) {
        rule.deny = verdict == 1;
        rule.block = verdict == 2;
        if (rule.block && (rule.ident || rule.kind == PN_SMALL_DEFAULT))
            continue;
        assert_true(rule_count < RULES_MAX);
        rules[rule_count++] = rule;
    }
}

static void
rules_make(void)
{
    for (size_t n = 0; n < PN_COUNT_OF(idents); n++) {
        struct pn_small_rule rule = { .ident = idents[n], .family = 4, .host = "" };

        for (unsigned length = 0; length <= 3; length++)
            for (unsigned first = 0; first < 8; first += 8u >> length) {
                rule.kind = PN_SMALL_PREFIX;
                rule.length = length;
                rule.first = first;
                rule.last = first + (8u >> length) - 1;
                rule_keep(rule);
                rule.kind = PN_SMALL_ADDRESS;
                if (length == 3)
                    rule_keep(rule);
            }
        for (size_t i = 0; i < PN_COUNT_OF(hosts); i++) {
            rule.kind = PN_SMALL_HOST;
            rule.host = hosts[i];
            rule_keep(rule);
        }
        for (size_t i = 0; i < PN_COUNT_OF(suffixes); i++) {
            rule.kind = PN_SMALL_SUFFIX;
            rule.host = suffixes[i];
            rule_keep(rule);
        }
        rule.host = "";
        rule.kind = PN_SMALL_ANY_HOST;
        rule_keep(rule);
        rule.kind = PN_SMALL_DEFAULT;
        if (rule.ident)
            rule_keep(rule);
    }
}

static bool
same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool
has_addresses(const struct pn_small_rule *rule)
{
    return rule->kind == PN_SMALL_ADDRESS || rule->kind == PN_SMALL_PREFIX;
}

static size_t
rule_find(const struct pn_small_rule *wanted)
{
    for (size_t i = 0; i < rule_count; i++) {
        const struct pn_small_rule *r = &rules[i];

        if (r->kind == wanted->kind && r->deny == wanted->deny &&
            r->block == wanted->block && same_text(r->ident, wanted->ident) &&
            same_text(r->host, wanted->host) &&
            (!has_addresses(r) ||
             (r->first == wanted->first && r->length == wanted->length)))
            return i;
    }
    fail_msg("a rule has no image");
    return 0;
}

/* The name with its labels swapped. */
static const char *
other_labels(const char *name, char *out)
{
    size_t len = strlen(name);

    for (size_t i = 0; i <= len; i++)
        out[i] = name[i] == 'a' ? 'b' : name[i] == 'b' ? 'a' : name[i];
    return out;
}

static void
images_make(void)
{
    for (unsigned s = 0; s < SYMMETRIES; s++)
        for (size_t i = 0; i < rule_count; i++) {
            struct pn_small_rule rule = rules[i];
            char name[16];

            if (has_addresses(&rule)) {
                rule.first = (rule.first ^ s % MIRRORS) & ~((8u >> rule.length) - 1);
                rule.last = rule.first + (8u >> rule.length) - 1;
            }
            if (s / MIRRORS & 1)
                rule.host = other_labels(rule.host, name);
            if (s / MIRRORS & 2 && rule.ident)
                rule.ident = *rule.ident == 'i' ? "j" : "i";
            image_of[s][i] = (uint16_t)rule_find(&rule);
        }
}

static void
sort3(uint16_t *v)
{
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2 - i; k++)
            if (v[k] > v[k + 1]) {
                uint16_t swap = v[k];
                v[k] = v[k + 1];
                v[k + 1] = swap;
            }
}

/* Of all policies that are one up to symmetry, the first stands for them. */
static bool
stands_for_its_like(const uint16_t *policy)
{
    for (unsigned s = 1; s < SYMMETRIES; s++) {
        uint16_t image[MOST];

        for (int i = 0; i < MOST; i++)
            image[i] = image_of[s][policy[i]];
        sort3(image);
        for (int i = 0; i < MOST; i++) {
            if (image[i] < policy[i])
                return false;
            if (image[i] > policy[i])
                break;
        }
    }
    return true;
}

static void
rule_print(struct pn_buffer *text, const struct pn_small_rule *rule)
{
    if (rule->ident)
        pn_buffer_add_format(text, "%s@", rule->ident);
    if (rule->kind == PN_SMALL_ADDRESS)
        pn_buffer_add_format(text, "10.0.0.%u", rule->first);
    else if (rule->kind == PN_SMALL_PREFIX)
        pn_buffer_add_format(text, "10.0.0.%u/%u", rule->first, 29 + rule->length);
    else if (rule->kind == PN_SMALL_DEFAULT)
        pn_buffer_add_text(text, "*");
    else
        pn_buffer_add_format(text, "=%s", rule->host);
    pn_buffer_add_text(text, rule->block  ? " : block\n"
                             : rule->deny ? " : deny\n"
                                          : " : allow\n");
}

static void
policy_check(const struct postern_rules *image, const struct pn_small_rule *policy,
             size_t count, const char *text)
{
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < PN_COUNT_OF(asked_hosts); h++)
            for (size_t i = 0; i < PN_COUNT_OF(asked_idents); i++) {
                struct pn_small_query q = { 4, n, asked_hosts[h], asked_idents[i] };
                size_t want = pn_small_decide(policy, count, &q);
                struct postern_decision d;
                char address[64];

                pn_small_address(address, 4, n);
                d = pn_test_decide(image, address, q.host, q.ident);
                if (d.rule != want)
                    fail_msg("%s%s@%s =%s: rule %u, not %zu", text,
                             q.ident ? q.ident : "(none)", address,
                             q.host ? q.host : "(none)", d.rule, want);
            }
}

/* For each rule: does it decide anything, is it needed? */
static void
survey_try(const struct pn_small_rule *policy, size_t count,
           const struct pn_buffer *text)
{
    struct pn_survey_case w = { .count = count,
                                .item_count = count,
                                .text = *text,
                                .hosts = asked_hosts,
                                .host_count = PN_COUNT_OF(asked_hosts),
                                .idents = asked_idents,
                                .ident_count = PN_COUNT_OF(asked_idents) };

    for (size_t i = 0; i < count; i++) {
        w.rules[i] = policy[i];
        w.items[i] = i;
    }
    for (int profile = 0; profile < 4; profile++) {
        w.profile =
            (struct pn_profile){ .no_host = profile & 1, .no_ident = profile & 2 };
        pn_survey_check(&w);
    }
}

/* The rules, and a default of either verdict behind them. */
static void
policy_try(const uint16_t *numbers, size_t count, struct pn_buffer *text)
{
    struct pn_small_rule policy[MOST + 1];
    struct postern_rules *image;

    text->size = 0;
    pn_buffer_add_text(text, "postern: 1\n");
    for (size_t i = 0; i < count; i++) {
        policy[i] = rules[numbers[i]];
        rule_print(text, &policy[i]);
    }
    policy[count] = (struct pn_small_rule){ .kind = PN_SMALL_DEFAULT, .host = "" };
    rule_print(text, &policy[count]);
    image = pn_test_rules(text->bytes, text->size);
    pn_buffer_add(text, "", 1);
    policy_check(image, policy, count + 1, text->bytes);
    postern_rules_close(image);
    text->size--;
    survey_try(policy, count + 1, text);
}

static bool
time_is_up(const struct timespec *start)
{
    struct timespec now;

    if (seconds <= 0)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) > seconds;
}

static void
every_policy_of_two_rules_agrees(void **state)
{
    struct pn_buffer text = { 0 };
    struct timespec start;
    size_t tried = 0;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (uint16_t i = 0; i < rule_count; i++) {
        policy_try(&i, 1, &text);
        for (uint16_t k = 0; k < rule_count && !time_is_up(&start); k++, tried++)
            policy_try((uint16_t[]){ i, k }, 2, &text);
    }
    print_message("%zu rules, %zu policies of two\n", rule_count, tried);
    pn_buffer_free(&text);
}

/* Those of three in steps that are prime to all, so that a capped run sees some of
 * each. */
static void
every_policy_of_three_rules_agrees(void **state)
{
    enum { STRIDE = 7919 };
    size_t pairs = rule_count * rule_count, tried = 0, seen = 0;
    struct pn_buffer text = { 0 };
    struct timespec start;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (size_t n = 0, at = 0; n < pairs && !time_is_up(&start);
         n++, at = (at + STRIDE) % pairs, seen++) {
        uint16_t policy[MOST] = { (uint16_t)(at / rule_count),
                                  (uint16_t)(at % rule_count), 0 };

        if (policy[0] > policy[1])
            continue;
        for (policy[2] = policy[1]; policy[2] < rule_count; policy[2]++)
            if (stands_for_its_like(policy)) {
                policy_try(policy, MOST, &text);
                tried++;
            }
    }
    print_message("%zu policies of three, %zu %% of the pairs they begin with\n", tried,
                  100 * seen / pairs);
    pn_buffer_free(&text);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy_of_two_rules_agrees),
        cmocka_unit_test(every_policy_of_three_rules_agrees),
    };

    if (argc > 1)
        seconds = strtod(argv[1], NULL);
    rules_make();
    images_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
