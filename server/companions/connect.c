/* connect(2) with a timeout. */
#include "server/companions/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include "server/clock.h"

/* False with errno set, unless the connection is there by then. */
static bool
wait_connected(int fd, int64_t until_ms)
{
    struct pollfd ask = { .fd = fd, .events = POLLOUT };
    socklen_t size = sizeof(int);
    int ready, error;

    do {
        int64_t left = until_ms - srv_now_ms();

        ready = poll(&ask, 1, left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        errno = ETIMEDOUT;
    if (ready <= 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return false;
    errno = error;
    return error == 0;
}

static bool
bind_local(int fd, const struct srv_endpoint *local, int family)
{
    struct sockaddr_storage address;
    socklen_t size;
    int on = 1;

    if (!local->addr.family && !local->port)
        return true;
    struct srv_endpoint end = *local;
    if (!end.addr.family)
        end.addr.family = family == AF_INET ? 4 : 6;
    if (srv_endpoint_family(&end) != family) {
        errno = EAFNOSUPPORT;
        return false;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* bind tells */
    size = srv_endpoint_to(&end, &address);
    return bind(fd, (struct sockaddr *)&address, size) == 0;
}

static bool
connect_until(int fd, const struct srv_endpoint *remote, int64_t until_ms)
{
    struct sockaddr_storage address;
    socklen_t size = srv_endpoint_to(remote, &address);
    int flags;

    if (connect(fd, (struct sockaddr *)&address, size) < 0 &&
        (errno != EINPROGRESS || !wait_connected(fd, until_ms)))
        return false;
    flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

enum srv_connect_outcome
srv_connect(const struct srv_connect *how, const struct srv_endpoint *remote, int *fd)
{
    enum srv_connect_outcome outcome = SRV_CONNECT_FAILED;
    int family = srv_endpoint_family(remote), saved_errno;
    int got = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (got < 0)
        return SRV_CONNECT_FAILED;
    if (!bind_local(got, &how->local, family)) {
        outcome = SRV_CONNECT_NO_BIND;
    } else if (connect_until(got, remote, srv_now_ms() + how->timeout_ms)) {
        *fd = got;
        return SRV_CONNECT_DONE;
    }
    saved_errno = errno;
    close(got);
    errno = saved_errno;
    return outcome;
}
