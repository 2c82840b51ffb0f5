/*
 * What a server tells its supervisor, and only when it was asked to: that it serves
 * (NOTIFY_SOCKET, --ready-fd), that it reads new rules, that its loop turns, how many
 * it has served, and that it ends.
 */
#ifndef SRV_READINESS_H
#define SRV_READINESS_H

#include "server/server.h"

/*
 * Reads what is asked for. Before the server opens descriptors of its own, one of which
 * could have the number of --ready-fd. False after a fatal message.
 */
bool
srv_readiness_open(struct srv_server *server);

/*
 * The sockets listen, and the server is about to serve: tells so if there are rules,
 * and otherwise as soon as there are. False without memory.
 */
bool
srv_readiness_begin(struct srv_server *server);

/*
 * After each check of the rules. While a server is not ready for want of rules, they
 * are to be checked without a client, too: *next_ms becomes no later than that.
 */
void
srv_readiness_note(struct srv_server *server, enum srv_rules_state state,
                   int64_t *next_ms);

/* The server is about to exit. */
void
srv_readiness_end(struct srv_server *server);

#endif
