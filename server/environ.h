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

/*
 * The inherited items are stored once, by init. Each build starts from a copy, so that
 * nothing of another connection can be left over.
 */
/* What an environment is for. */
enum srv_environ_use {
    SRV_ENVIRON_SERVER,    /* programs of a server */
    SRV_ENVIRON_PROXIED,   /* the same, and peers may send headers of the PROXY protocol
                            */
    SRV_ENVIRON_DATAGRAMS, /* the same of a server of datagrams */
    SRV_ENVIRON_CLASSIC    /* a process that becomes its program: see init */
};

struct srv_environ {
    char **inherited; /* point into the process's environment, which never changes */
    size_t inherited_count;
    /* of the last build: ends in NULL; points into `inherited`'s texts, into `text`,
     * and into the rules that decided, which may be gone as soon as it has been used */
    char **items;
    size_t count, capacity;
    struct pn_buffer text; /* of this connection's items */
    bool failed;           /* out of memory */
    enum srv_environ_use use;
};

/*
 * Keeps pointers to the texts of `from`, which must outlive it, without those that
 * speak of a connection, or to the server itself. CLASSIC leaves the TCP6 variables
 * out, and passes on what a supervisor says to the process. False: memory.
 */
bool
srv_environ_init(struct srv_environ *env, char *const *from, enum srv_environ_use use);

void
srv_environ_clear(struct srv_environ *env);

/*
 * The items for a client and the assignments of its decision. NULL without memory;
 * otherwise valid until the next call, and no longer than the rules of the decision:
 * they are for a program that is started at once. Nothing of `client`, `interface` or
 * `assignments` is looked at after the program has been started. `interface` is the
 * name for a scope, or NULL.
 */
char *const *
srv_environ_build(struct srv_environ *env, const struct srv_client *client,
                  const char *interface, struct postern_env_iter assignments);

#endif
