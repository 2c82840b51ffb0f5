/*
 * The resolver of a server, and those that it had: when other name servers are named in
 * /etc/resolv.conf, whoever is looked up from then on asks those, and who asks already
 * goes on with the old ones.
 */
#ifndef SRV_RESOLVERS_H
#define SRV_RESOLVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/resolver.h"

/* There are no more of them: the file is not followed while so many are in use. */
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
