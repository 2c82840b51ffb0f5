/* No table, no index, no cleverness: the matcher is tested against this file. */
#include "tests/support/oracle.h"

#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 300 };

struct keys {
    char text[KEYS_MAX][2 * PN_ORACLE_TEXT + 8];
    size_t count;
};

static void
add(struct keys *keys, const char *a, const char *b, const char *c)
{
    snprintf(keys->text[keys->count++], sizeof(keys->text[0]), "%s%s%s", a, b, c);
}

static void
add_prefixes(struct keys *keys, const char *address)
{
    for (size_t len = strlen(address); len > 0; len--) {
        char prefix[PN_ORACLE_TEXT];

        if (address[len - 1] != '.' && address[len - 1] != ':')
            continue;
        memcpy(prefix, address, len);
        prefix[len] = '\0';
        add(keys, prefix, "", "");
    }
}

static void
add_suffixes(struct keys *keys, const char *host)
{
    for (; *host; host++)
        if (*host == '.')
            add(keys, "=", host, "");
}

static int
find(const struct pn_oracle_rule *rules, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i].key, key) == 0)
            return (int)i;
    return -1;
}

int
pn_oracle_decide(const struct pn_oracle_rule *rules, size_t count,
                 struct pn_oracle_query query)
{
    static struct keys keys;

    keys.count = 0;
    if (query.ident)
        add(&keys, query.ident, "@", query.address);
    if (query.ident && query.host)
        add(&keys, query.ident, "@=", query.host);
    add(&keys, query.address, "", "");
    if (query.host)
        add(&keys, "=", query.host, "");
    add_prefixes(&keys, query.address);
    if (query.host) {
        add_suffixes(&keys, query.host);
        add(&keys, "=", "", "");
    }
    add(&keys, "", "", "");
    for (size_t i = 0; i < keys.count; i++) {
        int rule = find(rules, count, keys.text[i]);
        if (rule >= 0)
            return rule;
    }
    return -1;
}
