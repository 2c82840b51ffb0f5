/* Readiness and watchdog: what is told, when, and again when it could not be. */
#include "server/readiness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/sizes.h"
#include "server/clock.h"
#include "server/fatal.h"
#include "server/messages.h"

enum { AGAIN_MS = 500, STATUS_EVERY_MS = 10000 };

static bool
is_asked(const struct srv_readiness *readiness)
{
    return readiness->notify.fd >= 0 || readiness->fd >= 0;
}

/* Takes the descriptor of --ready-fd. NULL, or why it cannot be used. */
static const char *
descriptor_fault(int fd)
{
    int flags = fcntl(fd, F_GETFL), listens = 0;
    socklen_t size = sizeof(listens);

    if (flags < 0)
        return pn_errno_text(errno);
    if ((flags & O_ACCMODE) == O_RDONLY)
        return "it is not open for writing";
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens)
        return "it is a socket that listens";
    return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? pn_errno_text(errno) : NULL;
}

/* Takes what NOTIFY_SOCKET and WATCHDOG_* say. NULL, or what is wrong with them. */
static const char *
notify_open(struct srv_readiness *readiness, const char *name)
{
    const char *fault = srv_notify_address(name, &readiness->notify);

    if (!fault)
        fault = srv_notify_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"),
                                    getpid(), &readiness->watchdog_ms);
    if (fault)
        return fault;
    readiness->notify.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return readiness->notify.fd < 0 ? pn_errno_text(errno) : NULL;
}

bool
srv_readiness_open(struct srv_server *server)
{
    struct srv_readiness *readiness = &server->readiness;
    const char *who = srv_config_who(server->config), *fault = NULL;
    const char *name = getenv("NOTIFY_SOCKET");

    *readiness = (struct srv_readiness){ .notify.fd = -1, .fd = -1 };
    if (server->config->ready_fd) {
        readiness->fd = (int)server->config->ready_fd;
        fault = descriptor_fault(readiness->fd);
    }
    if (fault) {
        (void)srv_fatal(who, "unable to use the descriptor of --ready-fd:", fault,
                        0); /* main() returns the status */
        return false;
    }
    if (name && *name)
        fault = notify_open(readiness, name);
    if (fault) /* main() returns the status */
        (void)srv_fatal(who, "unable to tell readiness:", fault, 0);
    return !fault;
}

/* A supervisor that cannot be told is no reason not to serve: it is said once. */
static bool
notify(struct srv_server *server, const char *text, size_t size)
{
    struct srv_readiness *readiness = &server->readiness;
    bool told = srv_notify_send(&readiness->notify, text, size);

    if (!told && !readiness->failing)
        srv_server_warn_repeated(server, &readiness->no_supervisor,
                                 "unable to tell NOTIFY_SOCKET", pn_errno_text(errno));
    readiness->failing = !told;
    return told;
}

static void
descriptor_tell(struct srv_server *server)
{
    struct srv_readiness *readiness = &server->readiness;

    if (write(readiness->fd, "\n", 1) != 1 && server->config->verbosity >= SRV_ERRORS)
        srv_message_warning(&server->log, "unable to tell --ready-fd",
                            pn_errno_text(errno));
    close(readiness->fd);
    readiness->fd = -1;
}

/* Makes what the supervisor knows what it should know; if it cannot, soon again. */
static void
tell(struct srv_server *server)
{
    static const char *const texts[] = {
        [SRV_TELL_READY] = "READY=1", [SRV_TELL_RELOADING] = "RELOADING=1"
    };
    struct srv_readiness *readiness = &server->readiness;
    const char *text = texts[readiness->wanted];

    if (!readiness->begun || readiness->told == readiness->wanted)
        return;
    if (readiness->fd >= 0)
        descriptor_tell(server);
    if (readiness->notify.fd < 0 || notify(server, text, strlen(text)))
        readiness->told = readiness->wanted;
    else /* begin() has seen to memory for it */
        (void)srv_loop_set(server->loop, &readiness->again_timer,
                           srv_now_ms() + AGAIN_MS);
}

static void
on_again(struct srv_timer *timer)
{
    tell(timer->owner);
}

