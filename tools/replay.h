/* The verb replay: deciding the connections of logs under two policies, on all cores.
 */
#ifndef PN_TOOLS_REPLAY_H
#define PN_TOOLS_REPLAY_H

#include "analysis/difference.h"
#include "compiler/outcomes.h"
#include "tools/input/rules_pair.h"
#include "tools/log_tally.h"

enum {
    PN_REPLAY_BLOCK = 1 << 20, /* bytes that a worker is given at a time */
    PN_REPLAY_SETS = 512,      /* of addresses that a worker counts, */
    PN_REPLAY_WAYS = 8,        /* each of so many */
    PN_REPLAY_MANY = PN_IMAGE_MANY,
    PN_REPLAY_APART = 128, /* bytes: two lines of a cache */
    PN_REPLAY_TALKERS = PN_REPLAY_SETS * PN_REPLAY_WAYS
};

/* Connections that two statements decide otherwise, one before and one after. */
struct pn_replay_pair {
    uint32_t rules[2]; /* of the first connection */
    enum pn_effect effect;
    uint64_t count;
    /* that connection; its texts are in `text`, as many bytes each as the query says */
    struct postern_query query;
    char *text;
};

struct pn_replay_pairs {
    struct pn_replay_pair *items;
    size_t count, capacity;
    struct pn_intern keys; /* two rules */
};

/* An address whose connections would be decided otherwise. */
struct pn_talker {
    struct postern_addr address;
    uint64_t count, error; /* of the count: so much may belong to others */
};

/* One thread, and what it has found so far. */
struct pn_replay_worker {
    const struct pn_rules_pair *pair; /* the run's, which outlives its threads */
    bool emit;
    const char *service; /* in logs of several the one that counts; NULL: all */
    const char *block;   /* the one at hand, whole lines */
    size_t size;
    struct pn_intern shared;
    struct pn_outcomes outcomes[2];
    struct pn_replay_pairs pairs;
    struct pn_talker *talkers;     /* PN_REPLAY_TALKERS */
    struct pn_query_line *queries; /* PN_REPLAY_MANY: those that are decided together */
    size_t query_count;
    bool no_objects; /* no line of the block has a brace in it */
    uint64_t lines, connections;
    struct pn_log_tally tally; /* of the block */
    struct pn_output text;     /* what --emit writes of the block */
    enum postern_status status;
    char apart[PN_REPLAY_APART]; /* two cores that write to one line of a cache wait */
};

/* Decides every line of the worker's block. */
void
pn_replay_block(struct pn_replay_worker *worker);

bool
pn_replay_begin(struct pn_replay_worker *worker, const struct pn_rules_pair *pair,
                bool emit, const char *service);

/* Adds what one worker has found to another. */
void
pn_replay_merge(struct pn_replay_worker *into, const struct pn_replay_worker *from);

void
pn_replay_clear(struct pn_replay_worker *worker);

#endif
