/*
 * The resolvers of a server. When /etc/resolv.conf changes, a new one is made for the
 * look-ups that begin from then on; those under way finish with the old one.
 */
#ifndef SRV_RESOLVERS_H
#define SRV_RESOLVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/resolver.h"

/* While so many are in use, changes of the file are not followed. */
enum { SRV_RESOLVERS_MOST = 8 };

struct srv_resolvers {
    struct srv_loop *loop; /* the caller's, which outlives this; NULL: none was begun */
    struct srv_dns_budget budget;                   /* of them all */
    struct srv_resolver *items[SRV_RESOLVERS_MOST]; /* the newest is the last */
    size_t count;
};

/*
 * Makes the first one: see srv_resolver_new(), also for the errors; false when it
 * cannot be. All of them together have at most so many sockets for datagrams.
 */
bool
srv_resolvers_begin(struct srv_resolvers *resolvers, struct srv_loop *loop,
                    const char *dnscacheip, size_t sockets);

/*
 * The one to ask now, for srv_resolver_release(); NULL when none was begun. One
 * stat(2). Never from within a callback of a resolver.
 */
struct srv_resolver *
srv_resolvers_use(struct srv_resolvers *resolvers);

#endif
