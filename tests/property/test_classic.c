/*
 * What is said of classic files, held to look-ups of text: random files of all forms of
 * keys, and clients of every pattern of zero groups, spelt by a printer of its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/difference.h"
#include "compiler/equal.h"
#include "tests/support/harness.h"
#include "tests/support/lint_world.h"
#include "tests/support/oracle.h"
#include "tests/support/random.h"
#include "tools/lint_fix.h"
#include "tools/served.h"

#define NOBODY (POSTERN_RULE_NONE - 1)

enum { FILES = 20000, RULES = 7, CLIENTS = 60, GROUPS = 8, LONGEST_KEY = 120 };

static int files = FILES; /* an argument gives another number */
static uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

struct file {
    struct pn_oracle_rule rules[RULES];
    size_t count;
    char text[RULES * (PN_ORACLE_TEXT + 32)];
};

struct client {
    struct postern_addr address;
    char text[64];
    const char *host, *ident;
};

/* As the patched original writes it: the first longest run of zero groups, if any. */
static void
spell(const unsigned groups[GROUPS], char *out)
{
    int start = -1, longest = 0;

    for (int i = 0; i < GROUPS; i++) {
        int length = 0;

        while (i + length < GROUPS && groups[i + length] == 0)
            length++;
        if (length > longest) {
            longest = length;
            start = i;
        }
    }
    *out = '\0';
    for (int i = 0; i < GROUPS; i++) {
        if (i == start) {
            out += snprintf(out, 3, "::");
            i += longest - 1;
            continue;
        }
        out += snprintf(out, 6, "%x%s", groups[i],
                        i + 1 < GROUPS && i + 1 != start ? ":" : "");
    }
}

static void
random_groups(unsigned groups[GROUPS])
{
    static const unsigned values[] = { 0x2001, 0xdb8, 1, 0xffff, 0xa, 2, 0xfe80, 7 };
    unsigned pattern = pick(256), wild = pick(4);

    for (unsigned i = 0; i < GROUPS; i++) {
        groups[i] = pattern >> i & 1 ? values[i] : 0;
        if (!wild && groups[i] && !pick(4))
            groups[i] = values[pick(GROUPS)];
    }
}

static const char *const hosts[] = { NULL,     NULL, NULL, "mx.a",
                                     "y.mx.a", "b",  ".",  "a\\040b" };
static const char *const idents[] = { NULL, NULL, NULL, "joe", "", "a@b", "joe@=a" };

static void
random_address(struct client *out)
{
    unsigned groups[GROUPS];
    char text[64];

    random_groups(groups);
    out->address = (struct postern_addr){ .family = 6 };
    for (unsigned i = 0; i < GROUPS; i++) {
        out->address.bytes[2 * i] = (uint8_t)(groups[i] >> 8);
        out->address.bytes[2 * i + 1] = (uint8_t)groups[i];
    }
    spell(groups, text);
    if (pick(8) == 0 || strncmp(text, "::ffff:", 7) == 0) {
        bool mapped = text[0] == ':' && strchr(text + 7, ':') &&
                      strchr(strchr(text + 7, ':') + 1, ':');

        if (!mapped) {
            snprintf(text, sizeof(text), "%u.%u.%u.%u", 9 + pick(3), pick(2), pick(2),
                     1 + pick(2));
            assert_true(postern_addr_parse(text, strlen(text), &out->address));
        }
    }
    memcpy(out->text, text, sizeof(text));
}

static void
random_client(struct client *out)
{
    random_address(out);
    out->host = hosts[pick(PN_COUNT_OF(hosts))];
    out->ident = idents[pick(PN_COUNT_OF(idents))];
}

/* What begins some address's text, or nearly. */
static void
random_prefix(char *out)
{
    struct client client;
    size_t len, cuts[32], count = 0;

    random_address(&client);
    len = strlen(client.text);
    for (size_t i = 0; i < len; i++)
        if (client.text[i] == ':' || client.text[i] == '.')
            cuts[count++] = i + 1;
    snprintf(out, LONGEST_KEY, "%s", client.text);
    if (count)
        out[cuts[pick((unsigned)count)]] = '\0';
    if (pick(6) == 0) /* a group of zeros more, or a colon */
        snprintf(out + strlen(out), 3, "%s", pick(2) ? "0:" : ":");
}

