/* Starting the program for a client, and knowing of its end. */
#ifndef SRV_PROGRAM_H
#define SRV_PROGRAM_H

#include "server/server.h"

/*
 * Starts it with the client on descriptors 0 and 1; the client's places go to it. What
 * the decision points to is not looked at any more when this returns. False with errno
 * set when there is none: then nothing has been said. One that cannot be run has been
 * started all the same, and dropped: both are said, and counted.
 */
bool
srv_program_start(struct srv_server *server, struct srv_client *client,
                  const struct postern_decision *decision);

/* Takes note of every program that has ended. */
void
srv_program_reap(struct srv_server *server);

#endif
