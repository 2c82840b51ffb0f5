/* A running server: everything it holds, and what its parts do for one another. */
#ifndef SRV_SERVER_H
#define SRV_SERVER_H

#include <signal.h>

#include "server/accept.h"
#include "server/admit.h"
#include "server/children.h"
#include "server/config.h"
#include "server/deferred.h"
#include "server/drain.h"
#include "server/environ.h"
#include "server/folder_watch.h"
#include "server/listen.h"
#include "server/log.h"
#include "server/looking.h"
#include "server/lookup.h"
#include "server/resolvers.h"
#include "server/rules.h"

enum { SRV_BATCH = 16 };

/* Something that goes wrong again and again, and is said once a second, with a count.
 */
struct srv_complaint {
    int64_t next_ms;
    size_t count;
};

/* As many as there are lines of the kind in a log that says everything. */
struct srv_tally {
    uint64_t accepted, served, denied, limited, dropped;
};

/* A connection that was accepted and is not decided. */
struct srv_arrival {
    int fd;
    struct srv_endpoint remote;
};

struct srv_server {
    const struct srv_config *config; /* main()'s: for good */
    pid_t pid;
    const char *path; /* PATH, for programs: of the environment, which nobody changes */
    sigset_t program_mask;
    struct srv_loop *loop;
    struct srv_log log;
    struct srv_rules rules;
    struct srv_counters counters;
    struct srv_children children;
    struct srv_environ env;
    struct srv_resolvers resolvers; /* none when no name is ever looked up */
    struct srv_drain drain;
    struct srv_listeners listeners;
    struct srv_reserve reserve;
    struct srv_folder_watch rules_folder; /* under --keep-last-good */
    struct srv_watch listener_sources[SRV_LISTEN_MOST], signal_source, log_source,
        folder_source;
    /* accepted by one listener in one go; one look at the rules serves them all */
    struct srv_arrival arrivals[SRV_BATCH];
    size_t arrival_count;
    uint64_t arrivals_seen; /* of rules.loads, when they came */
    struct srv_looking looking;
    struct srv_pending_queue ready;    /* who waits for a place of -c */
    struct srv_pending_queue deferred; /* who is refused, if no program ends soon */
    size_t deferred_most;              /* no more of them, for want of descriptors */
    bool listening, paused;
    struct srv_timer resume, rules_timer, deferred_timer;
    int64_t pause_ms, short_since_ms; /* of the back-off; 0 for none */
    struct srv_complaint no_accept, no_names, no_client;
    struct srv_tally tally;
};

/* One more program may be started under -c, besides those of who was accepted. */
bool
srv_server_has_place(const struct srv_server *server);

/* Turns listening on or off, as there is room for one more client or not. */
void
srv_server_listen(struct srv_server *server);

/* Takes no connection for a while, longer each time in a row, from 10 to 100 ms. */
void
srv_server_back_off(struct srv_server *server);

/* Says "TEXT: REASON", at most once a second. */
void
srv_server_complain(struct srv_server *server, struct srv_complaint *complaint,
                    const char *text, const char *reason);

/* Ends a connection without a word to the client: "dropping connection, unable to WHAT
 * NAME: REASON". */
void
srv_serve_drop(struct srv_server *server, struct srv_client *client, const char *what,
               const char *name, const char *reason);

/* The same of a client that has gone by itself: of those there may be many. */
void
srv_serve_gone(struct srv_server *server, struct srv_client *client);

/* Accepts and decides whoever waits at a listener. */
void
srv_serve_listener(struct srv_watch *source);

/* Decides what has been accepted, once the rules are there. */
void
srv_serve_arrivals(struct srv_server *server);

/* Looks at the rules file, and goes on with whoever waits for it. */
void
srv_serve_rules(struct srv_server *server);

/* Serves those whose look-ups are done, while there is room. */
void
srv_serve_ready(struct srv_server *server);

/* Asks again about those who are over a limit: a program has ended, or their time. */
void
srv_serve_deferred(struct srv_server *server);

#endif
