/* The rules of a running server: a copy in memory, always of the file as it is now. */
#ifndef SRV_RULES_H
#define SRV_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/rules_loader.h"

/* Least time between two loads. */
enum { SRV_RULES_LOAD_EVERY_MS = 50 };

/* How often a load in progress is polled. */
enum { SRV_RULES_LOADING_MS = 5 };

/*
 * Under --keep-last-good, how often the file is checked without a client, besides the
 * events of folder_watch.h: rules that were good in between must be found, although no
 * client was decided by them.
 */
enum { SRV_RULES_POLL_MS = 500 };

enum srv_rules_state {
    SRV_RULES_NONE,  /* everybody is allowed: no file was named, or -X and none is there
                      */
    SRV_RULES_READY, /* `in_force` are the rules of the file as it is now */
    SRV_RULES_WAIT,  /* the file was replaced, and is not read yet */
    SRV_RULES_BROKEN /* no client can be decided: `status` and `error` say why */
};

struct srv_rules {
    const char *path; /* the caller's, which outlives this; NULL for none */
    bool allow_missing, keep_last_good;
    bool names_policies;         /* fill in `policy` */
    struct postern_watch *watch; /* ours; NULL without a path */
    struct srv_rules_loader loader;
    /*
     * The rules in force; NULL for none. They, and every text of a decision that they
     * made, live until the next srv_rules_check() or srv_rules_clear().
     */
    const struct postern_rules *in_force;
    char policy[SRV_POLICY_DIGITS + 1]; /* of `in_force`; empty where none is wanted */
    enum postern_status status;         /* of the last load */
    int error;
    char lacking[192];   /* what srv_rules_reason() says of a newer file */
    int64_t loaded_ms;   /* when that was; 0 for never */
    uint64_t loads;      /* how many have begun */
    uint64_t generation; /* counts the changes of `in_force`, or of the reason that
                            there are none */
};

/* Reads the file, if there is one: a file that cannot be used is no failure. */
bool
srv_rules_init(struct srv_rules *rules, const char *path, int64_t now_ms);

/* From now on loads run in a thread, and srv_rules_check() does not block. */
void
srv_rules_load_in_thread(struct srv_rules *rules);

void
srv_rules_clear(struct srv_rules *rules);

/*
 * Checks the file with one stat(2), and loads it when it has changed, at most once in
 * SRV_RULES_LOAD_EVERY_MS. Until the load is done, the state is WAIT. A finished load
 * is valid for clients that came before it began, even if the file has changed again
 * since: `seen` is the value of rules->loads when they came. *next_ms is when to call
 * again without a client, or 0 for never; it is set after WAIT, while the file is new,
 * and under keep_last_good. When `generation` has changed, the earlier `in_force` is
 * freed.
 */
enum srv_rules_state
srv_rules_check(struct srv_rules *rules, int64_t now_ms, uint64_t seen,
                int64_t *next_ms);

/* Why BROKEN, in the original's words: "file does not exist", "protocol error". Valid
 * until the next call. */
const char *
srv_rules_reason(struct srv_rules *rules);

#endif
