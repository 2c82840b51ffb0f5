/* tcpclient HOST PORT PROGRAM: a connection on descriptors 6 and 7. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"
#include "base/process.h"
#include "base/sizes.h"
#include "server/companions/client_names.h"
#include "server/companions/connect.h"
#include "server/config.h"
#include "server/dns_names.h"
#include "server/environ.h"
#include "server/fatal.h"
#include "server/lookup.h"
#include "server/spawn.h"

extern char **environ;

static const char name[] = "tcpclient";

enum { READ_FD = 6, WRITE_FD = 7 };

struct client_config {
    int verbosity; /* enum srv_verbosity */
    int ipv4_only, force_ipv6, no_delay, lookup_host, lookup_ident, cell;
    size_t local_port, timeout_s, fast_s, slow_s;
    struct postern_addr local; /* family 0: none was asked for */
    const char *interface, *local_host;
    const char *host, *port;
    char **program;
};

static bool
local_apply(void *config, size_t tag, const char *text)
{
    struct client_config *out = config;

    (void)tag;
    return postern_addr_parse(text, strlen(text), &out->local);
}

/* "FAST+SLOW", or "FAST": then, as the original, there is no second pass. */
static bool
timeouts_apply(void *config, size_t tag, const char *text)
{
    struct client_config *out = config;

    (void)tag;
    out->slow_s = 0;
    return srv_counts_parse(text, '+', &out->fast_s, &out->slow_s);
}

static const struct srv_option options[] = {
#define X(...) SRV_OPTION_ROW(struct client_config, __VA_ARGS__),
#include "server/tables/tcpclient_options.def"
#undef X
};

static const struct srv_command program = {
    .name = name,
    .usage = "tcpclient: usage: tcpclient [ -46hHrRdDqQv ] [ -i localip ] "
             "[ -p localport ] [ -T timeoutconn ] [ -l localname ] [ -t timeoutinfo ] "
             "[ -I interface ] host port program\n",
    .summary =
        "tcpclient [options] HOST PORT PROGRAM [ARGUMENT...]\n"
        "Connects to HOST and PORT and runs PROGRAM, which reads the connection\n"
        "from descriptor 6 and writes it to descriptor 7.\n",
    .options = options,
    .option_count = PN_COUNT_OF(options),
};

/* Whose fatal messages it is: under -q nobody's. */
static const char *
fatal_name(const struct client_config *config)
{
    return config->verbosity == SRV_QUIET ? NULL : name;
}

/* "tcpclient: connected to 127.0.0.1 port 25" and, with an error, why not. */
static void
say(const char *what, const struct client_config *config,
    const struct srv_endpoint *remote, int error)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct pn_output err;

    if (config->force_ipv6)
        (void)srv_addr_print_mapped(&remote->addr, text); /* the length is of no use */
    else
        (void)postern_addr_spell(&remote->addr, text); /* likewise */
    pn_output_begin(&err, STDERR_FILENO);
    pn_output_format(&err, "%s: %s %s port %u", name, what, text, remote->port);
    if (error)
        pn_output_format(&err, ": %s", pn_errno_text(error));
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* there is nowhere left to say it */
}

/*
 * The addresses to try. "0" is the local machine: IPv6 first, then IPv4, as the
 * original.
 */
static enum srv_names_outcome
targets_find(const struct client_config *config, struct srv_addresses *out)
{
    static const struct postern_addr local6 = { .family = 6, .bytes = { [15] = 1 } };
    static const struct postern_addr local4 = { .family = 4,
                                                .bytes = { 127, 0, 0, 1 } };

    if (strcmp(config->host, "0") != 0 && *config->host)
        return config->cell
                   ? srv_addresses_find_apart(config->host, config->ipv4_only, out)
                   : srv_addresses_find(config->host, config->ipv4_only, out);
    out->count = 0;
    if (!config->ipv4_only)
        out->items[out->count++] = local6;
    out->items[out->count++] = local4;
    return SRV_NAMES_FOUND;
}

/*
 * Tries each with the short timeout, then those that did not answer with the long one.
 */
static int
connect_any(const struct client_config *config, struct srv_addresses *targets,
            uint16_t port, struct srv_endpoint *remote, int *fd)
{
    const size_t seconds[] = { config->fast_s, config->slow_s };
    struct srv_connect how = { .local = { .addr = config->local,
                                          .port = (uint16_t)config->local_port } };

    for (size_t pass = 0; pass < 2; pass++) {
        size_t slow = 0;

        how.timeout_ms = (int64_t)seconds[pass] * 1000;
        for (size_t i = 0; i < targets->count; i++) {
            *remote = (struct srv_endpoint){ .addr = targets->items[i], .port = port };
            if (config->interface)
                remote->scope = if_nametoindex(config->interface);
            switch (srv_connect(&how, remote, fd)) {
            case SRV_CONNECT_DONE:
                return 0;
            case SRV_CONNECT_NO_BIND:
                return srv_fatal(fatal_name(config), "unable to bind socket", NULL,
                                 errno);
            case SRV_CONNECT_FAILED:
                break;
            }
            if (pass == 0 && errno == ETIMEDOUT)
                targets->items[slow++] = targets->items[i];
            else if (config->verbosity >= SRV_ERRORS)
                say("unable to connect to", config, remote, errno);
        }
        targets->count = slow;
    }
    return SRV_EXIT_TEMPORARY;
}

