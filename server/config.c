/* The options of the servers, and the two whose arguments need a parser of their own.
 */
#include "server/config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "base/output.h"
#include "base/sizes.h"
#include "server/fatal.h"
#include "server/tables/presets.h"

static bool
per_source_apply(void *config, size_t tag, const char *text)
{
    struct srv_config *out = config;

    (void)tag;
    return srv_tiers_parse(text, &out->per_source);
}

static bool
penalty_apply(void *config, size_t tag, const char *text)
{
    struct srv_config *out = config;

    (void)tag;
    return srv_penalty_list_parse(text, &out->penalties);
}

/* What is at fault has words of its own: it is said once all options are read. */
static bool
proxies_apply(void *config, size_t tag, const char *text)
{
    struct srv_config *out = config;

    (void)tag;
    if (!*out->fault)
        (void)srv_address_list_add(&out->proxies, text, out->fault); /* said later */
    return true;
}

static bool
log_format_apply(void *config, size_t tag, const char *text)
{
    static const char *const names[] = {
        [SRV_LOG_CLASSIC] = "classic", [SRV_LOG_JSON] = "json"
    };
    struct srv_config *out = config;

    (void)tag;
    for (size_t i = 0; i < PN_COUNT_OF(names); i++)
        if (strcmp(text, names[i]) == 0) {
            out->log_format = (int)i;
            return true;
        }
    return false;
}

/*
 * A number from the environment, for -U. 0 when the variable is not set or no number.
 */
static size_t
id_from_environment(const char *name)
{
    const char *text = getenv(name);
    size_t id = 0;

    if (text)
        (void)pn_count_parse(text, 0, UINT32_MAX, &id); /* as the original: 0 */
    return id;
}

/* -U overrides an earlier -u and -g, and is overridden by later ones. */
static bool
ids_apply(void *config, size_t tag, const char *text)
{
    struct srv_config *out = config;

    (void)tag;
    (void)text;
    out->uid = id_from_environment("UID");
    out->gid = id_from_environment("GID");
    return true;
}

static const struct srv_option tcp_options[] = {
#define X(...) SRV_OPTION_ROW(struct srv_config, __VA_ARGS__),
#include "server/tables/tcpserver_options.def"
#undef X
};

/* The usage line is the original's, to the letter: the help is made from the rows. */
const struct srv_command srv_tcpserver = {
    .name = "tcpserver",
    .usage = "tcpserver: usage: tcpserver [ -461UXpPhHrRoOdDqQv ] [ -c limit ] "
             "[ -x rules.cdb ] [ -B banner ] [ -g gid ] [ -u uid ] [ -b backlog ] "
             "[ -l localname ] [ -t timeout ] [ -I interface ] host port program\n",
    .summary =
        "tcpserver [options] HOST[,HOST...] PORT PROGRAM [ARGUMENT...]\n"
        "Runs PROGRAM for each connection to HOST (0: every address) and PORT.\n",
    .options = tcp_options,
    .option_count = PN_COUNT_OF(tcp_options),
    .unit = "connection",
};

static const struct srv_option udp_options[] = {
#define X(...) SRV_OPTION_ROW(struct srv_config, __VA_ARGS__),
#include "server/tables/udpserver_options.def"
#undef X
};

const struct srv_command srv_udpserver = {
    .name = "udpserver",
    .usage = "udpserver: usage: udpserver [ -41UXpPhHRqQvw ] [ -c limit ] "
             "[ -x rules.cdb ] [ --per-source ] [ -i seconds ] [ -g gid ] [ -u uid ] "
             "[ -b bytes ] [ -l localname ] [ -I interface ] host port program\n",
    .summary =
        "udpserver [options] HOST[,HOST...] PORT PROGRAM [ARGUMENT...]\n"
        "Runs PROGRAM for the datagrams that come to HOST (0: every address), PORT.\n",
    .options = udp_options,
    .option_count = PN_COUNT_OF(udp_options),
    .unit = "datagram",
};

static int
fault_say(const char *who, const char *fault)
{
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    pn_output_format(&err, "%s: --proxy-from: %s\n", who, fault);
    (void)pn_output_end(&err); /* the exit tells too */
    return SRV_EXIT_PERMANENT;
}

bool
srv_config_parse(struct srv_config *config, const struct srv_command *command, int argc,
                 char **argv, int *status)
{
    int at;

    *config = (struct srv_config){ .command = command,
                                   .datagrams = command == &srv_udpserver };
    if (config->datagrams)
        config->lookup_host = SRV_NAMES_FOR_RULES;
    at = srv_options_parse(command, argc, argv, config);
    if (at <= 0) {
        *status = at < 0 ? SRV_EXIT_PERMANENT : 0;
        return false;
    }
    if (*config->fault) {
        *status = fault_say(command->name, config->fault);
        return false;
    }
    srv_address_list_finish(&config->proxies);
    if (argc - at < 3) {
        *status =
            config->verbosity == SRV_QUIET ? SRV_EXIT_PERMANENT : srv_usage(command);
        return false;
    }
    if (config->source_each && !config->per_source.count)
        (void)srv_tiers_parse("1", &config->per_source); /* it is one */
    config->host = *argv[at] ? argv[at] : "0";
    config->port = argv[at + 1];
    config->program = argv + at + 2;
    return true;
}

const char *
srv_config_who(const struct srv_config *config)
{
    return config->verbosity == SRV_QUIET ? NULL : config->command->name;
}
