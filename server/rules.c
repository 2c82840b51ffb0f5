/* Reloading the rules of a server. */
#include "server/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/errno_text.h"

/*
 * When memory does not suffice for both, frees the old rules before the new ones are
 * loaded: the file has changed, so no client may be decided by the old ones.
 */
static bool
old_rules_release(struct srv_rules *rules, const struct srv_loaded *loaded)
{
    if (loaded->status != POSTERN_E_NOMEM || !rules->in_force || rules->keep_last_good)
        return false;
    postern_watch_release(rules->watch, rules->in_force);
    rules->in_force = NULL;
    rules->loader.reload = true;
    return true;
}

/*
 * Puts the result of a load in force. False when it must be repeated with more memory.
 */
static bool
load_finish(struct srv_rules *rules, const struct srv_loaded *loaded)
{
    const struct postern_rules *before = rules->in_force;
    bool changed = !rules->generation || rules->loader.reload;

    if (old_rules_release(rules, loaded))
        return false;
    rules->loader.reload = false;
    changed |= rules->status != loaded->status;
    rules->status = loaded->status;
    rules->error = loaded->error;
    if (rules->status == POSTERN_OK || !rules->keep_last_good) {
        rules->in_force = loaded->rules;
        memcpy(rules->policy, loaded->policy, sizeof(rules->policy));
        /* released last, so that the new rules cannot have the same address */
        if (before)
            postern_watch_release(rules->watch, before);
    }
    if (changed || rules->in_force != before)
        rules->generation++;
    return true;
}

/* Starts a load. False while it runs in its thread. */
static bool
load(struct srv_rules *rules)
{
    struct srv_loaded loaded;

    rules->loads++;
    do {
        srv_rules_loader_start(&rules->loader);
        if (!srv_rules_loader_take(&rules->loader, &loaded))
            return false;
    } while (!load_finish(rules, &loaded));
    return true;
}

/* Has the running load ended? */
static bool
load_ended(struct srv_rules *rules)
{
    struct srv_loaded loaded;

    return srv_rules_loader_take(&rules->loader, &loaded) &&
           (load_finish(rules, &loaded) || load(rules));
}

bool
srv_rules_init(struct srv_rules *rules, const char *path, int64_t now_ms)
{
    rules->path = path;
    rules->loader = (struct srv_rules_loader){ .path = path,
                                               .names_policy = rules->names_policies };
    if (!path)
        return true;
    if (postern_watch_open(path,
                           (uint32_t)POSTERN_OPEN_COPY | (uint32_t)POSTERN_OPEN_CHECK,
                           &rules->watch) != POSTERN_OK)
        return false;
    rules->loader.watch = rules->watch;
    rules->loaded_ms = now_ms;
    (void)load(rules); /* not in a thread: there are no clients yet */
    return true;
}

void
srv_rules_load_in_thread(struct srv_rules *rules)
{
    rules->loader.in_thread = true;
}

void
srv_rules_clear(struct srv_rules *rules)
{
    srv_rules_loader_clear(&rules->loader);
    if (rules->in_force)
        postern_watch_release(rules->watch, rules->in_force);
    rules->in_force = NULL;
    postern_watch_close(rules->watch);
    rules->watch = NULL;
}

static bool
is_missing(const struct srv_rules *rules)
{
    return rules->status == POSTERN_E_IO && rules->error == ENOENT;
}

static void
earliest_set(int64_t *next_ms, int64_t at_ms)
{
    if (!*next_ms || at_ms < *next_ms)
        *next_ms = at_ms;
}

/* When to check the file again. */
static int64_t
next_look(struct srv_rules *rules, int64_t now_ms)
{
    int64_t due_ms = postern_watch_due_ms(rules->watch);
    int64_t load_ms = rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS, next_ms = 0;

    if (due_ms >= 0)
        earliest_set(&next_ms, now_ms + due_ms > load_ms ? now_ms + due_ms : load_ms);
    if (rules->keep_last_good)
        earliest_set(&next_ms, now_ms + SRV_RULES_POLL_MS);
    return next_ms;
}

/*
 * Are the rules valid for clients that came when `seen` loads had begun: those of the
 * file as it is now, or of a load that has begun since?
 */
static bool
is_current(struct srv_rules *rules, int64_t now_ms, uint64_t seen, int64_t *next_ms)
{
    bool was_running = rules->loader.running;

    *next_ms = now_ms + SRV_RULES_LOADING_MS;
    if (was_running && !load_ended(rules))
        return false;
    if (was_running && rules->loads > seen)
        return true;
    if (!postern_watch_changed(rules->watch))
        return true;
    if (now_ms < rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS) {
        *next_ms = rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS;
        return false;
    }
    rules->loaded_ms = now_ms;
    return load(rules);
}

enum srv_rules_state
srv_rules_check(struct srv_rules *rules, int64_t now_ms, uint64_t seen,
                int64_t *next_ms)
{
    *next_ms = 0;
    if (!rules->path)
        return SRV_RULES_NONE;
    if (!is_current(rules, now_ms, seen, next_ms))
        return SRV_RULES_WAIT;
    *next_ms = next_look(rules, now_ms);
    if (rules->in_force)
        return SRV_RULES_READY;
    return is_missing(rules) && rules->allow_missing ? SRV_RULES_NONE
                                                     : SRV_RULES_BROKEN;
}

/* Names the feature that the file requires and this build does not have. */
static const char *
newer(struct srv_rules *rules)
{
    int size = snprintf(rules->lacking, sizeof(rules->lacking), "%s",
                        postern_status_text(POSTERN_E_VERSION));
    char *rest = rules->lacking + size;

    if (postern_rules_lacking(rules->path, rest + 2,
                              sizeof(rules->lacking) - (size_t)size - 2))
        memcpy(rest, ": ", 2);
    return rules->lacking;
}

const char *
srv_rules_reason(struct srv_rules *rules)
{
    struct stat st;

    switch (rules->status) {
    case POSTERN_E_IO:
        return pn_errno_text(rules->error);
    case POSTERN_E_FORMAT: /* what the original says of an empty, and of another file */
        if (stat(rules->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
            return pn_errno_text(EINVAL);
        return pn_errno_text(EPROTO);
    case POSTERN_E_NOMEM:
        return pn_errno_text(ENOMEM);
    case POSTERN_E_VERSION:
        return newer(rules);
    default:
        return postern_status_text(rules->status);
    }
}
