/*
 * The rules of a running server: held in memory of its own, and never those of a file
 * that has been replaced since.
 */
#ifndef SRV_RULES_H
#define SRV_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/rules_loader.h"

/* There is at most one load in so long. */
enum { SRV_RULES_LOAD_EVERY_MS = 50 };

/* Whether a load that takes longer has ended is looked at so often. */
enum { SRV_RULES_LOADING_MS = 5 };

/*
 * Under --keep-last-good the file is looked at so often though nobody comes, besides
 * what its folder tells (folder_watch.h): rules that were good for a while count,
 * whether a client has met them or not.
 */
enum { SRV_RULES_POLL_MS = 500 };

enum srv_rules_state {
    SRV_RULES_NONE,  /* everybody is allowed: no file was named, or -X and none is there
                      */
    SRV_RULES_READY, /* `held` are the rules of the file as it is now */
    SRV_RULES_WAIT,  /* the file was replaced, and is not read yet */
    SRV_RULES_BROKEN /* nobody can be decided: `status` and `error` say why */
};

struct srv_rules {
    const char *path; /* the caller's, which outlives this; NULL for none */
    bool allow_missing, keep_last_good;
    struct postern_watch *watch; /* ours; NULL without a path */
    struct srv_rules_loader loader;
    /*
     * The rules in force; NULL for none. They, and every text of a decision that they
     * made, live until the next srv_rules_check() or srv_rules_clear().
     */
    const struct postern_rules *in_force;
    enum postern_status status; /* of the last load */
    int error;
    char lacking[192];   /* what srv_rules_reason() says of a newer file */
    int64_t loaded_ms;   /* when that was; 0 for never */
    uint64_t loads;      /* how many have begun */
    uint64_t generation; /* how often what is in force, or why nothing is, changed */
};

/* Reads the file, if there is one: a file that cannot be used is no failure. */
bool
srv_rules_init(struct srv_rules *rules, const char *path, int64_t now_ms);

/* From now on files are read in a thread, and srv_rules_check() does not wait for it.
 */
void
srv_rules_load_in_thread(struct srv_rules *rules);

void
srv_rules_clear(struct srv_rules *rules);

/*
 * One stat; and a load when the file has changed, but at most one in
 * SRV_RULES_LOAD_EVERY_MS: until then, and while it is read aside, it is WAIT. The call
 * that finds a load ended answers by it, though the file may have changed again, for
 * whoever had come before it began: `seen` is rules->loads as it was then. *next_ms is
 * when to ask again though nobody comes, or 0: always so after WAIT, while the file is
 * young, and under keep_last_good. What was `held` before is gone when `generation` has
 * changed.
 */
enum srv_rules_state
srv_rules_check(struct srv_rules *rules, int64_t now_ms, uint64_t seen,
                int64_t *next_ms);

/* Why BROKEN, in the original's words: "file does not exist", "protocol error". Valid
 * until the next call. */
const char *
srv_rules_reason(struct srv_rules *rules);

#endif