static const char *const fixed_keys[] = { "",
                                          "",
                                          "=",
                                          "=mx.a",
                                          "=.a",
                                          "=.",
                                          "=.mx.a",
                                          "=mx.a.",
                                          "=a..b",
                                          "=..a",
                                          "=a\\040b",
                                          ":",
                                          "::",
                                          "::ffff:",
                                          "::1.2.3.4",
                                          "::1.",
                                          "64:ff9b::",
                                          "0:0:1:",
                                          "0:",
                                          "0:0:",
                                          "2001:0:",
                                          "2001::",
                                          "2001:db8::1:",
                                          "2001:db8:zz:",
                                          "1.2",
                                          "10.",
                                          "10.0.",
                                          "9.1.0.1",
                                          "10.0.0.1.",
                                          "2001:db8:",
                                          "fe80::",
                                          "::1",
                                          "joe@",
                                          "joe@10.",
                                          "@9.0.0.1",
                                          "joe@=mx.a",
                                          "a@b@=b",
                                          "@=b",
                                          "joe@=.",
                                          "joe@=.a",
                                          "joe@=a@10.0.0.1" };

static void
random_key(char *out)
{
    struct client client;

    switch (pick(8)) {
    case 0:
    case 1:
        snprintf(out, LONGEST_KEY, "%s", fixed_keys[pick(PN_COUNT_OF(fixed_keys))]);
        break;
    case 2:
        random_address(&client);
        snprintf(out, LONGEST_KEY, "%s", client.text);
        break;
    case 3:
        random_address(&client);
        client.ident = idents[3 + pick(PN_COUNT_OF(idents) - 3)];
        snprintf(out, LONGEST_KEY, "%s@%s", client.ident, client.text);
        break;
    default:
        random_prefix(out);
    }
}

static void
random_file(struct file *f)
{
    size_t size = 0;

    f->count = 1 + pick(RULES);
    for (size_t i = 0; i < f->count; i++) {
        random_key(f->rules[i].key);
        f->rules[i].deny = pick(2);
        size += (size_t)snprintf(f->text + size, sizeof(f->text) - size, "%s:%s%s",
                                 f->rules[i].key, f->rules[i].deny ? "deny" : "allow",
                                 f->rules[i].deny || pick(2) ? "\n" : ",V=\"1\"\n");
    }
}

static struct postern_query
query_of(const struct client *c)
{
    struct postern_query q = { .struct_size = sizeof(q), .remote = c->address };

    if (c->host)
        q.host = (struct postern_str){ c->host, strlen(c->host) };
    if (c->ident)
        q.ident = (struct postern_str){ c->ident, strlen(c->ident) };
    return q;
}

static int
truth_of(const struct file *f, const struct client *c)
{
    return pn_oracle_decide(f->rules, f->count,
                            (struct pn_oracle_query){ c->text, c->host, c->ident });
}

static void
broken(const struct file *f, const struct client *c, const char *what)
{
    fail_msg("%s: %s@%s =%s of\n%s", what, c->ident ? c->ident : "-", c->text,
             c->host ? c->host : "-", f->text);
}

/* The key of the rule that an image names. */
static struct postern_str
target_of(const struct postern_rules *rules, uint32_t rule)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (rule >= NOBODY || postern_rules_origin(rules, rule, &origin) != POSTERN_OK ||
        !origin.target.ptr)
        return (struct postern_str){ NULL, 0 }; /* what nobody wrote allows */
    return origin.target;
}

static bool
is_truth(const struct file *f, int truth, struct postern_str target)
{
    const char *key = truth < 0 ? "" : f->rules[truth].key;

    return truth < 0 ? !target.len
                     : target.ptr && target.len == strlen(key) &&
                           memcmp(target.ptr, key, target.len) == 0;
}

/* A number for each rule, and for none. */
static uint32_t
number_of(void *payload, uint32_t rule)
{
    (void)payload;
    return rule == POSTERN_RULE_NONE ? NOBODY : rule;
}

