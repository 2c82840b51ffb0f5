/*
 * Random proofs of random policies against enumeration: the same verdict, and whatever
 * is shown to break one does.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <unistd.h>

#include "compiler/image.h"
#include "compiler/loaded_policy.h"
#include "tests/support/random.h"
#include "tests/support/small_world.h"

enum { POLICIES = 4000, PROOFS = 4 };

enum assertion { ALLOW, DENY, SET, UNSET, ASSERTIONS };

struct proof {
    int family; /* 0: everything */
    unsigned first, last;
    bool outside, no_host, no_ident;
    enum assertion assertion;
};

static uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

static void
proof_make(struct proof *p)
{
    *p = (struct proof){ .family = (int)pick(3) * 2, .outside = pick(2) };
    p->family += p->family ? 2 : 0;
    p->first = pick(PN_SMALL_ADDRESSES);
    p->last = p->first + pick(PN_SMALL_ADDRESSES - p->first);
    p->no_host = pick(4) == 0;
    p->no_ident = pick(4) == 0;
    p->assertion = (enum assertion)pick(ASSERTIONS);
}

static void
proof_print(struct pn_buffer *text, const struct proof *p)
{
    static const char *const assertions[] = { "allow", "deny", "V=\"1\"", "!V" };
    char first[64], last[64];

    pn_buffer_add_text(text, p->outside ? "always !" : "always ");
    pn_small_address(first, p->family, p->first);
    pn_small_address(last, p->family, p->last);
    if (p->family)
        pn_buffer_add_format(text, "%s-%s", first, last);
    else
        pn_buffer_add_text(text, "*");
    pn_buffer_add_format(text, " : %s%s%s\n", assertions[p->assertion],
                         p->no_host ? " assuming no host" : "",
                         p->no_ident ? ", assuming no ident" : "");
}

static bool
is_within(const struct proof *p, const struct pn_small_query *q)
{
    bool inside = !p->family || (p->family == q->family && q->address >= p->first &&
                                 q->address <= p->last);

    return inside != p->outside && !(p->no_host && q->host) &&
           !(p->no_ident && q->ident);
}

static bool
fulfils(const struct proof *p, const struct pn_small_rule *rule)
{
    bool denies = rule->deny || rule->block;

    switch (p->assertion) {
    case ALLOW:
        return !denies;
    case DENY:
        return denies;
    case SET:
        return !denies && rule->value == 1;
    case UNSET:
        return denies || !rule->value;
    case ASSERTIONS:
        break;
    }
    return false;
}

static bool
holds(const struct proof *p, const struct pn_small_rule *rules, size_t count)
{
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };

                    if (is_within(p, &q) &&
                        !fulfils(p, &rules[pn_small_decide(rules, count, &q)]))
                        return false;
                }
    return true;
}

struct check {
    const struct proof *proofs;
    const struct pn_small_rule *rules;
    size_t count, next;
    const char *text;
};

/* A query of the program as one of the small world. */
static struct pn_small_query
small_of(const struct postern_query *query, char *host, char *ident)
{
    struct pn_small_query q = { query->remote.family, PN_SMALL_GAP, NULL, NULL };
    char text[POSTERN_ADDR_TEXT_SIZE], other[64];

    postern_addr_print(&query->remote, text);
    for (unsigned n = 0; n < PN_SMALL_ADDRESSES; n++) {
        struct postern_addr addr;

        pn_small_address(other, q.family, n);
        assert_true(postern_addr_parse(other, strlen(other), &addr));
        if (memcmp(&addr, &query->remote, sizeof(addr)) == 0)
            q.address = n;
    }
    if (query->host.ptr) {
        snprintf(host, 64, "%.*s", (int)query->host.len, query->host.ptr);
        q.host = host;
    }
    if (query->ident.ptr) {
        snprintf(ident, 64, "%.*s", (int)query->ident.len, query->ident.ptr);
        q.ident = ident;
    }
    return q;
}

static void
check_proof(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct check *check = payload;
    const struct proof *p = &check->proofs[check->next++];
    bool want = holds(p, check->rules, check->count);
    char host[64], ident[64];
    struct pn_small_query q;
    size_t rule;

    (void)prover;
    if (proof->holds != want)
        fail_msg("%s: proof %zu is said to be %d", check->text, check->next,
                 proof->holds);
    if (want)
        return;
    q = small_of(&proof->query, host, ident);
    rule = pn_small_decide(check->rules, check->count, &q);
    if (!is_within(p, &q) || fulfils(p, &check->rules[rule]) ||
        rule != proof->decision.rule)
        fail_msg("%s: proof %zu is not broken by %s@ family %d address %u =%s",
                 check->text, check->next, q.ident ? q.ident : "(none)", q.family,
                 q.address, q.host ? q.host : "(none)");
}

static void
check_policy(struct check *check, struct pn_buffer *text)
{
    struct pn_diags diags = { .limit = 1 };
    struct pn_loaded_policy loaded;
    struct pn_source source;
    int fd = pn_memory_file();

    assert_true(fd >= 0);
    assert_true(
        pn_source_from_text(&source, "-", (struct pn_str){ text->bytes, text->size }));
    pn_buffer_add(text, "", 1);
    check->text = text->bytes;
    if (pn_loaded_policy_load(&loaded, &source, NULL, NULL, &diags) != PN_COMPILE_OK)
        fail_msg("%s", text->bytes);
    assert_int_equal(pn_loaded_policy_emit(&loaded, fd, false), PN_COMPILE_OK);
    assert_int_equal(pn_loaded_policy_prove(&loaded, fd, check_proof, check),
                     PN_COMPILE_OK);
    assert_int_equal(check->next, PROOFS);
    pn_loaded_policy_clear(&loaded);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    close(fd);
}

static void
proofs_agree_with_enumeration(void **state)
{
    struct pn_buffer text = { 0 };

    (void)state;
    for (int n = 0; n < POLICIES; n++) {
        struct pn_small_rule rules[PN_SMALL_RULES_MAX + 1];
        struct proof proofs[PROOFS];
        struct check check = { .proofs = proofs,
                               .rules = rules,
                               .count = pn_small_policy(&seed, rules, &text) };

        for (size_t i = 0; i < PROOFS; i++) {
            proof_make(&proofs[i]);
            proof_print(&text, &proofs[i]);
        }
        check_policy(&check, &text);
    }
    pn_buffer_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_agree_with_enumeration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
