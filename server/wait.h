/*
 * udpserver -w: a program has the socket itself, one at a time, from a datagram that is
 * allowed until it ends. Until then datagrams are looked at in the socket, and those
 * that are refused are taken from it.
 */
#ifndef SRV_WAIT_H
#define SRV_WAIT_H

#include "server/server.h"

/* Before any datagram. False without memory. */
bool
srv_wait_begin(struct srv_server *server);

/* Datagrams wait at a listener: a `ready` of its watch. */
void
srv_wait_readable(struct srv_watch *watch);

/* The value of rules.loads when the first of those came that wait for rules. */
uint64_t
srv_wait_seen(const struct srv_server *server);

/* Goes on with the datagrams that wait for rules to be read. */
void
srv_wait_rules(struct srv_server *server, enum srv_rules_state state);

/* Goes on with those whose sources have been looked up. */
void
srv_wait_ready(struct srv_server *server, enum srv_rules_state state);

/* Watches the listeners whose socket no program has. */
void
srv_wait_update(struct srv_server *server);

/* The program that had the socket of `owner` has ended. */
void
srv_wait_ended(struct srv_server *server, void *owner);

#endif
