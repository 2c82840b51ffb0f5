/* When the server takes connections: while there is room for them and no shortage. */
#ifndef SRV_GATE_H
#define SRV_GATE_H

#include "server/server.h"

/* Before anything else of the gate. */
void
srv_gate_init(struct srv_server *server);

/* May one more program be started under -c, besides those of the arrivals? */
bool
srv_gate_has_place(const struct srv_server *server);

/* How many connections may be accepted now: under -c and for look-ups, in one batch. */
size_t
srv_gate_room(const struct srv_server *server);

/* Turns listening on or off, as there is room for one more client or not. */
void
srv_gate_update(struct srv_server *server);

/* Has listening updated at the time when the oldest look-up may be ended for another.
 */
void
srv_gate_plan(struct srv_server *server);

/* Takes no connection for a while, longer each time in a row, from 10 to 100 ms. */
void
srv_gate_back_off(struct srv_server *server);

/*
 * Watches a listener, or forgets it, as is wanted. False without memory: then it backs
 * off, and after the pause it is tried again.
 */
bool
srv_gate_watch(struct srv_server *server, struct srv_watch *watch, bool wanted);

/* Has the deferred asked again with the next turn of the loop: a place is free. */
void
srv_gate_wake_deferred(struct srv_server *server);

#endif
