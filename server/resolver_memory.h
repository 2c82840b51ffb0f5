/*
 * Memory for c-ares. Its channel is one allocation of 75 KB: half of the limit under
 * `softlimit -d150000`, which the original can run under. Large allocations are mapped
 * MAP_SHARED, which RLIMIT_DATA does not count; they are not in fact shared.
 */
#ifndef SRV_RESOLVER_MEMORY_H
#define SRV_RESOLVER_MEMORY_H

#include <stdbool.h>

/*
 * Makes c-ares use this allocator. Call once, before its first use. False on failure.
 */
bool
srv_resolver_memory_init(void);

#endif
