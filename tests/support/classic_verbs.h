/* What each verb reports about classic files, against look-ups of text. */
#ifndef PN_TESTS_SUPPORT_CLASSIC_VERBS_H
#define PN_TESTS_SUPPORT_CLASSIC_VERBS_H

#include "tests/support/classic_world.h"

/* Clients to ask with; the caller's, as long as any call. */
struct pn_classic_clients {
    const struct pn_classic_client *items;
    size_t count;
};

/* How many questions were asked of each verb, and how many of them were refused. */
enum pn_classic_verb {
    PN_CLASSIC_ASSERTIONS,
    PN_CLASSIC_PIN,
    PN_CLASSIC_STATS,
    PN_CLASSIC_COVERAGE,
    PN_CLASSIC_MUTANTS,
    PN_CLASSIC_MINIMIZE,
    PN_CLASSIC_FMT,
    PN_CLASSIC_DUMP,
    PN_CLASSIC_DUMP_NATIVE,
    PN_CLASSIC_AS_CLASSIC,
    PN_CLASSIC_INCLUDED,
    PN_CLASSIC_MERGE,
    PN_CLASSIC_VERB_COUNT
};

extern const char *const pn_classic_verb_names[];
extern size_t pn_classic_asked[PN_CLASSIC_VERB_COUNT];
extern size_t pn_classic_refused[PN_CLASSIC_VERB_COUNT];

/* A question is asked; false, and counted, when it was refused. */
bool
pn_classic_count(enum pn_classic_verb verb, bool answered);

/*
 * What claims that are made at random, and those that the file is pinned with, come to;
 * and what stats, coverage and mutants say. Fails the test where a client contradicts.
 */
void
pn_classic_assertions_check(uint64_t *seed, const struct pn_classic_file *f,
                            struct pn_classic_clients clients);

/*
 * The texts and images that a file becomes: minimized, laid out, dumped, included, and
 * made classic again. The folder at hand is written to.
 */
void
pn_classic_texts_check(const struct pn_classic_file *f,
                       struct pn_classic_clients clients);

/* What comes of merging two changes of a file. */
void
pn_classic_merge_check(const struct pn_classic_file versions[3],
                       struct pn_classic_clients clients);

#endif
