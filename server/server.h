/* A running server: the one value that its parts share. */
#ifndef SRV_SERVER_H
#define SRV_SERVER_H

#include <signal.h>

#include "server/accept.h"
#include "server/admit.h"
#include "server/cell.h"
#include "server/children.h"
#include "server/config.h"
#include "server/counting.h"
#include "server/drain.h"
#include "server/environ.h"
#include "server/folder_watch.h"
#include "server/limits_patch.h"
#include "server/listen.h"
#include "server/log.h"
#include "server/lookup_places.h"
#include "server/notify.h"
#include "server/pending.h"
#include "server/resolvers.h"
#include "server/rules.h"
#include "server/shadow.h"

enum { SRV_BATCH = 16 };

/* A warning that may come up many times a second, and is logged once a second. */
struct srv_repeated_warning {
    int64_t next_ms;
    size_t count;
};

/*
 * Connections since the start, as many as there are lines of each kind under -v; the
 * limits patch counts as limited, though its lines say deny.
 */
struct srv_tally {
    uint64_t accepted, served, denied, limited, dropped;
    uint64_t rated;     /* of the limited: by a rate */
    uint64_t penalised; /* likewise, for how programs of their source ended */
};

/* What a supervisor can be told of a server. */
enum srv_tell { SRV_TELL_NOTHING, SRV_TELL_READY, SRV_TELL_RELOADING };

/* What a supervisor has asked for, and what it has been told. */
struct srv_readiness {
    struct srv_notify notify;
    int fd;              /* of --ready-fd, until it has been told; negative: none */
    int64_t watchdog_ms; /* between two signs of life; 0: nobody asked */
    bool begun;          /* nothing is told before */
    bool failing;        /* the last datagram could not be sent */
    struct srv_repeated_warning no_supervisor;
    enum srv_tell wanted, told;
    uint64_t loads; /* value of rules.loads at the last check of the rules */
    struct srv_timer again_timer, watchdog_timer, status_timer;
    struct srv_tally status_tally; /* of the last STATUS */
    size_t status_live;
};

/* A connection that was accepted and is not decided. */
struct srv_arrival {
    int fd;
    struct srv_endpoint remote;
};

struct srv_server;
struct srv_datagrams;

/* What differs between a server of connections and one of datagrams. */
struct srv_kind {
    const struct srv_command *command;
    enum srv_environ_use environ_use;
    /* after the privileges are dropped, before anybody is served; NULL for nothing.
     * False without memory */
    bool (*begin)(struct srv_server *server);
    void (*readable)(struct srv_watch *watch);   /* of a listener */
    void (*rules)(struct srv_server *server);    /* they may have been replaced */
    void (*turn)(struct srv_server *server);     /* clients may have been looked up */
    void (*deferred)(struct srv_server *server); /* a place may be free */
    /* sets which listeners are watched; NULL: as the gate says */
    void (*update)(struct srv_server *server);
    /* the program of a client with an owner has ended */
    void (*ended)(struct srv_server *server, void *owner);
    void (*end)(struct srv_server *server); /* SIGTERM has come; NULL for nothing */
};

struct srv_server {
    const struct srv_kind *kind;
    const struct srv_config *config; /* owned by main(), never changes */
    pid_t pid;
    const char *path; /* PATH, for programs: of the environment, which nobody changes */
    sigset_t program_mask;
    struct srv_loop *loop;
    struct srv_log log;
    struct srv_rules rules;
    struct srv_shadow shadow; /* of --shadow */
    struct srv_counters counters;
    struct srv_counting counting;         /* of -k */
    uint64_t counting_generation;         /* of the rules that there is room for */
    struct srv_limits_patch limits_patch; /* empty without --limits-patch */
    struct srv_children children;
    struct srv_environ env;
    struct srv_resolvers resolvers; /* empty when no name is ever looked up */
    struct srv_cell cell;           /* of -S; empty without */
    struct srv_drain drain;
    struct srv_listeners listeners;
    struct srv_reserve reserve;
    struct srv_folder_watch rules_folder; /* under --keep-last-good */
    struct srv_watch listener_watches[SRV_LISTEN_MOST], signal_watch, log_watch,
        folder_watch;
    /* accepted from one listener in one batch, and decided by the same rules */
    struct srv_arrival arrivals[SRV_BATCH];
    size_t arrival_count;
    uint64_t arrivals_seen; /* value of rules.loads when they came */
    struct srv_lookup_places lookup_places;
    struct srv_pending_queue ready;    /* clients that wait for a place under -c */
    struct srv_pending_queue deferred; /* clients refused unless a program ends soon */
    size_t deferred_most;              /* so many at most, for want of descriptors */
    bool listening, paused;
    struct srv_timer resume, place_timer, rules_timer, deferred_timer;
    int64_t pause_ms, short_since_ms; /* of the back-off; 0 for none */
    struct srv_repeated_warning no_accept, no_names, no_client, no_counts, no_cell;
    struct srv_tally tally;
    struct srv_readiness readiness;
    struct srv_datagrams *datagrams; /* of udpserver */
};

/* Does the server log everything, under -v? */
bool
srv_server_is_verbose(const struct srv_server *server);

/* Logs "TEXT: REASON", at most once a second, with the number of times since then. */
void
srv_server_warn_repeated(struct srv_server *server,
                         struct srv_repeated_warning *warning, const char *text,
                         const char *reason);

/* What is counted since the start, and what there is now. */
enum { SRV_COUNTERS = 11 };

struct srv_counter {
    const char *name;
    uint64_t value;
};

void
srv_server_count(const struct srv_server *server,
                 struct srv_counter counters[SRV_COUNTERS]);

/* Adds all counters: " accepted 5 served 4 ...". */
void
srv_server_counters(const struct srv_server *server, struct srv_line *line);

#endif
