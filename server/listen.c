/* From HOST and PORT to listening sockets, with the original's messages. */
#include "server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "server/endpoint.h"
#include "server/fatal.h"
#include "server/names.h"

enum { PORT_TRIES = 16, HOST_SIZE = 1024, FIRST_HANDED = 3 };

struct targets {
    struct srv_endpoint ends[SRV_LISTEN_MOST]; /* family 0: every address of both */
    size_t count;
};

static bool
complain(const struct srv_config *config, const char *what, const char *name, int error)
{
    (void)srv_fatal(srv_config_who(config), what, name,
                    error); /* main() has the status */
    return false;
}

static bool
host_find(const struct srv_config *config, const char *host, struct srv_endpoint *out)
{
    struct srv_addresses addresses;

    if (strcmp(host, "0") == 0 || !*host) {
        out->addr = (struct postern_addr){ .family = config->ipv4_only ? 4 : 0 };
        return true;
    }
    switch (srv_addresses_find(host, config->ipv4_only, &addresses)) {
    case SRV_NAMES_FOUND:
        out->addr = addresses.items[0];
        return true;
    case SRV_NAMES_NONE:
        return complain(config, "no IP address for", host, 0);
    case SRV_NAMES_LATER:
        break;
    }
    return complain(config, "temporarily unable to figure out IP address for", host,
                    addresses.error);
}

static bool
targets_find(const struct srv_config *config, struct targets *out)
{
    uint32_t scope = config->interface ? if_nametoindex(config->interface) : 0;
    const char *at = config->host;
    char host[HOST_SIZE];

    if (config->interface && !scope)
        return complain(config, "no interface", config->interface, 0);
    for (out->count = 0;; at++) {
        size_t len = strcspn(at, ",");

        if (len >= sizeof(host) || out->count == SRV_LISTEN_MOST)
            return complain(config, "too many or too long addresses:", config->host, 0);
        memcpy(host, at, len);
        host[len] = '\0';
        if (!host_find(config, host, &out->ends[out->count]))
            return false;
        out->ends[out->count++].scope = scope;
        at += len;
        if (!*at)
            return true;
    }
}

static int
socket_open(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, off = 0;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* bind tells */
    if (family == AF_INET6) /* IPv4 clients too, whatever the system's default */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    return fd;
}

/* The socket and, on a failure, *what went wrong. */
static int
bind_one(const struct srv_endpoint *target, uint16_t port, size_t backlog,
         const char **what)
{
    struct srv_endpoint end = *target;
    struct sockaddr_storage address;
    socklen_t size;
    int fd, error;

    if (!end.addr.family) /* every address; of IPv4 where there is no IPv6 */
        end.addr.family = 6;
    *what = "unable to create socket";
    fd = socket_open(srv_endpoint_family(&end));
    if (fd < 0 && !target->addr.family && errno == EAFNOSUPPORT) {
        end.addr.family = 4;
        fd = socket_open(AF_INET);
    }
    if (fd < 0)
        return -1;
    end.port = port;
    size = srv_endpoint_to(&end, &address);
    *what = "unable to bind";
    if (bind(fd, (struct sockaddr *)&address, size) == 0) {
        *what = "unable to listen";
        if (listen(fd, (int)backlog) == 0)
            return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
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

/* All targets at one port, or none: errno. */
static bool
bind_all(const struct targets *targets, size_t backlog, struct srv_listeners *out,
         const char **what)
{
    for (out->count = 0; out->count < targets->count; out->count++) {
        int error, fd = bind_one(&targets->ends[out->count], out->port, backlog, what);

        if (fd >= 0) {
            out->fds[out->count] = fd;
            out->port = bound_port(fd);
            continue;
        }
        error = errno;
        while (out->count)
            close(out->fds[--out->count]);
        errno = error;
        return false;
    }
    return true;
}

/* A descriptor that is handed over must be one to accept from. */
static bool
adopt(int fd)
{
    int listens = 0, flags = fcntl(fd, F_GETFL);
    socklen_t size = sizeof(listens);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
           flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* The sockets that systemd opened for us: sd_listen_fds(3) describes how it tells. */
static bool
take_handed(const struct srv_config *config, struct srv_listeners *out)
{
    const char *pid_text = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS");
    size_t pid, count;

    if (!pid_text || !count_text || !pn_count_parse(pid_text, 1, SIZE_MAX, &pid) ||
        pid != (size_t)getpid() ||
        !pn_count_parse(count_text, 1, SRV_LISTEN_MOST, &count))
        return complain(config, "no sockets from", config->host, 0);
    for (out->count = 0; out->count < count; out->count++) {
        int fd = FIRST_HANDED + (int)out->count;

        if (!adopt(fd))
            return complain(config, "unable to listen", NULL, errno);
        out->fds[out->count] = fd;
    }
    out->port = bound_port(out->fds[0]);
    return true;
}

bool
srv_listen(const struct srv_config *config, struct srv_listeners *out)
{
    const char *what;
    struct targets targets;
    uint16_t port;

    if (strcmp(config->host, "systemd") == 0)
        return take_handed(config, out);
    if (!srv_port_find(config->port, &port))
        return complain(config, "unable to figure out port number for", config->port,
                        0);
    if (!targets_find(config, &targets))
        return false;
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        out->port = port;
        if (bind_all(&targets, config->backlog, out, &what))
            return true;
        if (port || errno != EADDRINUSE) /* a free port here may be in use there */
            break;
    }
    return complain(config, what, NULL, errno);
}
