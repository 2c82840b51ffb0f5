/* Replacement of the rules of a server. */
#include "server/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/errno_text.h"

/* Where there is no room for both, the old rules go first: nobody is served by them. */
static enum postern_status
make_room(struct srv_rules *rules, const struct postern_rules **fresh)
{
    postern_watch_release(rules->watch, rules->held);
    rules->held = NULL;
    (void)postern_watch_reload(rules->watch); /* acquire tells how it went */
    return postern_watch_acquire(rules->watch, fresh);
}

static void
load(struct srv_rules *rules, int64_t now_ms)
{
    const struct postern_rules *fresh = NULL, *before = rules->held;
    enum postern_status was = rules->status;

    rules->loaded_ms = now_ms;
    rules->status = postern_watch_acquire(rules->watch, &fresh);
    if (rules->status == POSTERN_E_NOMEM && before && !rules->keep_last_good) {
        rules->status = make_room(rules, &fresh);
        before = NULL; /* `fresh` may lie where it lay, and is another */
    }
    rules->error = errno;
    if (rules->status == POSTERN_OK || !rules->keep_last_good) {
        rules->held = fresh;
        /* last: until here it kept `fresh` from being taken for it */
        if (before)
            postern_watch_release(rules->watch, before);
    }
    if (!rules->generation || rules->held != before || rules->status != was)
        rules->generation++;
}

bool
srv_rules_init(struct srv_rules *rules, const char *path, int64_t now_ms)
{
    rules->path = path;
    if (!path)
        return true;
    if (postern_watch_open(path,
                           (uint32_t)POSTERN_OPEN_COPY | (uint32_t)POSTERN_OPEN_CHECK,
                           &rules->watch) != POSTERN_OK)
        return false;
    load(rules, now_ms);
    return true;
}

void
srv_rules_clear(struct srv_rules *rules)
{
    if (rules->held)
        postern_watch_release(rules->watch, rules->held);
    rules->held = NULL;
    postern_watch_close(rules->watch);
    rules->watch = NULL;
}

static bool
is_missing(const struct srv_rules *rules)
{
    return rules->status == POSTERN_E_IO && rules->error == ENOENT;
}

static void
sooner(int64_t *again_ms, int64_t at_ms)
{
    if (!*again_ms || at_ms < *again_ms)
        *again_ms = at_ms;
}

/* When the next look is due: of the watch, but no load comes too soon. */
static int64_t
next_look(struct srv_rules *rules, int64_t now_ms)
{
    int64_t due_ms = postern_watch_due_ms(rules->watch);
    int64_t load_ms = rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS, again_ms = 0;

    if (due_ms >= 0)
        sooner(&again_ms, now_ms + due_ms > load_ms ? now_ms + due_ms : load_ms);
    if (rules->keep_last_good)
        sooner(&again_ms, now_ms + SRV_RULES_POLL_MS);
    return again_ms;
}

enum srv_rules_state
srv_rules_check(struct srv_rules *rules, int64_t now_ms, int64_t *again_ms)
{
    *again_ms = 0;
    if (!rules->path)
        return SRV_RULES_NONE;
    if (postern_watch_changed(rules->watch)) {
        if (now_ms < rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS) {
            *again_ms = rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS;
            return SRV_RULES_WAIT;
        }
        load(rules, now_ms);
    }
    *again_ms = next_look(rules, now_ms);
    if (rules->held)
        return SRV_RULES_READY;
    return is_missing(rules) && rules->allow_missing ? SRV_RULES_NONE
                                                     : SRV_RULES_BROKEN;
}

/* What the file requires and is not known here. */
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
