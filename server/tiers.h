/* Tiers: several numbers of connections that one client is counted against. */
#ifndef SRV_TIERS_H
#define SRV_TIERS_H

#include <stdbool.h>
#include <stddef.h>

#include "postern/types.h"
#include "server/counter_key.h"

enum { SRV_TIERS_MAX = POSTERN_LIMITS_MAX };

/* The length for IPv4 of a tier that counts none. */
enum { SRV_PER_NONE = 255 };

/* Those of -C; of IPv4 per SRV_PER_NONE for none. */
struct srv_tiers {
    size_t count;
    struct postern_limit of[SRV_TIERS_MAX];
};

/*
 * TIER[,TIER...], TIER is N, N/LEN6 or N/LEN4:LEN6: N connections from a network of so
 * many bits, 32 and 64 unless it says so; of IPv4, only the first tier has a length
 * that need not be said. False for another text, for too many tiers, and for two that
 * count the same networks of IPv6, or of IPv4 and IPv6.
 */
bool
srv_tiers_parse(const char *text, struct srv_tiers *out);

/* How many of one source: a tier as one client meets it. */
struct srv_quota {
    struct srv_counter_key source;
    uint32_t n;
    uint32_t tier; /* its number in the option or the rule, from 0 */
};

struct srv_quotas {
    size_t count;
    struct srv_quota of[SRV_TIERS_MAX]; /* what is behind `count` is not set */
};

/* What the tiers of -C are for a client. */
void
srv_tiers_quotas(const struct srv_tiers *tiers, const struct postern_addr *addr,
                 struct srv_quotas *out);

#endif
