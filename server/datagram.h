/*
 * Datagrams on a socket of any address: from whom to which address, and answers from
 * that address.
 */
#ifndef SRV_DATAGRAM_H
#define SRV_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/endpoint.h"

/* No datagram of UDP is larger. */
enum { SRV_DATAGRAM_MOST = 65535 };

/* Both ends of a datagram; an answer goes the other way. */
struct srv_datagram_ends {
    struct srv_endpoint remote, local;
    unsigned interface; /* that it came by, where its addresses mean that; else 0 */
};

struct srv_datagram {
    struct srv_datagram_ends ends;
    int64_t stamp_ns; /* when it came, by the wall clock: names it among others of its
                         source; 0 where it is not asked for */
    size_t size;
};

enum srv_received {
    SRV_RECEIVED,         /* *datagram is filled in */
    SRV_RECEIVED_NOTHING, /* none is waiting */
    SRV_RECEIVED_FAULT    /* one could not be received: errno */
};

/*
 * Makes a socket tell to which address a datagram came, and, where a program is given
 * the socket, when. What cannot be set is done without: then an answer leaves from the
 * address that the system chooses.
 */
void
srv_datagram_prepare(int fd, int family, const struct srv_config *config);

/*
 * Receives into `room` bytes, without waiting; `flags` as MSG_PEEK. `bound` stands in
 * for a local address that is not told.
 */
enum srv_received
srv_datagram_receive(int fd, int flags, void *bytes, size_t room,
                     const struct srv_endpoint *bound, struct srv_datagram *out);

/* Sends an answer, without waiting. False: errno. `family` is the socket's. */
bool
srv_datagram_answer(int fd, int family, const struct srv_datagram_ends *ends,
                    const void *bytes, size_t size);

/* The address and family that a socket is bound to. False: errno. */
bool
srv_datagram_bound(int fd, struct srv_endpoint *bound, int *family);

#endif
