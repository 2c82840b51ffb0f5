/*
 * A large set is one object for all rules that name it. Built by targets, where each
 * target adds all that it names, a policy comes to the same space.
 */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/loaded_policy.h"
#include "tests/support/random.h"

enum { POLICIES = 3000, MEMBERS = 12, SETS = 4, RULES = 12 };

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

/* The one list of each policy. */
static char list_text[1024];

static bool
read_list(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    (void)payload;
    (void)limit;
    if (strcmp(path, "l.txt") == 0)
        return pn_source_from_text(out, path,
                                   (struct pn_str){ list_text, strlen(list_text) });
    errno = ENOENT;
    return false;
}

/* Addresses, prefixes and ranges that lie in one another, begin and end alike. */
static void
address_write(struct pn_buffer *out)
{
    unsigned a = pick(4), b = pick(8);

    switch (pick(9)) {
    case 0:
        pn_buffer_add_format(out, "10.0.%u.%u", a, b);
        break;
    case 1:
        pn_buffer_add_format(out, "10.0.%u.0/%u", a, 24 + pick(3));
        break;
    case 2:
        pn_buffer_add_format(out, "10.0.0.0/%u", 8 + pick(15));
        break;
    case 3:
        pn_buffer_add_format(out, "10.0.%u.%u-10.0.%u.%u", a, b, a + pick(4),
                             b + pick(9));
        break;
    case 4:
        pn_buffer_add_format(out, "10.0.%u.", a);
        break;
    case 5:
        pn_buffer_add_format(out, "10.0.%u.%u-%u", a, b, b + pick(9));
        break;
    case 6:
        pn_buffer_add_format(out, "[2001:db8::%x]", a);
        break;
    case 7:
        pn_buffer_add_format(out, "[2001:db8::]/%u", 32 + pick(97));
        break;
    default:
        pn_buffer_add_format(out, "2001:db8::%x-2001:db8::%x", a, a + b);
        break;
    }
}

static void
target_write(struct pn_buffer *out, unsigned sets, bool hosts)
{
    unsigned kind = pick(10);

    if (sets && kind < 4)
        pn_buffer_add_format(out, "$%c%u", hosts && kind == 0 ? 'h' : 's', pick(sets));
    else if (hosts && kind == 4)
        pn_buffer_add_format(out, pick(8) ? "=h%u.example" : "=", pick(9));
    else if (kind == 5)
        pn_buffer_add_text(out, "file \"l.txt\"");
    else
        address_write(out);
}

static void
targets_write(struct pn_buffer *out, unsigned count, unsigned sets, bool hosts)
{
    for (unsigned i = 0; i < count; i++) {
        pn_buffer_add_text(out, i ? ", " : "");
        target_write(out, sets, hosts);
    }
}

/* Hosts stand where nothing is taken out, and idents where all targets have one. */
static void
policy_write(struct pn_buffer *out)
{
    pn_buffer_add_text(out, "postern: 1\n");
    for (unsigned i = 0; i < SETS; i++) {
        pn_buffer_add_format(out, "set s%u = ", i);
        targets_write(out, 1 + pick(MEMBERS + 6), i, false);
        if (!pick(3)) {
            pn_buffer_add_text(out, " except ");
            targets_write(out, 1 + pick(3), i, false);
        }
        pn_buffer_add_format(out, "\nset h%u = ", i);
        targets_write(out, MEMBERS, i, true);
        pn_buffer_add_text(out, "\n");
    }
    for (unsigned i = 0; i < RULES; i++) {
        bool except = !pick(2), ident = !except && !pick(4), block = !ident && !pick(4);

        if (ident)
            pn_buffer_add_format(out, "u%u@$%c%u", pick(2), pick(2) ? 's' : 'h',
                                 pick(SETS));
        else
            targets_write(out, 1 + pick(3), SETS, !except);
        if (except) {
            pn_buffer_add_text(out, " except ");
            targets_write(out, 1 + pick(3), SETS, false);
        }
        pn_buffer_add_text(out, block ? " : block\n" : " : deny\n");
    }
    pn_buffer_add_text(out, "* : deny\n");
    pn_buffer_add(out, "", 1);
}

