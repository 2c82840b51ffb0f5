/*
 * From HOST and PORT to listening sockets, with the original's messages. SO_DOMAIN and
 * SO_PROTOCOL are Linux's.
 */
#define _DEFAULT_SOURCE
#include "server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/options.h"
#include "base/sizes.h"
#include "server/datagram.h"
#include "server/dns_names.h"
#include "server/endpoint.h"
#include "server/fatal.h"
#include "server/log.h"

enum { PORT_TRIES = 16, HOST_SIZE = 1024, FIRST_HANDED = 3 };

struct target {
    struct srv_endpoint end; /* family 0: every address of both */
    size_t host;             /* which word of HOST it is of */
    int error;               /* errno when it is skipped, else 0 */
};

struct targets {
    struct target items[SRV_LISTEN_MOST];
    size_t count, host_count;
};

static bool
listen_fail(const struct srv_config *config, const char *what, const char *name,
            int error)
{
    (void)srv_fatal(srv_config_who(config), what, name,
                    error); /* main() returns the status */
    return false;
}

static bool
target_add(const struct srv_config *config, const struct postern_addr *addr,
           struct targets *out)
{
    for (size_t i = 0; i < out->count; i++)
        if (srv_addr_equal(&out->items[i].end.addr, addr))
            return true; /* another word named it */
    if (out->count == SRV_LISTEN_MOST)
        return listen_fail(config, "too many addresses:", config->host, 0);
    out->items[out->count++] =
        (struct target){ .end = { .addr = *addr }, .host = out->host_count };
    return true;
}

/* -6 wants the IPv6 addresses of a name; one that has none is served by IPv4. */
static void
keep_ipv6(struct srv_addresses *addresses)
{
    size_t kept = 0;

    for (size_t i = 0; i < addresses->count; i++)
        if (addresses->items[i].family == 6)
            addresses->items[kept++] = addresses->items[i];
    if (kept)
        addresses->count = kept;
}

static bool
host_find(const struct srv_config *config, const char *host, struct targets *out)
{
    struct postern_addr any = { .family = config->ipv4_only ? 4 : 0 };
    struct srv_addresses addresses;

    if (strcmp(host, "0") == 0 || !*host)
        return target_add(config, &any, out);
    switch (srv_addresses_find(host, config->ipv4_only, &addresses)) {
    case SRV_NAMES_FOUND:
        break;
    case SRV_NAMES_NONE:
        return listen_fail(config, srv_addresses_none_text(host, config->ipv4_only),
                           host, 0);
    case SRV_NAMES_LATER:
        return listen_fail(config, "temporarily unable to figure out IP address for",
                           host, addresses.error);
    }
    if (config->force_ipv6)
        keep_ipv6(&addresses);
    for (size_t i = 0; i < addresses.count; i++)
        if (!target_add(config, &addresses.items[i], out))
            return false;
    return true;
}

static bool
targets_find(const struct srv_config *config, struct targets *out)
{
    uint32_t scope = config->interface ? if_nametoindex(config->interface) : 0;
    const char *at = config->host;
    char host[HOST_SIZE];

    if (config->interface && !scope)
        return listen_fail(config, "no interface", config->interface, 0);
    out->count = 0;
    for (out->host_count = 0;; at++) {
        size_t len = strcspn(at, ",");

        if (len >= sizeof(host))
            return listen_fail(config, "too long an address:", config->host, 0);
        memcpy(host, at, len);
        host[len] = '\0';
        if (!host_find(config, host, out))
            return false;
        out->host_count++;
        at += len;
        if (!*at)
            break;
    }
    for (size_t i = 0; i < out->count; i++)
        out->items[i].end.scope = scope;
    return true;
}

/* A socket of datagrams is one that blocks, since programs get it as it is. */
static int
socket_open(const struct srv_config *config, int family)
{
    int type = config->datagrams ? SOCK_DGRAM : SOCK_STREAM | SOCK_NONBLOCK;
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    int on = 1, off = 0;

    if (fd < 0)
        return -1;
    if (config->datagrams) /* to reuse an address would take another's datagrams */
        srv_datagram_prepare(fd, family, config);
    else
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
                         sizeof(on)); /* bind tells */
    if (family == AF_INET6) /* accept IPv4 clients too, whatever the system's default */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    return fd;
}

