/*
 * udpserver --per-source: a program for each source. Datagrams of one source are those
 * from one address and port to one address; they are read and judged here, and copied
 * to its program and back.
 */
#ifndef SRV_SOURCES_H
#define SRV_SOURCES_H

#include "server/server.h"

/* Before any datagram. False without memory. */
bool
srv_sources_begin(struct srv_server *server);

/* Datagrams wait at a listener: a `ready` of its watch. */
void
srv_sources_readable(struct srv_watch *watch);

/* The value of rules.loads when the datagram came that waits for rules; 0 for none. */
uint64_t
srv_sources_seen(const struct srv_server *server);

/* Goes on with the datagram, and the sources, that wait for rules to be read. */
void
srv_sources_rules(struct srv_server *server, enum srv_rules_state state);

/* Goes on with the sources that have been looked up. */
void
srv_sources_ready(struct srv_server *server, enum srv_rules_state state);

/* Decides again the sources over a limit. */
void
srv_sources_deferred(struct srv_server *server, enum srv_rules_state state);

/* Watches the listeners unless rules are being read, or something is short. */
void
srv_sources_update(struct srv_server *server);

/* The program of the source `owner` has ended. */
void
srv_sources_ended(struct srv_server *server, void *owner);

/* Tells every program that the server ends. */
void
srv_sources_end(struct srv_server *server);

#endif
