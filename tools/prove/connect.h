/* Connections from any address, within a network of its own. */
#ifndef PN_TOOLS_PROVE_CONNECT_H
#define PN_TOOLS_PROVE_CONNECT_H

#include "tools/prove/originals.h"

enum { PN_PROVE_PORT = 7000 };

/* What a server says to a client, as an answer. */
typedef void (*pn_connect_read_fn)(struct pn_asking *asking,
                                   struct pn_asked_answer *answer, struct pn_str said);

/* Of a server that greets whom it lets in: anything at all allows. */
void
pn_connect_greeting(struct pn_asking *asking, struct pn_asked_answer *answer,
                    struct pn_str said);

/*
 * Starts a server, which listens at PN_PROVE_PORT of 127.0.0.1 and, where clients of
 * IPv6 are asked, of ::1; connects from the address of each client, sends `question`
 * and has what comes read; then ends it. False, with why, when it does not serve.
 */
bool
pn_connect_server(struct pn_asking *asking, const char *const *words,
                  const char *question, pn_connect_read_fn read);

/* Connects from each client to a listener: who comes is allowed. */
bool
pn_connect_packets(struct pn_asking *asking);

#endif
