/* A name server for the clients of a proof, within the network that they come from. */
#ifndef PN_TOOLS_PROVE_NAME_SERVER_H
#define PN_TOOLS_PROVE_NAME_SERVER_H

#include "tools/prove/originals.h"

struct pn_name_server {
    int child;       /* the process; -1: there is none */
    uint32_t *index; /* shared with it: the client at hand */
};

/*
 * Serves whatever address a resolver asks, since every address is this machine's there:
 * the client at hand has its name, and every name has an address. False, with why, when
 * it cannot be started; end it in any case.
 */
bool
pn_name_server_begin(struct pn_name_server *server, struct pn_asking *asking);

/* Makes this client the one at hand. */
void
pn_name_server_turn(struct pn_name_server *server, size_t index);

/*
 * Does the system's resolver, which a program asks that has none of its own, ask this
 * server? Its configuration may have it look elsewhere.
 */
bool
pn_name_server_is_asked(struct pn_name_server *server, const struct pn_asking *asking);

void
pn_name_server_end(struct pn_name_server *server);

#endif
