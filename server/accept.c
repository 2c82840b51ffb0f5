/* accept4(2) is Linux's. */
#define _GNU_SOURCE
#include "server/accept.h"
#include "base/sizes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    int error;
    enum srv_accept_outcome outcome;
} faults[] = {
    { EAGAIN, SRV_ACCEPT_EMPTY },       { EWOULDBLOCK, SRV_ACCEPT_EMPTY },
    { EINTR, SRV_ACCEPT_AGAIN },        { ECONNABORTED, SRV_ACCEPT_AGAIN },
    { EPERM, SRV_ACCEPT_AGAIN },        { EPROTO, SRV_ACCEPT_AGAIN },
    { ENOPROTOOPT, SRV_ACCEPT_AGAIN },  { ENETDOWN, SRV_ACCEPT_AGAIN },
    { EHOSTDOWN, SRV_ACCEPT_AGAIN },    { ENONET, SRV_ACCEPT_AGAIN },
    { EHOSTUNREACH, SRV_ACCEPT_AGAIN }, { EOPNOTSUPP, SRV_ACCEPT_AGAIN },
    { ENETUNREACH, SRV_ACCEPT_AGAIN },  { ETIMEDOUT, SRV_ACCEPT_AGAIN },
    { EMFILE, SRV_ACCEPT_SHORT },       { ENFILE, SRV_ACCEPT_SHORT },
    { ENOBUFS, SRV_ACCEPT_SHORT },      { ENOMEM, SRV_ACCEPT_SHORT },
};

void
srv_reserve_take(struct srv_reserve *reserve)
{
    reserve->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void
srv_reserve_reject_one(int listener, struct srv_reserve *reserve)
{
    int fd;

    if (reserve->fd < 0)
        return;
    close(reserve->fd);
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    srv_reserve_take(reserve);
}

enum srv_accept_outcome
srv_accept(int listener, struct srv_reserve *reserve, int *fd,
           struct srv_endpoint *remote)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    int got = accept4(listener, (struct sockaddr *)&address, &size, SOCK_CLOEXEC);
    int error = errno;

    if (got >= 0) {
        if (reserve->fd <
            0) /* there was no descriptor for it; by now one may be free */
            srv_reserve_take(reserve);
        if (!srv_endpoint_from(&address, remote)) {
            close(got);
            return SRV_ACCEPT_AGAIN;
        }
        *fd = got;
        return SRV_ACCEPT_ONE;
    }
    for (size_t i = 0; i < PN_COUNT_OF(faults); i++) {
        if (faults[i].error != error)
            continue;
        errno = error;
        return faults[i].outcome;
    }
    return SRV_ACCEPT_FATAL;
}
