/* The slow oracle: the ladder of postern-rules(5), in the plainest way. */
#ifndef PN_TESTS_SUPPORT_ORACLE_H
#define PN_TESTS_SUPPORT_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

enum { PN_ORACLE_TEXT = 128 };

struct pn_oracle_rule {
    char key[PN_ORACLE_TEXT]; /* the address as written, without a range */
    bool deny;
};

struct pn_oracle_query {
    const char *address, *host, *ident; /* host and ident: NULL for none */
};

/*
 * The index of the rule that decides, by writing down every key that could and looking
 * through the whole list for each; -1 when nothing matches.
 */
int
pn_oracle_decide(const struct pn_oracle_rule *rules, size_t count,
                 struct pn_oracle_query query);

#endif
