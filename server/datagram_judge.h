/* Deciding about datagrams. */
#ifndef SRV_DATAGRAM_JUDGE_H
#define SRV_DATAGRAM_JUDGE_H

#include "server/datagram.h"
#include "server/server.h"

/* So many are read from one socket before others have their turn. */
enum { SRV_DATAGRAM_BATCH = 64 };

enum srv_datagram_verdict {
    SRV_DATAGRAM_DONE,    /* refused or dropped, and told of */
    SRV_DATAGRAM_SERVE,   /* allowed: its client has its places */
    SRV_DATAGRAM_ASK,     /* a look-up may change it, or is wanted */
    SRV_DATAGRAM_EXCEEDED /* over a limit, and may be deferred */
};

/* The client of a datagram, about whom nothing is known but its address. */
struct srv_pending
srv_datagram_client(struct srv_server *server, const struct srv_datagram_ends *ends);

/*
 * Decides the first datagram of a client. `full` says what refuses one who is allowed,
 * NULL where there is a place. `last`: one over a limit is refused.
 */
enum srv_datagram_verdict
srv_datagram_judge(struct srv_server *server, enum srv_rules_state state,
                   struct srv_pending *pending, const struct srv_exceeded *full,
                   bool last, struct postern_decision *decision);

/* Decides a further datagram of a client whose program runs: never EXCEEDED. */
enum srv_datagram_verdict
srv_datagram_judge_more(struct srv_server *server, enum srv_rules_state state,
                        const struct srv_client *client, uint32_t unknown);

/* Drops a datagram for a reason that is not its source's; told of once a second. */
void
srv_datagram_drop(struct srv_server *server, const char *what, const char *reason);

/*
 * Begins the look-ups of a client; the client moves to the copy that is looked up, with
 * its places. False when it was refused or dropped, and told of.
 */
bool
srv_datagram_ask(struct srv_server *server, struct srv_pending *pending);

/* Ends the look-ups of an owner: they are done then, with what is known. */
void
srv_datagram_ask_no_more(struct srv_server *server, const void *owner);

#endif
