/* The newest resolver, and older ones that are still in use. */
#include "server/resolvers.h"

#include "server/resolver.h"

bool
srv_resolvers_begin(struct srv_resolvers *resolvers, struct srv_loop *loop,
                    const char *dnscacheip, size_t sockets)
{
    *resolvers = (struct srv_resolvers){ .loop = loop, .budget = { .most = sockets } };
    resolvers->items[0] = srv_resolver_new(loop, dnscacheip, &resolvers->budget);
    resolvers->count = resolvers->items[0] != NULL;
    return resolvers->count;
}

/* Frees the unused ones, except the newest. */
static void
forget_old(struct srv_resolvers *resolvers)
{
    size_t kept = 0;

    for (size_t i = 0; i < resolvers->count; i++) {
        if (i + 1 < resolvers->count && !srv_resolver_users(resolvers->items[i]))
            srv_resolver_free(resolvers->items[i]);
        else
            resolvers->items[kept++] = resolvers->items[i];
    }
    resolvers->count = kept;
}

struct srv_resolver *
srv_resolvers_use(struct srv_resolvers *resolvers)
{
    struct srv_resolver *newest;

    if (!resolvers->count)
        return NULL;
    newest = resolvers->items[resolvers->count - 1];
    if (srv_resolver_is_stale(newest) && resolvers->count < SRV_RESOLVERS_MOST) {
        newest = srv_resolver_new(resolvers->loop, NULL, &resolvers->budget);
        if (newest) /* else the old ones are better than none */
            resolvers->items[resolvers->count++] = newest;
    }
    forget_old(resolvers);
    newest = resolvers->items[resolvers->count - 1];
    srv_resolver_use(newest);
    return newest;
}
