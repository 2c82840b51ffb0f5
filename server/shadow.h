/*
 * Rehearsal: a second policy that decides every client too, and is not obeyed. Where it
 * would have decided otherwise, that is logged and counted. Nothing is looked up for
 * its sake, and it has no counters.
 */
#ifndef SRV_SHADOW_H
#define SRV_SHADOW_H

#include "server/rules.h"

struct srv_server;
struct srv_client;

/* Pairs of rules that were logged lately; of two that fall into one place the one that
 * was there may not be logged for its second. */
enum { SRV_SHADOW_PAIRS = 256 };

struct srv_shadow_pair {
    uint64_t live, shadow; /* identities */
    int64_t next_ms;       /* when it may be logged again */
    uint64_t count;        /* since it was */
};

struct srv_shadow {
    struct srv_rules rules;
    uint64_t generation;           /* of the rules, when their state was said */
    struct srv_shadow_pair *pairs; /* SRV_SHADOW_PAIRS of them */
};

/* Reads the policy of --shadow, if there is one. It may be missing. False: memory. */
bool
srv_shadow_begin(struct srv_server *server);

/* Looks whether the policy was replaced; says so when it cannot be read. */
void
srv_shadow_check(struct srv_server *server);

/*
 * Compares what the rules in force have decided for a client for good. `unknown`, of
 * enum postern_need, is what was not looked up.
 */
void
srv_shadow_judge(struct srv_server *server, const struct srv_client *client,
                 uint32_t unknown, const struct postern_decision *decision);

/*
 * What two decisions differ in, of enum pn_counts_difference: nothing that a program or
 * a client would notice is left out but the text of a refusal.
 */
unsigned
srv_shadow_differences(const struct postern_decision *live,
                       const struct postern_decision *shadow);

#endif
