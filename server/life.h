/* The life of a server, of connections or of datagrams: what is the same for both. */
#ifndef SRV_LIFE_H
#define SRV_LIFE_H

#include "server/server.h"

/* Serves until the process ends; returns its status where it cannot begin. */
int
srv_live(int argc, char **argv, const struct srv_kind *kind);

#endif
