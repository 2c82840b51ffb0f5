/*
 * What a supervisor asks for by its environment, as sd_notify(3) has it: datagrams to
 * the socket of NOTIFY_SOCKET, and signs of life as often as WATCHDOG_USEC says.
 */
#ifndef SRV_NOTIFY_H
#define SRV_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

struct srv_notify {
    int fd; /* an unconnected datagram socket; negative: nobody asked */
    struct sockaddr_un address;
    socklen_t size; /* of the address */
};

/*
 * Reads the value of NOTIFY_SOCKET: a path that begins with /, or an abstract name
 * behind @. NULL, or what is wrong with it.
 */
const char *
srv_notify_address(const char *text, struct srv_notify *out);

/*
 * Reads the values of WATCHDOG_USEC and WATCHDOG_PID, NULL when unset; an empty one is
 * as unset. *every_ms is half of the time, and 0 when no sign of life is asked of this
 * process. NULL, or what is wrong with them.
 */
const char *
srv_notify_watchdog(const char *usec, const char *pid, pid_t own, int64_t *every_ms);

/* Sends one datagram, and never waits. False with errno set. */
bool
srv_notify_send(const struct srv_notify *notify, const char *text, size_t size);

#endif
