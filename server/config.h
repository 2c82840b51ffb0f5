/* The configuration of a server: what its command line says. */
#ifndef SRV_CONFIG_H
#define SRV_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "server/address_list.h"
#include "server/command.h"
#include "server/penalties.h"
#include "server/tiers.h"

enum srv_verbosity { SRV_QUIET, SRV_ERRORS, SRV_VERBOSE };

/* Whose names are looked up. */
enum srv_names { SRV_NAMES_NEVER, SRV_NAMES_ALWAYS, SRV_NAMES_FOR_RULES };

/* How the lines of the log are written. */
enum srv_log_format { SRV_LOG_CLASSIC, SRV_LOG_JSON };

struct srv_config {
    const struct srv_command *command; /* whose options these are */
    int verbosity;                     /* enum srv_verbosity */
    int ipv4_only, force_ipv6;
    int lookup_host; /* enum srv_names */
    int paranoid, lookup_ident;
    int keep_ip_options, no_delay;
    int print_port;
    int cell; /* -S */
    int allow_missing, keep_last_good, patient_log, limits_patch;
    int log_format; /* enum srv_log_format */
    size_t limit, backlog, timeout_s;
    size_t uid, gid;                   /* 0: unchanged */
    size_t ready_fd;                   /* of --ready-fd; 0: none */
    struct srv_tiers per_source;       /* -C; none without it */
    struct srv_penalty_list penalties; /* of rules that say nothing of it */
    size_t penalty_most_s;
    struct srv_address_list proxies; /* peers whose PROXY header is believed */
    size_t proxy_timeout_s, proxy_most;
    int proxy_unknown;
    bool datagrams;     /* udpserver */
    int source_each;    /* --per-source: a program for each source of datagrams */
    size_t idle_s;      /* -i: when such a source is ended */
    size_t buffer_size; /* -b of udpserver: bytes; 0: the system's */
    char fault[SRV_ADDRESS_FAULT_SIZE]; /* of the first LIST at fault; empty: none */
    /* point into the command line, valid as long as the process */
    const char *counts_path, *shadow_path; /* of -k and --shadow; NULL for none */
    const char *rules_path, *banner, *local_host, *interface;
    const char *host, *port;
    char *const *program; /* ends in NULL */
};

extern const struct srv_command srv_tcpserver, srv_udpserver;

/*
 * Parses the command line. False when the program must exit with *status: after --help,
 * or after an error message.
 */
bool
srv_config_parse(struct srv_config *config, const struct srv_command *command, int argc,
                 char **argv, int *status);

/* The program's name for fatal messages; NULL under -q, which prints none. */
const char *
srv_config_who(const struct srv_config *config);

#endif
