/* A service of inetd or xinetd as a run script of tcpserver or udpserver. */
#ifndef PN_TOOLS_ADOPT_SERVICE_H
#define PN_TOOLS_ADOPT_SERVICE_H

#include "tools/adopt.h"

/* Texts may be empty where nothing is given. */
struct pn_adopt_service {
    struct pn_str host, port, user, program;
    const struct pn_str *arguments; /* from argv[0] on; none: the program's own name */
    size_t argument_count;
    struct pn_buffer
        around;   /* words in front of the server, each with a blank behind */
    size_t limit; /* of programs at once; 0: that of the server */
    bool has_rules, needs_names, needs_idents, no_delay, only_v4;
    bool is_udp;
    bool waits; /* of udp: its program gets the socket itself */
};

/*
 * Makes the run script of an item, whose file and line stand in it. False when a word
 * cannot stand in a script; a note says so.
 */
bool
pn_adopt_service_run(struct pn_adopt *adopt, const struct pn_adopt_service *service,
                     struct pn_adopt_item *item);

/*
 * Appends what hosts.allow and hosts.deny say of a daemon, nothing where neither is
 * there. False when they cannot be imported; a note says why.
 */
bool
pn_adopt_hosts_policy(struct pn_adopt *adopt, const char *daemon,
                      struct pn_buffer *policy);

/* The last part of a path, as a text of the arena. */
const char *
pn_adopt_base(struct pn_adopt *adopt, struct pn_str path);

#endif
