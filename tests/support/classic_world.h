/*
 * Classic files of all forms of keys, clients of every pattern of zero groups, and who
 * is let in: by look-ups of text, with a printer of its own.
 */
#ifndef PN_TESTS_SUPPORT_CLASSIC_WORLD_H
#define PN_TESTS_SUPPORT_CLASSIC_WORLD_H

#include <stdint.h>

#include "postern/rules.h"
#include "tests/support/oracle.h"

enum {
    PN_CLASSIC_RULES = 7, /* of a random file, at most */
    PN_CLASSIC_RULES_MAX = 64,
    PN_CLASSIC_GROUPS = 8
};

struct pn_classic_file {
    /* of what is written here, rule n is on line n + 1 */
    struct pn_oracle_rule rules[PN_CLASSIC_RULES_MAX];
    bool sets[PN_CLASSIC_RULES_MAX]; /* V="1" */
    size_t count;
    char text[PN_CLASSIC_RULES_MAX * (PN_ORACLE_TEXT + 32)];
};

struct pn_classic_client {
    struct postern_addr address;
    char text[64]; /* of the address */
    const char *host, *ident;
};

/* All that a client can notice. */
enum pn_classic_outcome { PN_CLASSIC_DENIED, PN_CLASSIC_ALLOWED, PN_CLASSIC_V };

/* As the patched original writes it: the first longest run of zero groups, if any. */
void
pn_classic_spell(const unsigned groups[PN_CLASSIC_GROUPS], char *out);

/* Without host and ident. */
void
pn_classic_client_of(const struct postern_addr *address, struct pn_classic_client *out);

void
pn_classic_random_file(uint64_t *seed, struct pn_classic_file *f);

/* Writes the text of rules that are there. */
void
pn_classic_write(struct pn_classic_file *f);

/* Another version of a file: a rule more, one less, another verdict. */
void
pn_classic_change(uint64_t *seed, const struct pn_classic_file *f,
                  struct pn_classic_file *out);

/* Reads a text of such rules, comments and blank lines; false for any other, and for
 * one of too many keys. */
bool
pn_classic_parse(const char *text, size_t size, struct pn_classic_file *out);

void
pn_classic_random_client(uint64_t *seed, struct pn_classic_client *out);

struct postern_query
pn_classic_query(const struct pn_classic_client *c);

/* The number of the rule that decides, or -1. */
int
pn_classic_truth(const struct pn_classic_file *f, const struct pn_classic_client *c);

enum pn_classic_outcome
pn_classic_outcome(const struct pn_classic_file *f, const struct pn_classic_client *c);

/* Of what rules of ours decide. */
enum pn_classic_outcome
pn_classic_decided(const struct postern_decision *decision);

/* Of what an image answers a client. */
enum pn_classic_outcome
pn_classic_answer(const struct postern_rules *rules, const struct pn_classic_client *c);

/* Fails the test: a file, a client, and what is wrong about them. */
__attribute__((noreturn)) void
pn_classic_broken(const struct pn_classic_file *f, const struct pn_classic_client *c,
                  const char *what);

#endif
