/* A server from its command line to its loop. */
#define _DEFAULT_SOURCE
#include "server/life.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"
#include "base/process.h"
#include "base/sizes.h"
#include "server/apart.h"
#include "server/cell_answer.h"
#include "server/clock.h"
#include "server/count_decisions.h"
#include "server/fatal.h"
#include "server/gate.h"
#include "server/messages.h"
#include "server/privileges.h"
#include "server/program.h"
#include "server/readiness.h"
#include "server/startup.h"

extern char **environ;

enum { LOOKUPS_MOST = 1000, DESCRIPTORS_SPARE = 64, DESCRIPTORS_A_LOOKUP = 3 };
enum {
    DEFERRED_SHARE = 4
}; /* at most a quarter of the descriptors is for the deferred */

/* Static because its log is large. Never cleared: it lives as long as the process. */
static struct srv_server the_server;

static void
on_rules_timer(struct srv_timer *timer)
{
    struct srv_server *server = timer->owner;

    server->kind->rules(server);
}

static void
on_deferred_timer(struct srv_timer *timer)
{
    struct srv_server *server = timer->owner;

    server->kind->deferred(server);
}

static void
on_signal(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;
    struct signalfd_siginfo info;

    while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGTERM) {
            srv_count_totals(server);
            if (server->kind->end)
                server->kind->end(server);
            srv_readiness_end(server);
            (void)srv_log_flush(&server->log); /* the process ends anyway */
            _exit(0);
        }
        if (info.ssi_signo == SIGUSR1)
            srv_message_counters(server);
    }
    srv_program_reap(server);
    server->kind->deferred(server);
    server->kind->turn(server);
}

/*
 * Signals are blocked and read from a descriptor, so no handler ever interrupts. A
 * program gets the inherited signal mask without these, and their default actions.
 */
static bool
signals_begin(struct srv_server *server)
{
    static const int ours[] = { SIGTERM, SIGCHLD, SIGUSR1, SIGPIPE, SIGXFSZ };
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t set, read_set;
    int fd;

    sigemptyset(&set);
    sigemptyset(&read_set);
    for (size_t i = 0; i < PN_COUNT_OF(ours); i++) {
        if (sigaction(ours[i], &standard, NULL) < 0)
            return false;
        sigaddset(&set, ours[i]);
        if (ours[i] != SIGPIPE &&
            ours[i] != SIGXFSZ) /* failed writes report EPIPE and EFBIG */
            sigaddset(&read_set, ours[i]);
    }
    if (sigprocmask(SIG_BLOCK, &set, &server->program_mask) < 0)
        return false;
    for (size_t i = 0; i < PN_COUNT_OF(ours); i++)
        sigdelset(&server->program_mask, ours[i]);
    fd = signalfd(-1, &read_set, SFD_CLOEXEC | SFD_NONBLOCK);
    server->signal_watch =
        (struct srv_watch){ .ready = on_signal, .fd = fd, .owner = server };
    return fd >= 0 && srv_loop_watch(server->loop, &server->signal_watch, SRV_READABLE);
}

static void
on_folder(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;

    if (srv_folder_watch_read(&server->rules_folder))
        server->kind->rules(server);
}

/*
 * Under --keep-last-good, rules must be loaded while the file is intact, even if no
 * client comes meanwhile. Without inotify only the timer checks the file.
 */
static void
folder_begin(struct srv_server *server)
{
    if (!server->config->rules_path || !server->config->keep_last_good ||
        !srv_folder_watch_open(&server->rules_folder, server->config->rules_path))
        return;
    server->folder_watch = (struct srv_watch){ .ready = on_folder,
                                               .fd = server->rules_folder.fd,
                                               .owner = server };
    if (!srv_loop_watch(server->loop, &server->folder_watch, SRV_READABLE))
        close(server->rules_folder.fd);
}

static size_t
clamp(size_t number, size_t most)
{
    if (number > most)
        return most;
    return number ? number : 1;
}

/*
 * Divides the descriptors that the process may open. A deferred client has one, a
 * client that is looked up has three, one with a program has none. Some are kept for
 * the server itself: without them it could not reload its rules.
 */
static void
descriptors_share(struct srv_server *server)
{
    struct rlimit limit;
    size_t left = SIZE_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        left =
            limit.rlim_cur > DESCRIPTORS_SPARE ? limit.rlim_cur - DESCRIPTORS_SPARE : 0;
    server->deferred_most = clamp(left / DEFERRED_SHARE, SRV_DEFER_MOST);
    if (left > server->deferred_most)
        left -= server->deferred_most;
    srv_lookup_places_init(&server->lookup_places,
                           clamp(left / DESCRIPTORS_A_LOOKUP, LOOKUPS_MOST));
}

