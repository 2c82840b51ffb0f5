/* Starting the program for a client, and reaping it. */
#ifndef SRV_PROGRAM_H
#define SRV_PROGRAM_H

#include "server/server.h"

/*
 * Starts the program with the client on descriptors 0 and 1. It takes over the client's
 * places. The decision is not used after the return. Its pid, or -1 with errno set when
 * no process could be made; then nothing was logged. A process whose program cannot be
 * executed counts as started and as dropped, and both are logged.
 */
pid_t
srv_program_start(struct srv_server *server, struct srv_client *client,
                  const struct postern_decision *decision);

/* Reaps every program that has ended, gives its places back, and tells its owner. */
void
srv_program_reap(struct srv_server *server);

#endif
