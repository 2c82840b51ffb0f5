/* What a server logs once, when it starts. */
#ifndef SRV_STARTUP_H
#define SRV_STARTUP_H

#include "server/server.h"

/*
 * Logs where it listens, and what its administrator should know: rules that served
 * programs could rewrite, -u without -g, look-ups that no rule asks for.
 */
void
srv_startup_log(struct srv_server *server);

#endif