/* The socket and, on a failure, *what went wrong. */
static int
bind_one(const struct srv_config *config, const struct srv_endpoint *target,
         uint16_t port, const char **what)
{
    struct srv_endpoint end = *target;
    struct sockaddr_storage address;
    socklen_t size;
    int fd, error;

    if (!end.addr.family) /* every address; of IPv4 where there is no IPv6 */
        end.addr.family = 6;
    *what = "unable to create socket";
    fd = socket_open(config, srv_endpoint_family(&end));
    if (fd < 0 && !target->addr.family && errno == EAFNOSUPPORT) {
        end.addr.family = 4;
        fd = socket_open(config, AF_INET);
    }
    if (fd < 0)
        return -1;
    end.port = port;
    size = srv_endpoint_to(&end, &address);
    *what = "unable to bind";
    if (bind(fd, (struct sockaddr *)&address, size) == 0) {
        *what = "unable to listen";
        if (config->datagrams || listen(fd, (int)config->backlog) == 0)
            return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int
socket_family(int fd)
{
    int family = AF_INET;
    socklen_t size = sizeof(family);

    (void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family,
                     &size); /* misfit() has asked */
    return family;
}

static uint16_t
bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    struct srv_endpoint end;

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 ||
        !srv_endpoint_from(&address, &end))
        return 0;
    return end.port;
}

/* How many other addresses of the same word of HOST are not skipped. */
static size_t
other_addresses(const struct targets *targets, const struct target *target)
{
    size_t count = 0;

    for (size_t i = 0; i < targets->count; i++)
        count += targets->items[i].host == target->host && !targets->items[i].error;
    return count - 1;
}

/* This machine does not have the address, or the address family. */
static bool
is_not_local(int error)
{
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

static void
close_all(struct srv_listeners *listeners)
{
    int error = errno;

    while (listeners->count)
        close(listeners->fds[--listeners->count]);
    errno = error;
}

/* All targets at one port, or none: errno, and *failed. */
static bool
bind_all(const struct srv_config *config, struct targets *targets,
         struct srv_listeners *out, const char **what, const struct target **failed)
{
    out->count = 0;
    for (size_t i = 0; i < targets->count; i++) {
        struct target *target = &targets->items[i];
        int fd = bind_one(config, &target->end, out->port, what);

        if (fd >= 0) {
            out->fds[out->count++] = fd;
            out->port = bound_port(fd);
        } else if (is_not_local(errno) && other_addresses(targets, target)) {
            target->error = errno;
        } else {
            *failed = target;
            close_all(out);
            return false;
        }
    }
    return true;
}

/* Collects the results to log for names with several addresses. */
static void
notes_make(const struct targets *targets, struct srv_listeners *out)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        struct srv_listen_result *note = &out->notes[out->note_count];

        if (!target->error && !other_addresses(targets, target))
            continue; /* it is the only address of its word, or the last that is not
                         skipped */
        *note = (struct srv_listen_result){ target->end, target->error };
        note->end.port = out->port;
        out->note_count++;
    }
}

struct wanted {
    int option, wanted, or_wanted;
    const char *otherwise;
};

