/* Bytes off a socket, as many as are sure to be the header's. */
#include "server/headed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/errno_text.h"

struct srv_headed *
srv_headed_new(size_t most)
{
    struct srv_headed *headed = malloc(sizeof(*headed) + most);

    if (!headed)
        return NULL;
    memset(headed, 0, sizeof(*headed));
    headed->users = 1;
    headed->most = most;
    return headed;
}

void
srv_headed_share(struct srv_headed *headed)
{
    if (headed)
        headed->users++;
}

void
srv_headed_release(struct srv_headed *headed)
{
    if (headed && !--headed->users)
        free(headed);
}

/*
 * What of a line is there, up to its newline. It is looked at first and taken then, so
 * that no byte behind it is lost, and none waits that would wake the loop again and
 * again.
 */
static ssize_t
line_take(int fd, uint8_t *bytes, size_t most)
{
    ssize_t got = recv(fd, bytes, most, MSG_PEEK | MSG_DONTWAIT);
    const uint8_t *newline;

    if (got <= 0)
        return got;
    newline = memchr(bytes, '\n', (size_t)got);
    return recv(fd, bytes, newline ? (size_t)(newline - bytes) + 1 : (size_t)got,
                MSG_DONTWAIT);
}

static enum srv_headed_state
header_read(struct srv_headed *headed, bool unknown, const char **reason)
{
    enum srv_proxy_fault fault =
        srv_proxy_read(headed->bytes, headed->size, &headed->header);

    if (fault == SRV_PROXY_GOOD || (unknown && fault == SRV_PROXY_FOREIGN))
        return SRV_HEADED_READ;
    *reason = srv_proxy_fault_text(fault);
    return SRV_HEADED_FAILS;
}

enum srv_headed_state
srv_headed_read(struct srv_headed *headed, int fd, bool unknown, const char **reason)
{
    for (;;) {
        struct srv_proxy_want want =
            srv_proxy_wants(headed->bytes, headed->size, headed->most);
        uint8_t *end = headed->bytes + headed->size;
        ssize_t got;

        if (want.next == SRV_PROXY_WHOLE)
            return header_read(headed, unknown, reason);
        if (want.next == SRV_PROXY_BROKEN) {
            *reason = srv_proxy_fault_text(want.fault);
            return SRV_HEADED_FAILS;
        }
        got = want.next == SRV_PROXY_LINE ? line_take(fd, end, want.count)
                                          : recv(fd, end, want.count, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return SRV_HEADED_WAITS;
        if (got <= 0) {
            *reason = got < 0 ? pn_errno_text(errno) : "it was closed before its end";
            return SRV_HEADED_FAILS;
        }
        headed->size += (size_t)got;
    }
}
