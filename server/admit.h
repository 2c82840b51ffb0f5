/* Whether a client is served: the rules, and the limits of sources. */
#ifndef SRV_ADMIT_H
#define SRV_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "postern/postern.h"
#include "server/children.h"
#include "server/client.h"
#include "server/limits.h"
#include "server/rates.h"

enum srv_admission {
    SRV_ADMIT_ALLOW,  /* decision.env is the rule's */
    SRV_ADMIT_UNSURE, /* a look-up may change it */
    SRV_ADMIT_DENY,   /* by a rule: decision.reject may be sent */
    SRV_ADMIT_LIMIT,  /* its source has as many connections as it may: likewise */
    SRV_ADMIT_RATE,   /* its source came as often as it may: likewise */
    SRV_ADMIT_DAMAGE  /* the rules are not what they were when they were checked */
};

struct srv_counters {
    struct srv_limits live;
    struct srv_rates rates;
};

/* What a client is over: who is counted, and how many of them there may be. */
struct srv_exceeded {
    struct srv_counter_key source;
    uint32_t n;
};

/*
 * Takes a place of at most `n` for a source, into *held: for srv_limits_release().
 * False when it has no more of them, and then *exceeded is filled in. Without memory it
 * has its place, uncounted: *held is NULL.
 */
bool
srv_admit_hold(struct srv_counters *counters, const struct srv_counter_key *source,
               uint32_t n, struct srv_limit_entry **held,
               struct srv_exceeded *exceeded);

/*
 * Takes the client's place under -C. False when its source has no more of them, and
 * then *exceeded is filled in; without memory it has its place, uncounted.
 */
bool
srv_admit_source(struct srv_counters *counters, const struct postern_limit *per_source,
                 struct srv_client *client, struct srv_exceeded *exceeded);

/* Gives its places back: when it is turned away, or its program has ended. */
void
srv_admit_release(struct srv_counters *counters, struct srv_limit_entry *held[2]);

/*
 * Decides with what is known of the client. `unknown`, of enum postern_need, is what a
 * look-up may still tell: where it could change the decision, and also where the client
 * is allowed, UNSURE. Rules may be NULL: everybody is allowed. An ALLOW has taken the
 * client's place under its rule's limit, and a token of its rate, and so has an UNSURE
 * where no look-up can change which rule decides: who is refused by them is looked up
 * by nobody, and who is asked about again is not counted again. A LIMIT fills *exceeded
 * in. The texts of *decision are the rules': valid as long as those.
 */
enum srv_admission
srv_admit(struct srv_counters *counters, const struct postern_rules *rules,
          struct srv_client *client, uint32_t unknown,
          struct postern_decision *decision, struct srv_exceeded *exceeded);

/*
 * Counts whoever is live under the rules that are in force from now on, each under the
 * rule that decides it now: so a limit that is new, or counts another network, sees who
 * was there before it. Rules may be NULL. Costs a decision for each live program.
 */
void
srv_admit_recount(struct srv_counters *counters, const struct postern_rules *rules,
                  struct srv_children *children);

#endif
