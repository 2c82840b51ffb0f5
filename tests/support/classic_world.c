/* See classic_world.h. */
#include "tests/support/classic_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/harness.h"
#include "tests/support/random.h"

enum { LONGEST_KEY = 120 };

/* As the patched original writes it: the first longest run of zero groups, if any. */
void
pn_classic_spell(const unsigned groups[PN_CLASSIC_GROUPS], char *out)
{
    int start = -1, longest = 0;

    for (int i = 0; i < PN_CLASSIC_GROUPS; i++) {
        int length = 0;

        while (i + length < PN_CLASSIC_GROUPS && groups[i + length] == 0)
            length++;
        if (length > longest) {
            longest = length;
            start = i;
        }
    }
    *out = '\0';
    for (int i = 0; i < PN_CLASSIC_GROUPS; i++) {
        if (i == start) {
            out += snprintf(out, 3, "::");
            i += longest - 1;
            continue;
        }
        out += snprintf(out, 6, "%x%s", groups[i],
                        i + 1 < PN_CLASSIC_GROUPS && i + 1 != start ? ":" : "");
    }
}

static void
random_groups(uint64_t *seed, unsigned groups[PN_CLASSIC_GROUPS])
{
    static const unsigned values[] = { 0x2001, 0xdb8, 1, 0xffff, 0xa, 2, 0xfe80, 7 };
    unsigned pattern = pn_test_pick(seed, 256), wild = pn_test_pick(seed, 4);

    for (unsigned i = 0; i < PN_CLASSIC_GROUPS; i++) {
        groups[i] = pattern >> i & 1 ? values[i] : 0;
        if (!wild && groups[i] && !pn_test_pick(seed, 4))
            groups[i] = values[pn_test_pick(seed, PN_CLASSIC_GROUPS)];
    }
}

static const char *const hosts[] = { NULL,     NULL, NULL, "mx.a",
                                     "y.mx.a", "b",  ".",  "a\\040b" };
static const char *const idents[] = { NULL, NULL, NULL, "joe", "", "a@b", "joe@=a" };

void
pn_classic_client_of(const struct postern_addr *address, struct pn_classic_client *out)
{
    unsigned groups[PN_CLASSIC_GROUPS];

    *out = (struct pn_classic_client){ .address = *address };
    if (address->family == 4) {
        postern_addr_print(address, out->text);
        return;
    }
    for (unsigned i = 0; i < PN_CLASSIC_GROUPS; i++)
        groups[i] = (unsigned)address->bytes[2 * i] << 8 | address->bytes[2 * i + 1];
    pn_classic_spell(groups, out->text);
}

static bool
is_mapped(const unsigned groups[PN_CLASSIC_GROUPS])
{
    for (unsigned i = 0; i < 5; i++)
        if (groups[i])
            return false;
    return groups[5] == 0xffff;
}

static void
random_address(uint64_t *seed, struct pn_classic_client *out)
{
    struct postern_addr address = { .family = 6 };
    unsigned groups[PN_CLASSIC_GROUPS];
    char text[32];

    random_groups(seed, groups);
    for (unsigned i = 0; i < PN_CLASSIC_GROUPS; i++) {
        address.bytes[2 * i] = (uint8_t)(groups[i] >> 8);
        address.bytes[2 * i + 1] = (uint8_t)groups[i];
    }
    if (pn_test_pick(seed, 8) == 0 || is_mapped(groups)) {
        snprintf(text, sizeof(text), "%u.%u.%u.%u", 9 + pn_test_pick(seed, 3),
                 pn_test_pick(seed, 2), pn_test_pick(seed, 2),
                 1 + pn_test_pick(seed, 2));
        assert_true(postern_addr_parse(text, strlen(text), &address));
    }
    pn_classic_client_of(&address, out);
}

