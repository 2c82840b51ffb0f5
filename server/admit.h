/* Whether a client is served: the rules, and the limits of sources. */
#ifndef SRV_ADMIT_H
#define SRV_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "postern/postern.h"
#include "server/children.h"
#include "server/client.h"
#include "server/limits.h"
#include "server/penalties.h"
#include "server/places.h"
#include "server/rates.h"

enum srv_admission {
    SRV_ADMIT_ALLOW,   /* decision.env is the rule's */
    SRV_ADMIT_UNSURE,  /* a look-up may change it */
    SRV_ADMIT_DENY,    /* by a rule: decision.reject may be sent */
    SRV_ADMIT_LIMIT,   /* its source has its full number of connections: likewise */
    SRV_ADMIT_RATE,    /* its source has used up its rate: likewise */
    SRV_ADMIT_PENALTY, /* programs of its source ended badly: likewise */
    SRV_ADMIT_LOAD,    /* by MAXLOAD of the limits patch: limits_patch.h */
    SRV_ADMIT_PATCH,   /* by MAXCONNIP or MAXCONNC of it, as a LIMIT: likewise */
    SRV_ADMIT_DAMAGE /* the image is damaged, though it was intact when it was opened */
};

/* Is it by a variable of the limits patch? */
bool
srv_admission_is_of_patch(enum srv_admission admission);

/* What a decision is before any rule was asked: a denial, which no rule has made. */
struct postern_decision
srv_undecided(void);

bool
srv_is_undecided(const struct postern_decision *decision);

struct srv_limits_patch;

struct srv_counters {
    struct srv_limits live;
    struct srv_rates rates;
    struct srv_penalties penalties;
    struct srv_limits_patch *patch; /* NULL without --limits-patch */
};

/* What refuses a client: a tier of -C, a limit of its rule, or a share of look-ups. */
enum srv_struck {
    SRV_STRUCK_SHARE,
    SRV_STRUCK_SOURCE,
    SRV_STRUCK_RULE,
    SRV_STRUCK_PLACES /* -c; of udpserver, whose clients do not wait for a place */
};

/* The limit that refuses a client: what it counts, and how many it allows. */
struct srv_exceeded {
    struct srv_counter_key source;
    uint32_t n; /* of a PENALTY: for how many seconds it is still refused */
    enum srv_struck struck;
    uint32_t tier; /* from 0: of -C, of the rule's limits; of -c 1 for its half */
    bool several;  /* there are more tiers than this one */
};

/*
 * Takes one of the `n` places of a source. *held is for srv_limits_release(). False
 * when all are taken, and then *exceeded is filled in. Without memory the place is
 * granted and not counted: *held is NULL.
 */
bool
srv_admit_hold(struct srv_counters *counters, const struct srv_counter_key *source,
               uint32_t n, struct srv_limit_entry **held,
               struct srv_exceeded *exceeded);

/*
 * Takes the client's places under -C, one in each tier. False when one of them has none
 * left, and then *exceeded is filled in. Without memory they are granted and not
 * counted.
 */
bool
srv_admit_source(struct srv_counters *counters, const struct srv_tiers *per_source,
                 struct srv_client *client, struct srv_exceeded *exceeded);

/* Gives a client's places back, when it is refused or its program has ended. */
void
srv_admit_release(struct srv_counters *counters, struct srv_places *held);

/*
 * Decides with what is known of the client. `unknown`, of enum postern_need, is what a
 * look-up may still tell: where it could change the decision, and also where the client
 * is allowed, UNSURE. Rules may be NULL: everybody is allowed. An ALLOW has taken the
 * client's places under its rule's limits, and a token of its rate, and so has an
 * UNSURE where no look-up can change which rule decides: who is refused by them is
 * looked up by nobody, and who is asked about again is not counted again. A PENALTY
 * comes before look-ups where none of them can lead to a rule that is exempt, and then
 * nothing is decided. A LIMIT, a PENALTY and a PATCH fill *exceeded in. The texts of
 * *decision are the rules': valid as long as those.
 */
enum srv_admission
srv_admit(struct srv_counters *counters, const struct postern_rules *rules,
          struct srv_client *client, uint32_t unknown,
          struct postern_decision *decision, struct srv_exceeded *exceeded);

/*
 * Decides about a further datagram of a source whose program runs and has its places:
 * an ALLOW takes a token of the rate, and UNSURE is one whose host was not looked up
 * for the rules as they were, and would be now.
 */
enum srv_admission
srv_admit_more(struct srv_counters *counters, const struct postern_rules *rules,
               const struct srv_client *client, uint32_t unknown,
               struct postern_decision *decision);

/*
 * The identity of the rule that decided, the same after a reload; of rules that turn
 * out to be damaged, its number.
 */
uint64_t
srv_admit_identity(const struct postern_rules *rules,
                   const struct postern_decision *decision);

/*
 * Counts all live programs again after a reload, each under the rule that decides its
 * client now, so that a new or changed limit includes them. Rules may be NULL. Costs
 * one decision for each live program.
 */
void
srv_admit_recount(struct srv_counters *counters, const struct postern_rules *rules,
                  struct srv_children *children);

#endif
