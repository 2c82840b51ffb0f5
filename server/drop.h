/*
 * Connections that end without a program: dropped for a failure, or refused. A datagram
 * has no descriptor of its own (-1), and nobody is sent a text for one: its source may
 * be forged.
 */
#ifndef SRV_DROP_H
#define SRV_DROP_H

#include "server/server.h"

/*
 * Closes a connection without a word to the client, and logs why: "dropping connection,
 * unable to WHAT NAME: REASON". NAME may be NULL.
 */
void
srv_drop(struct srv_server *server, struct srv_client *client, const char *what,
         const char *name, const char *reason);

/* Closes that of a client that has hung up: logged once a second, for there may be
 * many.
 */
void
srv_drop_disconnected(struct srv_server *server, struct srv_client *client);

/*
 * Refuses a client: `admission` is SRV_ADMIT_DENY, _LIMIT, _RATE, _LOAD or _PATCH. It
 * is sent the text of the decision, if there is one; by the last two that of the limits
 * patch, if there is one. Of a _LIMIT the log says which tier *exceeded is.
 */
void
srv_refuse(struct srv_server *server, struct srv_client *client,
           enum srv_admission admission, const struct postern_decision *decision,
           const struct srv_exceeded *exceeded);

#endif
