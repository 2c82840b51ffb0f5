/* The name of a client, confirmed: one whose own addresses have the client's among
 * them. */
#ifndef EXAMPLE_NAMES_H
#define EXAMPLE_NAMES_H

#include <event2/dns.h>
#include <event2/event.h>
#include <postern/postern.h>
#include <stdbool.h>

/* `name` is valid during the call, and NULL when there is none, or none in time. */
typedef void (*name_fn)(const char *name, void *argument);

/* Where names are asked for, and for how long at most. */
struct name_resolver {
    struct event_base *base;
    struct evdns_base *dns;
    struct timeval most;
};

/*
 * Looks a name up, and calls back once, later. When false is returned, nothing has
 * begun and nothing calls back.
 */
bool
name_look_up(const struct name_resolver *resolver, const struct postern_addr *address,
             name_fn found, void *argument);

#endif
