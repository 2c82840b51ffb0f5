/*
 * The environment of a program: what the server was given, what is known of the
 * connection, and what its rule assigns, in that order; of two with one name the later
 * counts.
 */
#ifndef SRV_ENVIRON_H
#define SRV_ENVIRON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "postern/postern.h"
#include "server/client.h"

struct srv_environ {
    char **items; /* ends in NULL; items up to `inherited` stay */
    size_t count, inherited, capacity;
    struct pn_buffer text; /* of this connection's items */
    bool failed;           /* out of memory */
    bool classic;          /* without the TCP6 variables: what tcpclient gives */
};

/* Keeps pointers into `from`, without what speaks of a connection. False: memory. */
bool
srv_environ_init(struct srv_environ *env, char *const *from);

void
srv_environ_clear(struct srv_environ *env);

/*
 * The items for a client and the assignments of its decision. NULL without memory;
 * otherwise valid until the next call. `interface` is the name for a scope, or NULL.
 */
char *const *
srv_environ_build(struct srv_environ *env, const struct srv_client *client,
                  const char *interface, struct postern_env_iter assignments);

#endif