/* Names and ident; *found has the texts, and lives until the program runs. */
static int
look_up(const struct client_config *config, struct srv_client *client,
        struct srv_cell_reply *found)
{
    struct srv_client ends = *client;
    struct srv_names_wanted wanted = { .client = &ends,
                                       .ident_ms = (int64_t)config->timeout_s * 1000 };
    const char *failed = NULL;

    wanted.work = (config->lookup_host ? (unsigned)SRV_LOOKUP_HOST : 0) |
                  (config->lookup_ident ? (unsigned)SRV_LOOKUP_IDENT : 0) |
                  (config->local_host ? 0 : (unsigned)SRV_LOOKUP_LOCAL_HOST);
    if (!wanted.work)
        return 0;
    ends.fd = -1;
    ends.local_host = NULL;
    if (config->cell)
        srv_names_find_apart(&wanted, found);
    else
        failed = srv_names_find(&wanted, found);
    if (failed)
        return srv_fatal(fatal_name(config), failed, NULL, errno);
    if (found->has_host || found->nameless & SRV_LOOKUP_HOST)
        client->host = found->host; /* an empty one is the original's way to say so */
    if (found->has_local_host || found->nameless & SRV_LOOKUP_LOCAL_HOST)
        client->local_host = found->local_host;
    client->ident = found->has_ident ? found->ident : NULL;
    return 0;
}

/* Moves the connection to 6 and 7, wherever it is. */
static int
connection_place(const struct client_config *config, int fd)
{
    if (fd == WRITE_FD) /* or the next step would close it */
        fd = dup(fd);
    if (fd != READ_FD && (fd < 0 || dup2(fd, READ_FD) < 0))
        return srv_fatal(fatal_name(config), "unable to set up descriptor 6", NULL,
                         errno);
    if (dup2(READ_FD, WRITE_FD) < 0)
        return srv_fatal(fatal_name(config), "unable to set up descriptor 7", NULL,
                         errno);
    return 0;
}

static int
run(const struct client_config *config, const struct srv_client *client)
{
    const struct postern_env_iter nothing = { NULL, NULL };
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    struct srv_environ env;
    char *const *items;
    int status, error;

    if (!srv_environ_init(&env, environ, SRV_ENVIRON_CLASSIC))
        return srv_fatal(fatal_name(config), "out of memory", NULL, 0);
    items = srv_environ_build(&env, client, NULL, nothing);
    if (!items)
        return srv_fatal(fatal_name(config), "out of memory", NULL, 0);
    status = connection_place(config, client->fd);
    if (status)
        return status;
    (void)sigaction(SIGPIPE, &standard, NULL); /* a valid signal */
    srv_exec(config->program, items, getenv("PATH"));
    error = errno;
    srv_environ_clear(&env);
    return srv_fatal(fatal_name(config), "unable to run", config->program[0], error);
}

static int
tcpclient(const struct client_config *config)
{
    struct srv_addresses targets;
    struct srv_endpoint remote;
    struct srv_cell_reply found;
    struct srv_client client;
    const int on = 1;
    uint16_t port;
    int fd = -1, status;

    if (!srv_port_find(config->port, "tcp", &port))
        return srv_fatal(fatal_name(config), "unable to figure out port number for",
                         config->port, 0);
    switch (targets_find(config, &targets)) {
    case SRV_NAMES_FOUND:
        break;
    case SRV_NAMES_NONE:
        return srv_fatal(fatal_name(config),
                         srv_addresses_none_text(config->host, config->ipv4_only),
                         config->host, 0);
    case SRV_NAMES_LATER:
        return srv_fatal(fatal_name(config),
                         "temporarily unable to figure out IP address for",
                         config->host, targets.error);
    }
    status = connect_any(config, &targets, port, &remote, &fd);
    if (status)
        return status;
    if (config->no_delay) /* a connection that is gone: the program will see */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    srv_client_init(&client, fd, &remote, config->force_ipv6);
    client.local_host = config->local_host;
    if (!srv_client_find_local(&client, config->force_ipv6))
        return srv_fatal(fatal_name(config), "unable to get local address", NULL,
                         errno);
    if (config->verbosity == SRV_VERBOSE)
        say("connected to", config, &remote, 0);
    status = look_up(config, &client, &found);
    if (status)
        return status;
    return run(config, &client);
}

int
main(int argc, char **argv)
{
    struct client_config config = { .fast_s = 2, .slow_s = 58 };
    int at;

    pn_process_spare_memory();
    if (!pn_process_descriptors())
        return SRV_EXIT_TEMPORARY; /* and nowhere to say so */
    at = srv_options_parse(&program, argc, argv, &config);
    if (at <= 0)
        return at < 0 ? SRV_EXIT_PERMANENT : 0;
    if (argc - at < 3)
        return config.verbosity == SRV_QUIET ? SRV_EXIT_PERMANENT : srv_usage(&program);
    config.host = argv[at];
    config.port = argv[at + 1];
    config.program = argv + at + 2;
    return tcpclient(&config);
}