/* An image answers so, and each client is in one block, of the rule that decides it. */
static void
check_image(const struct file *f, const struct postern_rules *rules,
            const struct pn_lifted *lifted)
{
    struct pn_regions r = { .sides = { { rules, lifted, number_of, NULL } },
                            .side_count = 1,
                            .host = PN_ASK_ALL,
                            .ident = PN_ASK_ALL };
    struct pn_regions plain = { .sides = { { rules, lifted, number_of, NULL } },
                                .side_count = 1 };
    struct pn_blocks blocks;
    pn_number sum = 0;

    pn_blocks_collect(&blocks, &r);
    assert_int_equal(blocks.status, POSTERN_OK);
    for (int n = 0; n < CLIENTS; n++) {
        struct postern_decision d = POSTERN_DECISION_INIT;
        struct postern_query q;
        struct client c;
        size_t in = 0;
        int truth;

        random_client(&c);
        q = query_of(&c);
        truth = truth_of(f, &c);
        assert_int_equal(postern_rules_decide(rules, &q, &d), POSTERN_OK);
        if (!is_truth(f, truth, target_of(rules, d.rule)))
            broken(f, &c, "decided");
        for (size_t i = 0; i < blocks.count; i++)
            if (pn_block_holds(&blocks, &blocks.items[i], &q)) {
                in++;
                if (!is_truth(f, truth, target_of(rules, blocks.items[i].class)))
                    broken(f, &c, "in a block of another rule");
            }
        if (in != 1)
            broken(f, &c, in ? "in two blocks" : "in no block");
    }
    for (size_t i = 0; i < blocks.count; i++) {
        struct postern_query q = pn_block_witness(&blocks, &blocks.items[i]);
        struct postern_decision d = POSTERN_DECISION_INIT;

        assert_int_equal(postern_rules_decide(rules, &q, &d), POSTERN_OK);
        if (number_of(NULL, d.rule) != blocks.items[i].class ||
            !pn_block_holds(&blocks, &blocks.items[i], &q))
            fail_msg("a witness that is none: %s", f->text);
    }
    pn_blocks_clear(&blocks);
    pn_regions_clear(&r);
    pn_blocks_collect(&blocks, &plain);
    for (size_t i = 0; i < blocks.count; i++)
        sum += pn_block_size(&blocks, &blocks.items[i]);
    if (sum) /* 2^128, of both families */
        fail_msg("the sizes are not those of all addresses: %s", f->text);
    pn_blocks_clear(&blocks);
    pn_regions_clear(&plain);
}

static void
serve(const struct file *f, struct pn_source *source, struct pn_served *out)
{
    struct pn_serving how = { .reading = { NULL, NULL, NULL } };

    assert_true(pn_source_from_text(source, "r.rules",
                                    (struct pn_str){ f->text, strlen(f->text) }));
    assert_true(pn_served_make(out, source, &how));
    assert_non_null(out->rules);
}

static bool
decisions_differ(const struct postern_decision *a, const struct postern_decision *b)
{
    return a->verdict != b->verdict ||
           (a->env.at == a->env.end) != (b->env.at == b->env.end);
}

/* Whom a change changes. */
static void
check_change(const struct file *old, const struct file *new)
{
    struct pn_change_question question = { .no_host = false };
    struct postern_rules *rules[2];
    struct pn_lifted lifted[2];
    struct pn_side sides[2];
    struct pn_changes changes;

    for (size_t i = 0; i < 2; i++) {
        const char *text = i ? new->text : old->text;

        pn_test_lift(text, strlen(text), &rules[i], &lifted[i]);
        sides[i] = (struct pn_side){ rules[i], &lifted[i], number_of, NULL };
    }
    assert_int_equal(pn_changes_find(&changes, sides, &question), POSTERN_OK);
    for (int n = 0; n < CLIENTS; n++) {
        struct postern_decision d[2] = { POSTERN_DECISION_INIT, POSTERN_DECISION_INIT };
        struct postern_query q;
        struct client c;
        bool told = false;

        random_client(&c);
        q = query_of(&c);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(postern_rules_decide(rules[i], &q, &d[i]), POSTERN_OK);
        for (size_t i = 0; i < changes.blocks.count; i++)
            told |= pn_block_holds(&changes.blocks, &changes.blocks.items[i], &q);
        if (decisions_differ(&d[0], &d[1]) != told)
            broken(old, &c, new->text);
    }
    pn_changes_clear(&changes);
    for (size_t i = 0; i < 2; i++) {
        postern_rules_close(rules[i]);
        pn_lifted_clear(&lifted[i]);
    }
}

