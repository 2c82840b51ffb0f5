/*
 * The header of one connection: its bytes while they come, what it says afterwards.
 * Copies of a srv_pending share it, since a client's texts point into its bytes.
 */
#ifndef SRV_HEADED_H
#define SRV_HEADED_H

#include "server/loop.h"
#include "server/proxy_header.h"

struct srv_headed {
    unsigned users;
    struct srv_timer timer; /* set while more is waited for */
    struct srv_proxy_header header;
    size_t size, most; /* bytes that have come, and that may */
    uint8_t bytes[];
};

/* For one user; NULL without memory. */
struct srv_headed *
srv_headed_new(size_t most);

/* One more user. NULL is fine. */
void
srv_headed_share(struct srv_headed *headed);

/* One user fewer; the last frees it. Its timer is not set any more. NULL is fine. */
void
srv_headed_release(struct srv_headed *headed);

enum srv_headed_state {
    SRV_HEADED_WAITS, /* nothing more is there yet */
    SRV_HEADED_READ,  /* header is filled in */
    SRV_HEADED_FAILS  /* *reason says why, in words that last */
};

/*
 * Reads what is there of a connection's header, and nothing behind it: never blocks.
 * `unknown`: a header that speaks of no TCP connection is one of the peer itself.
 */
enum srv_headed_state
srv_headed_read(struct srv_headed *headed, int fd, bool unknown, const char **reason);

#endif
