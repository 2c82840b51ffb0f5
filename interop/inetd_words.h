/* The lines of inetd.conf(5), as inetd of BSD, OpenBSD and GNU inetutils read them. */
#ifndef PN_INTEROP_INETD_WORDS_H
#define PN_INTEROP_INETD_WORDS_H

#include "base/source.h"

enum {
    PN_INETD_ARGUMENTS = 64, /* words of a program, its name among them */
    PN_INETD_FIELDS = 6      /* in front of them */
};

/* A service; its texts point into the file. */
struct pn_inetd_service {
    size_t line;        /* from 1 */
    struct pn_str host; /* "ADDRESS:" in front of the service, or of a line before */
    struct pn_str port; /* a name or a number */
    struct pn_str socket, protocol, wait, user, program;
    struct pn_str arguments[PN_INETD_ARGUMENTS]; /* from argv[0] on */
    size_t argument_count;
    const char *fault; /* why it cannot be read; NULL when it can */
};

/* Goes through a text. */
struct pn_inetd_reader {
    struct pn_str rest;
    size_t line;        /* of the last line that was read; 0 at first */
    struct pn_str host; /* for lines without one, as "ADDRESS:" alone on a line says */
};

struct pn_inetd_reader
pn_inetd_begin(const struct pn_source *file);

/* The next service, or line at fault; false at the end. */
bool
pn_inetd_next(struct pn_inetd_reader *reader, struct pn_inetd_service *out);

/* Has it datagrams of udp, of any version of IP? */
bool
pn_inetd_is_udp(const struct pn_inetd_service *service);

/*
 * Why this service can be served by neither tcpserver nor udpserver: it has no streams
 * of tcp and no datagrams of udp, takes connections itself, is done by inetd, or is of
 * rpc. NULL when it can.
 */
const char *
pn_inetd_stays(const struct pn_inetd_service *service);

/* The user alone, without ".group", ":group" or "/class"; *group is what follows. */
struct pn_str
pn_inetd_user(struct pn_str user, struct pn_str *group);

/*
 * Is it tcpd that is started? Then the program is the first argument, found by tcpd
 * beside others, and its base name is the daemon that hosts.allow is asked of.
 */
bool
pn_inetd_is_wrapped(const struct pn_inetd_service *service);

#endif