static const char *const no_client[] = { "P116", "P201", "P202", "P203" };
/* What the linter says nobody asks for, nobody does; what it mends decides alike. */
static void
check_lint(const struct file *f, struct postern_rules *rules)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_fix_operand operand = { .name = "r.rules", .options = &options };
    struct pn_tool tool = { 0 };
    struct pn_fixing fixing = { .tool = &tool, .operands = &operand, .count = 1 };
    struct pn_drafts drafts = { 0 };
    struct pn_lint_world lint;
    struct postern_rules *fixed;
    struct pn_source source;
    bool on[PN_CHECK_COUNT];

    pn_lint_world_run(&lint, &options, f->text, strlen(f->text));
    for (int n = 0; n < CLIENTS; n++) {
        struct client c;
        int truth;

        random_client(&c);
        truth = truth_of(f, &c);
        if (truth < 0)
            continue;
        for (size_t i = 0; i < lint.report.count; i++) {
            const struct pn_finding *finding = &lint.report.items[i];
            const char *code = pn_check_info[finding->check].code;

            for (size_t k = 0; k < PN_COUNT_OF(no_client); k++)
                if (finding->at.line == (unsigned)truth + 1 &&
                    !strcmp(code, no_client[k]))
                    broken(f, &c, code);
        }
    }
    pn_lint_world_clear(&lint);
    for (int i = 0; i < PN_CHECK_COUNT; i++)
        on[i] = true;
    operand.on = on;
    assert_true(pn_source_from_text(&source, "r.rules",
                                    (struct pn_str){ f->text, strlen(f->text) }));
    assert_non_null(pn_drafts_get(&drafts, &source));
    pn_source_clear(&source);
    assert_int_equal(pn_fix_run(&fixing, &drafts), PN_EXIT_OK);
    fixed = pn_test_rules(drafts.items[0].text.bytes, drafts.items[0].text.size);
    for (int n = 0; n < CLIENTS; n++) {
        struct postern_decision a = POSTERN_DECISION_INIT, b = POSTERN_DECISION_INIT;
        struct postern_query q;
        struct client c;

        random_client(&c);
        q = query_of(&c);
        assert_int_equal(postern_rules_decide(rules, &q, &a), POSTERN_OK);
        assert_int_equal(postern_rules_decide(fixed, &q, &b), POSTERN_OK);
        if (decisions_differ(&a, &b))
            broken(f, &c, drafts.items[0].text.bytes);
    }
    postern_rules_close(fixed);
    pn_fix_operand_clear(&operand);
    pn_drafts_clear(&drafts);
}

static void
nothing_said_of_a_classic_file_is_contradicted(void **state)
{
    struct file f, before = { .count = 0, .text = "" };

    (void)state;
    for (int n = 0; n < files; n++) {
        struct postern_rules *rules;
        struct pn_lifted lifted;
        struct pn_source source;
        struct pn_served served;
        struct pn_difference difference;

        random_file(&f);
        pn_test_lift(f.text, strlen(f.text), &rules, &lifted);
        check_image(&f, rules, &lifted);
        serve(&f, &source, &served);
        check_image(&f, served.rules, &served.lifted);
        assert_int_equal(pn_images_compare((struct pn_image){ rules, &lifted },
                                           pn_served_image(&served), &difference),
                         POSTERN_OK);
        if (difference.found)
            fail_msg("classic and native differ: %s", f.text);
        pn_difference_clear(&difference);
        check_lint(&f, rules);
        check_change(&before, &f);
        before = f;
        pn_served_clear(&served);
        pn_source_clear(&source);
        postern_rules_close(rules);
        pn_lifted_clear(&lifted);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_of_a_classic_file_is_contradicted),
    };

    if (argc > 1)
        files = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