static int
server_begin(struct srv_server *server)
{
    const struct srv_config *config = server->config;

    server->pid = getpid();
    server->path = getenv("PATH");
    descriptors_share(server);
    srv_gate_init(server);
    server->rules_timer = (struct srv_timer){ .fire = on_rules_timer, .owner = server };
    server->deferred_timer =
        (struct srv_timer){ .fire = on_deferred_timer, .owner = server };
    server->rules.allow_missing = config->allow_missing;
    server->rules.keep_last_good = config->keep_last_good;
    server->rules.names_policies = config->log_format == SRV_LOG_JSON;
    server->loop = srv_loop_new();
    if (!server->loop || !signals_begin(server))
        return srv_fatal(srv_config_who(server->config), "unable to begin", NULL,
                         errno);
    server->drain.loop = server->loop;
    srv_rates_init(&server->counters.rates);
    srv_penalties_init(&server->counters.penalties, config->penalty_most_s,
                       &config->per_source);
    if (config->limits_patch) {
        srv_limits_patch_begin(&server->limits_patch,
                               config->verbosity >= SRV_ERRORS ? &server->log : NULL);
        server->counters.patch = &server->limits_patch;
    }
    if (!srv_limits_init(&server->counters.live) ||
        !srv_environ_init(&server->env, environ,
                          config->proxies.count ? SRV_ENVIRON_PROXIED
                                                : server->kind->environ_use) ||
        !srv_rules_init(&server->rules, config->rules_path, srv_now_ms()) ||
        !srv_shadow_begin(server))
        return srv_fatal(srv_config_who(server->config), "out of memory", NULL, 0);
    if (srv_apart_is_wanted(config)) {
        if (!srv_apart_begin(server))
            return srv_fatal(srv_config_who(server->config), "unable to look up names",
                             NULL, errno);
    } else if (config->lookup_host || !config->local_host) {
        if (!srv_resolvers_begin(&server->resolvers, server->loop, getenv("DNSCACHEIP"),
                                 server->lookup_places.most))
            return srv_fatal(srv_config_who(server->config), "unable to look up names",
                             NULL, errno);
    }
    for (size_t i = 0; i < server->listeners.count; i++)
        server->listener_watches[i] =
            (struct srv_watch){ .ready = server->kind->readable,
                                .fd = server->listeners.fds[i],
                                .owner = server };
    if (server->kind->begin && !server->kind->begin(server))
        return srv_fatal(srv_config_who(server->config), "out of memory", NULL, 0);
    srv_reserve_take(&server->reserve);
    srv_rules_load_in_thread(&server->rules);
    folder_begin(server);
    server->kind->rules(server); /* from here on its timer sets itself again */
    return 0;
}

/* Prints the port, and replaces the standard input and output that we were given. */
static bool
standard_io_replace(const struct srv_server *server)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct pn_output out;
    bool fine;

    pn_output_begin(&out, STDOUT_FILENO);
    if (server->config->print_port)
        pn_output_format(&out, "%u\n", server->listeners.port);
    (void)pn_output_end(
        &out); /* as in the original, it is no error when nobody reads it */
    fine = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0;
    if (null > STDERR_FILENO)
        close(null);
    return fine;
}

static void
on_log(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;

    if (srv_log_flush(&server->log))
        srv_loop_forget(server->loop, watch);
}

static int
run(struct srv_server *server)
{
    int error;

    server->log_watch =
        (struct srv_watch){ .ready = on_log, .fd = server->log.fd, .owner = server };
    for (;;) {
        server->kind->turn(server); /* clients whose look-ups ended in the last turn */
        srv_count_totals(server);
        if (!srv_log_flush(&server->log) && !server->log_watch.watched)
            (void)srv_loop_watch(server->loop, &server->log_watch, SRV_WRITABLE);
        if (srv_loop_turn(server->loop))
            continue;
        error = errno;
        srv_readiness_end(server);
        return srv_fatal(srv_config_who(server->config), "unable to wait", NULL, error);
    }
}

int
srv_live(int argc, char **argv, const struct srv_kind *kind)
{
    struct srv_server *server = &the_server;
    static struct srv_config config;
    const char *what;
    int status;

    pn_process_spare_memory();
    if (!pn_process_descriptors())
        return SRV_EXIT_TEMPORARY; /* and nowhere to say so */
    if (!srv_config_parse(&config, kind->command, argc, argv, &status))
        return status;
    server->config = &config;
    server->kind = kind;
    srv_messages_begin(&server->log, kind->command->name, config.patient_log,
                       (enum srv_log_format)config.log_format);
    if (!srv_readiness_open(server))
        return SRV_EXIT_TEMPORARY;
    if (!srv_listen(&config, &server->listeners))
        return SRV_EXIT_TEMPORARY;
    if (!srv_count_open(server))
        return SRV_EXIT_TEMPORARY;
    if (srv_apart_is_wanted(&config) &&
        !srv_cell_fork(&server->cell, !getenv("DNSCACHEIP"), srv_cell_answer))
        return srv_fatal(srv_config_who(server->config), "unable to fork", NULL, errno);
    what = srv_privileges_drop((uid_t)config.uid, (gid_t)config.gid);
    if (what)
        return srv_fatal(srv_config_who(server->config), what, NULL, errno);
    status = server_begin(server);
    if (status)
        return status;
    if (!standard_io_replace(server))
        return srv_fatal(srv_config_who(server->config), "unable to set up descriptors",
                         NULL, errno);
    srv_startup_log(server);
    if (config.verbosity == SRV_VERBOSE)
        srv_message_start(server);
    if (!srv_readiness_begin(server))
        return srv_fatal(srv_config_who(server->config), "out of memory", NULL, 0);
    return run(server);
}
