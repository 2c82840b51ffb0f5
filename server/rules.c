/* Replacement of the rules of a server. */
#include "server/rules.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/errno_text.h"

static void
load(struct srv_rules *rules, int64_t now_ms)
{
    const struct postern_rules *fresh;

    rules->loaded_ms = now_ms;
    rules->generation++;
    rules->status = postern_watch_acquire(rules->watch, &fresh);
    rules->error = errno;
    if (rules->status != POSTERN_OK && rules->keep_last_good)
        return;
    if (rules->held)
        postern_watch_release(rules->watch, rules->held);
    rules->held = rules->status == POSTERN_OK ? fresh : NULL;
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

enum srv_rules_state
srv_rules_check(struct srv_rules *rules, int64_t now_ms, int64_t *ready_ms)
{
    if (!rules->path)
        return SRV_RULES_NONE;
    if (postern_watch_changed(rules->watch)) {
        if (now_ms < rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS) {
            *ready_ms = rules->loaded_ms + SRV_RULES_LOAD_EVERY_MS;
            return SRV_RULES_WAIT;
        }
        load(rules, now_ms);
    }
    if (rules->held)
        return SRV_RULES_READY;
    return is_missing(rules) && rules->allow_missing ? SRV_RULES_NONE
                                                     : SRV_RULES_BROKEN;
}

const char *
srv_rules_reason(const struct srv_rules *rules)
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
    default:
        return postern_status_text(rules->status);
    }
}