void
pn_classic_random_client(uint64_t *seed, struct pn_classic_client *out)
{
    random_address(seed, out);
    out->host = hosts[pn_test_pick(seed, PN_COUNT_OF(hosts))];
    out->ident = idents[pn_test_pick(seed, PN_COUNT_OF(idents))];
}

/* What begins some address's text, or nearly. */
static void
random_prefix(uint64_t *seed, char *out)
{
    struct pn_classic_client client;
    size_t len, cuts[32], count = 0;

    random_address(seed, &client);
    len = strlen(client.text);
    for (size_t i = 0; i < len; i++)
        if (client.text[i] == ':' || client.text[i] == '.')
            cuts[count++] = i + 1;
    snprintf(out, LONGEST_KEY, "%s", client.text);
    if (count)
        out[cuts[pn_test_pick(seed, (unsigned)count)]] = '\0';
    if (pn_test_pick(seed, 6) == 0) /* a group of zeros more, or a colon */
        snprintf(out + strlen(out), 3, "%s", pn_test_pick(seed, 2) ? "0:" : ":");
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
random_key(uint64_t *seed, char *out)
{
    struct pn_classic_client client;

    switch (pn_test_pick(seed, 8)) {
    case 0:
    case 1:
        snprintf(out, LONGEST_KEY, "%s",
                 fixed_keys[pn_test_pick(seed, PN_COUNT_OF(fixed_keys))]);
        break;
    case 2:
        random_address(seed, &client);
        snprintf(out, LONGEST_KEY, "%s", client.text);
        break;
    case 3:
        random_address(seed, &client);
        client.ident = idents[3 + pn_test_pick(seed, PN_COUNT_OF(idents) - 3)];
        snprintf(out, LONGEST_KEY, "%s@%s", client.ident, client.text);
        break;
    default:
        random_prefix(seed, out);
    }
}

void
pn_classic_write(struct pn_classic_file *f)
{
    size_t size = 0;

    f->text[0] = '\0';
    for (size_t i = 0; i < f->count; i++)
        size += (size_t)snprintf(f->text + size, sizeof(f->text) - size, "%s:%s%s\n",
                                 f->rules[i].key, f->rules[i].deny ? "deny" : "allow",
                                 f->sets[i] ? ",V=\"1\"" : "");
}

static void
random_rule(uint64_t *seed, struct pn_classic_file *f, size_t number)
{
    random_key(seed, f->rules[number].key);
    f->rules[number].deny = pn_test_pick(seed, 2);
    f->sets[number] = !f->rules[number].deny && pn_test_pick(seed, 2);
}

void
pn_classic_random_file(uint64_t *seed, struct pn_classic_file *f)
{
    f->count = 1 + pn_test_pick(seed, PN_CLASSIC_RULES);
    for (size_t i = 0; i < f->count; i++)
        random_rule(seed, f, i);
    pn_classic_write(f);
}

void
pn_classic_change(uint64_t *seed, const struct pn_classic_file *f,
                  struct pn_classic_file *out)
{
    size_t at = pn_test_pick(seed, (unsigned)f->count);

    *out = *f;
    switch (pn_test_pick(seed, 3)) {
    case 0:
        random_rule(seed, out, out->count++);
        break;
    case 1:
        out->rules[at].deny = !out->rules[at].deny;
        out->sets[at] = false;
        break;
    default:
        for (size_t i = at; i + 1 < f->count; i++) {
            out->rules[i] = f->rules[i + 1];
            out->sets[i] = f->sets[i + 1];
        }
        out->count--;
    }
    pn_classic_write(out);
}

static bool
rule_add(struct pn_classic_file *f, const char *key, bool deny, bool sets)
{
    if (f->count == PN_CLASSIC_RULES_MAX)
        return false;
    snprintf(f->rules[f->count].key, sizeof(f->rules->key), "%s", key);
    f->rules[f->count].deny = deny;
    f->sets[f->count++] = sets;
    return true;
}

/* A key with a range of numbers is one for each of them. */
static bool
keys_add(struct pn_classic_file *f, const char *key, bool deny, bool sets)
{
    const char *dash = strpbrk(key, "=@") ? NULL : strchr(key, '-'), *start = dash;
    char one[PN_ORACLE_TEXT], *behind;
    unsigned long low, high;

    if (!dash)
        return rule_add(f, key, deny, sets);
    while (start > key && start[-1] != '.')
        start--;
    low = strtoul(start, NULL, 10);
    high = strtoul(dash + 1, &behind, 10);
    for (; low <= high; low++) {
        snprintf(one, sizeof(one), "%.*s%lu%s", (int)(start - key), key, low, behind);
        if (!rule_add(f, one, deny, sets))
            return false;
    }
    return true;
}

/* The key ends at the first colon that a verdict stands behind. */
static bool
line_parse(const char *line, size_t size, struct pn_classic_file *out)
{
    char key[PN_ORACLE_TEXT];
    size_t at = 0;

    while (at < size && strncmp(line + at, ":allow", 6) != 0 &&
           strncmp(line + at, ":deny", 5) != 0)
        at++;
    if (at == size || at >= sizeof(key))
        return false;
    memcpy(key, line, at);
    key[at] = '\0';
    return keys_add(out, key, line[at + 1] == 'd', memchr(line + at, ',', size - at));
}

bool
pn_classic_parse(const char *text, size_t size, struct pn_classic_file *out)
{
    bool good = size < sizeof(out->text);

    out->count = 0;
    for (size_t at = 0, end; good && at < size; at = end + 1) {
        for (end = at; end < size && text[end] != '\n'; end++)
            continue;
        if (end > at && text[at] != '#')
            good = line_parse(text + at, end - at, out);
    }
    if (good) {
        memcpy(out->text, text, size);
        out->text[size] = '\0';
    }
    return good;
}

struct postern_query
pn_classic_query(const struct pn_classic_client *c)
{
    struct postern_query q = { .struct_size = sizeof(q), .remote = c->address };

    if (c->host)
        q.host = (struct postern_str){ c->host, strlen(c->host) };
    if (c->ident)
        q.ident = (struct postern_str){ c->ident, strlen(c->ident) };
    return q;
}

int
pn_classic_truth(const struct pn_classic_file *f, const struct pn_classic_client *c)
{
    return pn_oracle_decide(f->rules, f->count,
                            (struct pn_oracle_query){ c->text, c->host, c->ident });
}

enum pn_classic_outcome
pn_classic_outcome(const struct pn_classic_file *f, const struct pn_classic_client *c)
{
    int rule = pn_classic_truth(f, c);

    if (rule < 0)
        return PN_CLASSIC_ALLOWED;
    if (f->rules[rule].deny)
        return PN_CLASSIC_DENIED;
    return f->sets[rule] ? PN_CLASSIC_V : PN_CLASSIC_ALLOWED;
}

enum pn_classic_outcome
pn_classic_decided(const struct postern_decision *decision)
{
    struct postern_env_iter iter = decision->env;
    struct postern_env env;

    if (decision->verdict == POSTERN_DENY)
        return PN_CLASSIC_DENIED;
    return postern_env_next(&iter, &env) ? PN_CLASSIC_V : PN_CLASSIC_ALLOWED;
}

enum pn_classic_outcome
pn_classic_answer(const struct postern_rules *rules, const struct pn_classic_client *c)
{
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_query q = pn_classic_query(c);

    assert_int_equal(postern_rules_decide(rules, &q, &d), POSTERN_OK);
    return pn_classic_decided(&d);
}

void
pn_classic_broken(const struct pn_classic_file *f, const struct pn_classic_client *c,
                  const char *what)
{
    fail_msg("%s: %s@%s =%s of\n%s", what, c->ident ? c->ident : "-", c->text,
             c->host ? c->host : "-", f->text);
    abort(); /* fail_msg() does not come back */
}