static void
on_watchdog(struct srv_timer *timer)
{
    static const char text[] = "WATCHDOG=1";
    struct srv_server *server = timer->owner;

    /* a sign that is lost is followed by another; to set a timer that has just fired
     * takes no memory */
    tell(server); /* what is owed goes first, where there is little room */
    (void)notify(server, text, sizeof(text) - 1);
    (void)srv_loop_set(server->loop, timer,
                       srv_loop_now(server->loop) + server->readiness.watchdog_ms);
}

/* The counters, when there were connections, or ends of them, since the last time. */
static void
on_status(struct srv_timer *timer)
{
    struct srv_server *server = timer->owner;
    struct srv_readiness *readiness = &server->readiness;
    struct srv_line line = { .size = 0 };

    if (readiness->status_live != server->children.count ||
        memcmp(&readiness->status_tally, &server->tally, sizeof(server->tally)) != 0) {
        srv_line_text(&line, "STATUS=counters:");
        srv_server_counters(server, &line);
        if (notify(server, line.bytes, line.size)) {
            readiness->status_live = server->children.count;
            readiness->status_tally = server->tally;
        }
    }
    (void)srv_loop_set(server->loop, timer,
                       srv_loop_now(server->loop) + STATUS_EVERY_MS);
}

/* Somebody waits for this server, and should know why. */
static void
unready_warn(struct srv_server *server)
{
    struct srv_line line = { .size = 0 };

    if (server->config->verbosity < SRV_ERRORS)
        return;
    srv_line_text(&line, "not ready yet, unable to read ");
    srv_line_text(&line, server->rules.path);
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    srv_message_warning(&server->log, line.bytes, srv_rules_reason(&server->rules));
}

/* Sets the timers that are needed, once each, so that there is memory for them. */
static bool
timers_begin(struct srv_server *server)
{
    struct srv_readiness *readiness = &server->readiness;
    const struct {
        struct srv_timer *timer;
        void (*fire)(struct srv_timer *timer);
        int64_t every_ms; /* 0: not wanted */
    } rows[] = {
        { &readiness->again_timer, on_again, AGAIN_MS },
        { &readiness->status_timer, on_status, STATUS_EVERY_MS },
        { &readiness->watchdog_timer, on_watchdog, readiness->watchdog_ms },
    };

    if (readiness->notify.fd < 0)
        return true;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        *rows[i].timer = (struct srv_timer){ .fire = rows[i].fire, .owner = server };
        if (rows[i].every_ms &&
            !srv_loop_set(server->loop, rows[i].timer, srv_now_ms() + rows[i].every_ms))
            return false;
    }
    return true;
}

bool
srv_readiness_begin(struct srv_server *server)
{
    struct srv_readiness *readiness = &server->readiness;

    if (!is_asked(readiness))
        return true;
    if (!timers_begin(server))
        return false;
    readiness->begun = true;
    tell(server);
    if (readiness->wanted == SRV_TELL_NOTHING && server->rules.status != POSTERN_OK)
        unready_warn(server);
    return true;
}

void
srv_readiness_note(struct srv_server *server, enum srv_rules_state state,
                   int64_t *next_ms)
{
    struct srv_readiness *readiness = &server->readiness;

    if (!is_asked(readiness))
        return;
    if (readiness->loads != server->rules.loads) { /* even if it has ended already */
        readiness->loads = server->rules.loads;
        if (readiness->wanted == SRV_TELL_READY)
            readiness->wanted = SRV_TELL_RELOADING;
        tell(server);
    }
    switch (state) {
    case SRV_RULES_NONE:
    case SRV_RULES_READY:
        readiness->wanted = SRV_TELL_READY;
        break;
    case SRV_RULES_WAIT:
        if (readiness->wanted == SRV_TELL_READY)
            readiness->wanted = SRV_TELL_RELOADING;
        break;
    case SRV_RULES_BROKEN: /* that was the reload; the log tells what came of it */
        if (readiness->wanted == SRV_TELL_RELOADING)
            readiness->wanted = SRV_TELL_READY;
        break;
    }
    tell(server);
    if (readiness->wanted == SRV_TELL_NOTHING) {
        int64_t again_ms = srv_now_ms() + AGAIN_MS;

        if (!*next_ms || *next_ms > again_ms)
            *next_ms = again_ms;
    }
}

void
srv_readiness_end(struct srv_server *server)
{
    static const char text[] = "STOPPING=1";

    if (server->readiness.notify.fd >= 0)
        (void)notify(server, text, sizeof(text) - 1); /* the process ends anyway */
}
