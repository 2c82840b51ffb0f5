/* What a trial of mutants is made of: for the files that judge, each of its part. */
#ifndef PN_ANALYSIS_MUTANTS_TRIAL_PARTS_H
#define PN_ANALYSIS_MUTANTS_TRIAL_PARTS_H

#include <pthread.h>

#include "analysis/compiled.h"
#include "analysis/mutants.h"
#include "analysis/mutants_keys.h"

enum pn_fate {
    PN_FATE_STILLBORN, /* it does not compile */
    PN_FATE_SAME,      /* it decides alike: nothing could notice it */
    PN_FATE_KILLED,    /* a claim breaks that held */
    PN_FATE_SURVIVED,
    PN_FATE_TOLD,    /* a claim that is put otherwise breaks: that is no merit */
    PN_FATE_UNKNOWN, /* of what is not judged here: it is to be compiled by itself */
    PN_FATE_COUNT
};

/* What stands behind the policy for a mutant. */
struct pn_trial_case {
    enum pn_fate fate; /* PN_FATE_COUNT: to be judged by its rule */
    bool is_tried;
    uint32_t without, with; /* rules; `with` may be PN_RULE_NONE */
    uint32_t part;          /* as in pn_swap */
    bool is_part;           /* it is judged by the target that it changes */
    size_t claim;           /* of a mutant of a claim: its number, or SIZE_MAX */
};

/* An EXPECT that holds, and what decides it. */
struct pn_expected {
    size_t claim; /* in pn_prover.assertions */
    uint32_t rule, group;
    bool is_common; /* a rule without ident decides it, or none */
    uint8_t family;
    pn_number address;
    struct pn_str host;     /* ptr NULL: none */
    struct pn_str backward; /* its bytes from the last to the first */
};

/* Which expectations a key may touch, by its group. */
enum pn_expected_class {
    PN_EXPECTED_ALL,    /* a block: all of them */
    PN_EXPECTED_COMMON, /* a rule without ident: those that such a rule decides */
    PN_EXPECTED_IDENT, /* one with an ident: those of its group, which stand together */
    PN_EXPECTED_CLASSES
};

/* Numbers of expectations, in an order. */
struct pn_expected_order {
    uint32_t *numbers;
    size_t count;
};

/* The same ones in several orders. */
struct pn_expectations {
    struct pn_expected *items; /* by rule */
    size_t count, capacity;
    struct pn_expected_order by_address[PN_EXPECTED_CLASSES];
    struct pn_expected_order by_host[PN_EXPECTED_CLASSES]; /* by `backward` */
    struct pn_buffer backward;
};

/* An ALWAYS that holds. */
struct pn_trial_proof {
    const struct pn_assertion *assertion;
    bool is_at_risk; /* a rule of the policy would break it */
};

/* Addresses that a proof is about: one interval of a family. */
struct pn_proof_span {
    pn_number first, last;
    pn_number reach; /* the highest `last` of those up to this one */
    uint32_t proof;
};

/* Addresses that no key tells apart. */
struct pn_place {
    uint8_t family;
    pn_number first, last;
};

/*
 * Of addresses and of names that the blocks and the rules without ident answer alike,
 * by outcomes, one each: enough for who asks whether anything differs at all, where
 * nothing else tells them apart.
 */
struct pn_samples {
    struct pn_place *places;
    size_t place_count, place_capacity;
    uint32_t *names; /* of the space */
    size_t name_count, name_capacity;
    uint8_t *marks; /* by group of the policy: enum pn_key_mark, or-ed */
};

/* What there are keys of. */
enum pn_key_mark { PN_KEYED_ADDRESSES = 1, PN_KEYED_NAMES = 2 };

/* What is judged from; any number of threads may, at once. */
struct pn_trial {
    struct pn_source root;       /* the policy, and behind its rules those of mutants */
    const char *tests;           /* the file of tests, or NULL, */
    struct pn_buffer tests_text; /* and when it is not as it stands there, its text */
    struct pn_compiled all;
    struct pn_policy keyed; /* the same, with all keys in its space */
    struct pn_keys keys;
    uint32_t *classes;           /* outcomes, by rule */
    struct pn_assertions claims; /* of the policy alone; what they hold is of `all` */
    struct pn_prover prover;
    struct pn_expectations expectations;
    struct pn_trial_proof *proofs;
    size_t proof_count, proof_capacity;
    struct pn_proof_span *spans[PN_FAMILIES]; /* ascending */
    size_t span_counts[PN_FAMILIES], span_capacities[PN_FAMILIES];
    struct pn_samples samples;
    uint32_t *wide; /* proofs of everybody, or of all but some */
    size_t wide_count;
    struct pn_trial_case *cases; /* of each mutant */
    pthread_mutex_t lock;        /* for questions about a target */
    bool has_lock, failed;
};

/* The policy that mutants are of: all of it the caller's, and outlives the trial. */
struct pn_trial_of {
    const struct pn_source *root;
    struct pn_compiled *compiled;
    const struct pn_mutants *mutants;
    const uint8_t *holds;     /* of each claim, whether it does */
    const uint32_t *deciders; /* and the rule that decides an expectation */
    struct pn_work *work;     /* what it may take */
};

/* Does a rule fulfil a claim? */
bool
pn_trial_fulfils(struct pn_trial *trial, const struct pn_assertion *assertion,
                 uint32_t rule);

/* What may break with the swap is looked at: does an expectation? *differs is set when
 * that shows another outcome, too. */
bool
pn_expectations_break(struct pn_trial *trial, const struct pn_swap *swap,
                      struct pn_work *work, bool *differs);

bool
pn_expectations_make(struct pn_trial *trial, const struct pn_trial_of *of);

/* The keys that are there, as marks. */
unsigned
pn_keys_marks(struct pn_key_table table);

bool
pn_samples_make(struct pn_trial *trial);

void
pn_samples_clear(struct pn_samples *samples);

/* A host that a name of the space is, or one below that suffix; `taken` tells which
 * names are not to be made up. */
typedef bool (*pn_taken_fn)(const void *payload, struct pn_str name);

/* Writes "x", or what else is free, before a suffix. */
void
pn_fresh_host(struct pn_buffer *out, struct pn_str suffix, pn_taken_fn taken,
              const void *payload);

/* The same for proofs, when they are all there: by their addresses. */
bool
pn_trial_spans_make(struct pn_trial *trial);

/* Is some address from first to last one that a proof is about? */
bool
pn_proof_is_about(const struct pn_assertion *s, uint8_t family, pn_number first,
                  pn_number last);

/* The first span of a family that reaches an address. */
size_t
pn_trial_span_first(const struct pn_trial *trial, unsigned family, pn_number address);

void
pn_expectations_clear(struct pn_expectations *expectations);

/* A host as it is looked up, for the names of a space; room for its suffixes. */
struct pn_host_words {
    struct pn_named named;
    uint32_t suffixes[256];
};

void
pn_host_words_find(struct pn_host_words *out, const struct pn_space *space,
                   struct pn_str host);

#endif
