/*
 * Limits by variables, as the widespread limits patch of tcpserver has them, under
 * --limits-patch: MAXLOAD, MAXCONNIP and MAXCONNC, with DIEMSG for whoever they refuse.
 * The server's own environment has what holds where a rule says nothing.
 */
#ifndef SRV_LIMITS_PATCH_H
#define SRV_LIMITS_PATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/str.h"
#include "server/admit.h"
#include "server/log.h"

/* In the order in which they are asked. */
enum srv_patch_limit {
    SRV_PATCH_LOAD,
    SRV_PATCH_ADDRESS,
    SRV_PATCH_NETWORK,
    SRV_PATCH_LIMITS
};

/* What the variables say; a rule's stand in the place of the server's own. */
struct srv_patch_values {
    struct {
        bool set;
        uint32_t most;
        struct pn_str message; /* of DIEMSG_MAXLOAD and its like; empty for none */
    } limits[SRV_PATCH_LIMITS];
    struct pn_str message; /* of DIEMSG; empty for none */
};

/* The load of the machine over the last minute, read at most once a second. */
struct srv_load {
    const char *path; /* in the form of /proc/loadavg */
    int64_t until_ms; /* it is read again then; 0: it was never read */
    bool known;
    uint32_t hundredths; /* the load times 100 */
};

struct srv_limits_patch {
    struct srv_patch_values preset;
    struct srv_load load;
    struct srv_log *log; /* for a load that cannot be read; NULL: nothing is said */
    bool said;
    /* why srv_limits_patch_check() has refused, until it is called again */
    struct {
        enum srv_patch_limit limit;
        uint32_t number; /* the load, or the limit */
        struct pn_str message;
    } refusal;
};

/* Reads the environment of the process, which must not change afterwards. */
void
srv_limits_patch_begin(struct srv_limits_patch *patch, struct srv_log *log);

/* The digits that a text begins with, 0 without any; a number that is too large is the
 * largest. */
uint32_t
srv_patch_number(struct pn_str text);

/* The load at this time. False when it cannot be read: errno. */
bool
srv_load_read(struct srv_load *load, int64_t now_ms, uint32_t *hundredths);

/*
 * ALLOW, LOAD, or PATCH for a source with its full number of connections, when
 * *exceeded is filled in. The client's own place is not counted. `env` has the
 * assignments of its rule.
 */
enum srv_admission
srv_limits_patch_check(struct srv_limits_patch *patch, const struct srv_limits *live,
                       const struct srv_client *client, struct postern_env_iter env,
                       struct srv_exceeded *exceeded);

/* Counts a client that is admitted, by its address and its network, unless it is. */
void
srv_limits_patch_hold(struct srv_limits *live, struct srv_client *client);

/* What the patch writes at the end of the line of a client that was refused last. */
void
srv_limits_patch_say(const struct srv_limits_patch *patch, struct srv_line *line);

/* What that client is sent, with the end of a line; false for nothing. */
bool
srv_limits_patch_message(const struct srv_limits_patch *patch, struct pn_buffer *out);

#endif
