/* What a server does for connections: the callbacks of its listeners and timers. */
#ifndef SRV_SERVE_H
#define SRV_SERVE_H

#include "server/server.h"

/* Accepts and decides the connections that wait at a listener: a `ready` of its watch.
 */
void
srv_serve_listener(struct srv_watch *watch);

/* Decides the connections that have been accepted, once the rules are there. */
void
srv_serve_arrivals(struct srv_server *server);

/* Looks at the rules file, and goes on with the clients that wait for it. */
void
srv_serve_rules(struct srv_server *server);

/* Serves the clients whose look-ups are done, while there is room. */
void
srv_serve_ready(struct srv_server *server);

/* Decides again the clients over a limit: a program has ended, or their time is over.
 */
void
srv_serve_deferred(struct srv_server *server);

#endif