/* Why a descriptor is no listening TCP socket, or no UDP socket; NULL when it is. */
static const char *
misfit(const struct srv_config *config, int fd)
{
    static const struct wanted tcp[] = {
        { SO_DOMAIN, AF_INET, AF_INET6, "it is no IPv4 or IPv6 socket" },
        { SO_TYPE, SOCK_STREAM, SOCK_STREAM, "it is no stream socket" },
        { SO_PROTOCOL, IPPROTO_TCP, IPPROTO_MPTCP, "it is no TCP socket" },
        { SO_ACCEPTCONN, 1, 1, "it does not listen" },
    };
    static const struct wanted udp[] = {
        { SO_DOMAIN, AF_INET, AF_INET6, "it is no IPv4 or IPv6 socket" },
        { SO_TYPE, SOCK_DGRAM, SOCK_DGRAM, "it is no datagram socket" },
        { SO_PROTOCOL, IPPROTO_UDP, IPPROTO_UDP, "it is no UDP socket" },
    };
    const struct wanted *rows = config->datagrams ? udp : tcp;
    size_t count = config->datagrams ? PN_COUNT_OF(udp) : PN_COUNT_OF(tcp);

    for (size_t i = 0; i < count; i++) {
        int value = 0;
        socklen_t size = sizeof(value);

        if (getsockopt(fd, SOL_SOCKET, rows[i].option, &value, &size) < 0)
            return pn_errno_text(errno);
        if (value != rows[i].wanted && value != rows[i].or_wanted)
            return rows[i].otherwise;
    }
    return NULL;
}

/* Checks and takes an inherited descriptor. NULL, or why it cannot be used. */
static const char *
descriptor_fault(const struct srv_config *config, int fd)
{
    const char *reason = misfit(config, fd);
    int flags = fcntl(fd, F_GETFL);

    if (reason)
        return reason;
    if (flags < 0)
        return pn_errno_text(errno);
    flags = config->datagrams ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (fcntl(fd, F_SETFL, flags) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return pn_errno_text(errno);
    return NULL;
}

/* "unable to listen on descriptor 3: it does not listen" */
static bool
inherited_fail(const struct srv_config *config, int fd, const char *reason)
{
    struct srv_line line = { .size = 0 };

    srv_line_number(&line, (unsigned)fd);
    srv_line_text(&line, ": ");
    srv_line_text(&line, reason);
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    return listen_fail(config, "unable to listen on descriptor", line.bytes, 0);
}

/* Takes the sockets that systemd has opened, by the protocol of sd_listen_fds(3). */
static bool
inherited_take(const struct srv_config *config, struct srv_listeners *out)
{
    const char *pid_text = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS");
    size_t pid, count;

    if (!pid_text || !count_text || !pn_count_parse(pid_text, 1, SIZE_MAX, &pid) ||
        pid != (size_t)getpid() || !pn_count_parse(count_text, 1, SIZE_MAX, &count))
        return listen_fail(config, "no sockets from", config->host, 0);
    if (count > SRV_LISTEN_MOST)
        return listen_fail(config, "too many sockets from", config->host, 0);
    for (out->count = 0; out->count < count; out->count++) {
        int fd = FIRST_HANDED + (int)out->count;
        const char *reason = descriptor_fault(config, fd);

        if (reason)
            return inherited_fail(config, fd, reason);
        out->fds[out->count] = fd;
        if (config->datagrams)
            srv_datagram_prepare(fd, socket_family(fd), config);
    }
    out->port = bound_port(out->fds[0]);
    return true;
}

bool
srv_listen(const struct srv_config *config, struct srv_listeners *out)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    const struct target *failed = NULL;
    const char *what;
    struct targets targets;
    uint16_t port;

    *out = (struct srv_listeners){ .count = 0 };
    if (strcmp(config->host, "systemd") == 0)
        return inherited_take(config, out);
    if (!srv_port_find(config->port, config->datagrams ? "udp" : "tcp", &port))
        return listen_fail(config, "unable to figure out port number for", config->port,
                           0);
    if (!targets_find(config, &targets))
        return false;
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        out->port = port;
        if (bind_all(config, &targets, out, &what, &failed)) {
            notes_make(&targets, out);
            return true;
        }
        if (port || errno != EADDRINUSE) /* a free port here may be in use there */
            break;
    }
    if (targets.count == 1 || !failed->end.addr.family) /* the original's words */
        return listen_fail(config, what, NULL, errno);
    (void)postern_addr_print(&failed->end.addr,
                             text); /* the length is of no use here */
    return listen_fail(config, what, text, errno);
}
