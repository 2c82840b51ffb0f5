/*
 * The places that a client holds: in the counters of -C, in those of its rule's
 * limits, and in those of the limits patch. One place of each kind stands in the
 * struct; there is memory for more only where a client is counted by several tiers.
 */
#ifndef SRV_PLACES_H
#define SRV_PLACES_H

#include "server/limits.h"
#include "server/tiers.h"

enum srv_place_kind {
    SRV_PLACE_SOURCE,
    SRV_PLACE_RULE,
    SRV_PLACE_ADDRESS, /* these two only under --limits-patch */
    SRV_PLACE_NETWORK,
    SRV_PLACE_KINDS
};

struct srv_more_places;

/*
 * Copied with the client, as it becomes a program's: one copy is released, once. All
 * zero: none.
 */
struct srv_places {
    struct srv_limit_entry *first[SRV_PLACE_KINDS];
    struct srv_more_places *more; /* NULL while no kind has had a second tier */
};

/* Is there one more place under each? Otherwise *full is the first that has none. */
bool
srv_places_are_free(const struct srv_limits *limits, const struct srv_quotas *quotas,
                    size_t *full);

/*
 * Takes one under each; there are none of this kind yet. Without memory they are
 * granted and not counted.
 */
void
srv_places_take(struct srv_limits *limits, struct srv_places *places,
                enum srv_place_kind kind, const struct srv_quotas *quotas);

/* Are the places of a kind under these, and under no others? */
bool
srv_places_are(const struct srv_places *places, enum srv_place_kind kind,
               const struct srv_quotas *quotas);

/* Gives those of one kind back. */
void
srv_places_leave(struct srv_limits *limits, struct srv_places *places,
                 enum srv_place_kind kind);

/* Gives all back; again is fine. */
void
srv_places_release(struct srv_limits *limits, struct srv_places *places);

#endif
