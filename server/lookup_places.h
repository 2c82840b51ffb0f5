/*
 * Places for clients whose look-ups are under way, or whose header is to come. There
 * are so many of them and no more, and no source may take those of others:
 *
 * - a source has an eighth of them, unless -C says how many connections it may have,
 * and its network (/24, /48) has half;
 * - a peer whose clients have a header to come has half of them;
 * - a client that closes its side of the connection gives its place back. It moves to
 * the half-closed, which are few: it may still read what a program writes;
 * - where no place is left, the client that has been looked up for longest, if that is
 * a second or more, can be decided with what is known by then, as at its timeout.
 */
#ifndef SRV_LOOKUP_PLACES_H
#define SRV_LOOKUP_PLACES_H

#include "server/pending.h"

/* Doubly linked, in the order that clients came. */
struct srv_pending_list {
    struct srv_pending *first, *last;
    size_t count;
};

struct srv_lookup_places {
    struct srv_pending_list under_way, half_closed;
    size_t most, half_closed_most;
};

/* Divides `count` places, at least one, among the two lists. */
void
srv_lookup_places_init(struct srv_lookup_places *places, size_t count);

/* How many look-ups may begin, `most` at most: in places that are free, or can be. */
size_t
srv_lookup_places_room(const struct srv_lookup_places *places, size_t most);

/* Is every place taken? */
bool
srv_lookup_places_are_taken(const struct srv_lookup_places *places);

/* Where every place is taken, ends what has one for longest. */
void
srv_lookup_places_make_room(const struct srv_lookup_places *places);

/* When the look-up that is under way for longest may be ended for another client. */
int64_t
srv_lookup_places_free_at(const struct srv_lookup_places *places);

/*
 * Takes a place in the shares of the client's source and network. False when one of
 * them has none left, and then *exceeded says which. `per_source`: -C has counted the
 * source already. Only the shares: srv_lookup_places_add() adds to the list.
 */
bool
srv_lookup_shares_take(const struct srv_lookup_places *places,
                       struct srv_counters *counters, struct srv_pending *pending,
                       bool per_source, struct srv_exceeded *exceeded);

/* The same for a client that moves to the half-closed: the share of its source. */
bool
srv_half_closed_share_take(const struct srv_lookup_places *places,
                           struct srv_counters *counters, struct srv_pending *pending);

/*
 * The same for a client whose header is waited for: half of all places for its peer.
 */
bool
srv_header_share_take(const struct srv_lookup_places *places,
                      struct srv_counters *counters, struct srv_pending *pending,
                      struct srv_exceeded *exceeded);

/* Adds a client at the end of the list that pending->half_closed names. */
void
srv_lookup_places_add(struct srv_lookup_places *places, struct srv_pending *pending);

/* Takes it out of its list, and gives its shares back. */
void
srv_lookup_places_remove(struct srv_lookup_places *places,
                         struct srv_counters *counters, struct srv_pending *pending);

#endif
