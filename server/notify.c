/* Reading NOTIFY_SOCKET and WATCHDOG_*, and sending a datagram. */
#include "server/notify.h"

#include <string.h>

#include "base/options.h"

enum { USEC_A_SIGN = 2000 }; /* half of the time, in milliseconds */

const char *
srv_notify_address(const char *text, struct srv_notify *out)
{
    bool abstract = *text == '@';
    size_t len = strlen(text);
    size_t size = abstract ? len : len + 1; /* a path ends in NUL */

    if (*text != '/' && (!abstract || len == 1))
        return "NOTIFY_SOCKET is neither a path that begins with / nor a name behind @";
    if (size > sizeof(out->address.sun_path))
        return "NOTIFY_SOCKET is longer than an address of a socket can be";
    out->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(out->address.sun_path, text, len);
    if (abstract)
        out->address.sun_path[0] = '\0';
    out->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return NULL;
}

static bool
is_set(const char *text)
{
    return text && *text;
}

const char *
srv_notify_watchdog(const char *usec, const char *pid, pid_t own, int64_t *every_ms)
{
    size_t number;

    *every_ms = 0;
    if (!is_set(usec))
        return NULL;
    if (is_set(pid)) {
        if (!pn_count_parse(pid, 1, INT32_MAX, &number))
            return "WATCHDOG_PID is no process id";
        if (number != (size_t)own) /* it is meant for another process */
            return NULL;
    }
    if (!pn_count_parse(usec, 1, SIZE_MAX - 1, &number))
        return "WATCHDOG_USEC is no number of microseconds from 1 on";
    *every_ms = number < USEC_A_SIGN ? 1 : (int64_t)(number / USEC_A_SIGN);
    return NULL;
}

bool
srv_notify_send(const struct srv_notify *notify, const char *text, size_t size)
{
    return sendto(notify->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                  (const struct sockaddr *)&notify->address,
                  notify->size) == (ssize_t)size;
}
