/*
 * The look-ups for one client: its host name, the local host name, and its ident. They
 * run at the same time, each has its own timeout, and none blocks the server.
 */
#ifndef SRV_LOOKUP_H
#define SRV_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "server/cell.h"
#include "server/client.h"
#include "server/dns_answer.h"
#include "server/ident.h"
#include "server/loop.h"
#include "server/resolver.h"

enum srv_lookup_work {
    SRV_LOOKUP_HOST = 1,
    SRV_LOOKUP_LOCAL_HOST = 2,
    SRV_LOOKUP_IDENT = 4,
    SRV_LOOKUP_PARANOID = 8 /* with HOST: only a name that has the client's address */
};

struct srv_lookup {
    /* a copy; the texts that are found point into this struct and live as long, those
     * that it came with belong to whoever began the lookup */
    struct srv_client client;
    /* the loop outlives it; the resolver is in use until it ends */
    struct srv_loop *loop;
    struct srv_resolver *resolver;
    struct srv_cell *cell; /* that is asked in the place of the resolver; or NULL */
    size_t cell_place;     /* the cell's own */
    void (*done)(
        struct srv_lookup *lookup); /* all answers are there, or have timed out */
    void *owner;                    /* for `done`; must outlive the lookup */
    unsigned open;                  /* of enum srv_lookup_work: what is still missing */
    unsigned nameless; /* HOST, LOCAL_HOST: it is certain that there is no name */
    bool paranoid, unanswered; /* `unanswered`: a name server failed or timed out */
    struct srv_question *questions[3];
    struct srv_timer names_timer, ident_timer;
    struct srv_watch ident_socket;
    struct srv_ident ident;
    bool ident_asked;
    char host[SRV_DNS_NAME_SIZE], local_host[SRV_DNS_NAME_SIZE];
};

struct srv_lookup_plan {
    unsigned work; /* of enum srv_lookup_work */
    int64_t ident_ms;
    struct srv_loop *loop;
    /* from srv_resolvers_use(): given back when the lookup ends, or could not begin;
     * NULL when no name is to be looked up */
    struct srv_resolver *resolver;
    struct srv_cell *cell; /* all is looked up there; then there is no resolver */
    void (*done)(struct srv_lookup *lookup);
    void *owner;
    struct srv_lookup **out; /* receives the lookup before `done` can be called */
};

/*
 * Begins; `done` is called once, perhaps before it returns, and owns the lookup from
 * then on, for srv_lookup_free(). False without memory: then nothing is called.
 */
bool
srv_lookup_begin(const struct srv_client *client, const struct srv_lookup_plan *plan);

/* Ends all its timeouts: `done` is called now, with what is known. */
void
srv_lookup_expire(struct srv_lookup *lookup);

/* Frees it, also while look-ups are running. The client's descriptor is not touched. */
void
srv_lookup_free(struct srv_lookup *lookup);

#endif
