/*
 * Classic files of all forms of keys, clients of every pattern of zero groups, and who
 * is let in: by look-ups of text, with a printer of its own.
 */
#ifndef PN_TESTS_SUPPORT_CLASSIC_WORLD_H
#define PN_TESTS_SUPPORT_CLASSIC_WORLD_H

#include <stdint.h>

#include "postern/rules.h"
#include "tests/support/oracle.h"

enum { PN_CLASSIC_RULES = 7, PN_CLASSIC_GROUPS = 8 };

struct pn_classic_file {
    struct pn_oracle_rule rules[PN_CLASSIC_RULES]; /* rule n is on line n + 1 */
    size_t count;
    char text[PN_CLASSIC_RULES * (PN_ORACLE_TEXT + 32)];
};

struct pn_classic_client {
    struct postern_addr address;
    char text[64]; /* of the address */
    const char *host, *ident;
};

/* As the patched original writes it: the first longest run of zero groups, if any. */
void
pn_classic_spell(const unsigned groups[PN_CLASSIC_GROUPS], char *out);

/* Without host and ident. */
void
pn_classic_client_of(const struct postern_addr *address, struct pn_classic_client *out);

void
pn_classic_random_file(uint64_t *seed, struct pn_classic_file *f);

void
pn_classic_random_client(uint64_t *seed, struct pn_classic_client *out);

struct postern_query
pn_classic_query(const struct pn_classic_client *c);

/* The number of the rule that decides, or -1. */
int
pn_classic_truth(const struct pn_classic_file *f, const struct pn_classic_client *c);

#endif