struct built {
    struct pn_source source;
    struct pn_diags diags;
    struct pn_loaded_policy loaded;
};

/* False when the text is no policy, as some are. */
static bool
build(struct built *b, const char *text, bool by_target)
{
    const struct pn_policy_options options = { .by_target = by_target };
    const struct pn_reading reading = { .read = read_list };

    *b = (struct built){ .diags = { .limit = 1 } };
    assert_true(pn_source_from_text(&b->source, "sharing.rules",
                                    (struct pn_str){ text, strlen(text) }));
    return pn_loaded_policy_load_by(&b->loaded, &b->source, NULL, &options, &b->diags,
                                    reading) == PN_COMPILE_OK;
}

static void
built_clear(struct built *b)
{
    pn_loaded_policy_clear(&b->loaded);
    pn_source_clear(&b->source);
    pn_diags_clear(&b->diags);
}

/* The rule that has a number of the space that was built by targets. */
static uint32_t
rule_of(const struct built *by_target, uint32_t number)
{
    return number == PN_RULE_NONE ? number
                                  : by_target->loaded.policy.items[number].rule;
}

static void
same_prefixes(const struct pn_prefixes *a, const struct pn_prefixes *b,
              const struct built *by_target, const char *text)
{
    if (a->count != b->count)
        fail_msg("%zu prefixes, and %zu: %s", a->count, b->count, text);
    for (size_t i = 0; i < a->count; i++) {
        const struct pn_prefix *p = &a->items[i], *q = &b->items[i];

        if (p->start != q->start || p->length != q->length ||
            p->rank_length != q->rank_length || p->is_address != q->is_address ||
            p->rule != rule_of(by_target, q->rule))
            fail_msg("prefix %zu: rule %u, and %u: %s", i, p->rule,
                     rule_of(by_target, q->rule), text);
    }
}

static void
same_space(const struct built *shared, const struct built *by_target, const char *text)
{
    const struct pn_space *a = &shared->loaded.policy.space;
    const struct pn_space *b = &by_target->loaded.policy.space;

    assert_int_equal(a->group_count, b->group_count);
    for (size_t i = 0; i < a->group_count; i++) {
        const struct pn_group *g = &a->groups[i], *h = &b->groups[i];

        same_prefixes(&g->prefixes[PN_V4], &h->prefixes[PN_V4], by_target, text);
        same_prefixes(&g->prefixes[PN_V6], &h->prefixes[PN_V6], by_target, text);
        assert_int_equal(g->host_count, h->host_count);
        for (size_t k = 0; k < g->host_count; k++) {
            assert_int_equal(g->hosts[k].name, h->hosts[k].name);
            assert_int_equal(g->hosts[k].rule, rule_of(by_target, h->hosts[k].rule));
        }
        assert_int_equal(g->any_host, rule_of(by_target, h->any_host));
        assert_int_equal(g->fallback, rule_of(by_target, h->fallback));
    }
}

static void
shared_sets_come_to_what_each_rule_would_add(void **state)
{
    unsigned compared = 0;

    (void)state;
    for (int i = 0; i < POLICIES; i++) {
        struct pn_buffer text = { 0 }, list = { 0 };
        struct built shared, by_target;
        bool good;

        for (unsigned n = pick(12); n-- > 0;)
            pn_buffer_add_format(&list, "10.0.%u.%u%s\n", pick(4), pick(2) * 128,
                                 pick(2) ? "/25" : "");
        snprintf(list_text, sizeof(list_text), "%.*s", (int)list.size,
                 list.size ? list.bytes : "");
        policy_write(&text);
        assert_false(text.failed);
        good = build(&shared, text.bytes, false);
        assert_true(good == build(&by_target, text.bytes, true));
        if (good)
            same_space(&shared, &by_target, text.bytes);
        compared += good;
        built_clear(&shared);
        built_clear(&by_target);
        pn_buffer_free(&text);
        pn_buffer_free(&list);
    }
    assert_true(compared > POLICIES / 4); /* else they are no policies */
    printf("%u policies compared\n", compared);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_sets_come_to_what_each_rule_would_add),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
