/* The cell of a server: whether it has one, and what is said of it. */
#ifndef SRV_APART_H
#define SRV_APART_H

#include "server/server.h"

/* Is -S given, and is there anything to look up? */
bool
srv_apart_is_wanted(const struct srv_config *config);

/* Attaches the cell, which was forked, to the server. False with errno. */
bool
srv_apart_begin(struct srv_server *server);

#endif
