/*
 * Memory for c-ares. A channel of it is one piece of 75 KB, half of what a server may
 * have that is started under `softlimit -d150000`, as the original can be. Large pieces
 * are mapped shared, which that limit does not count; nobody shares them.
 */
#ifndef SRV_RESOLVER_MEMORY_H
#define SRV_RESOLVER_MEMORY_H

#include <stdbool.h>

/* Makes c-ares take its memory so; once, before its first use. False when it cannot. */
bool
srv_resolver_memory_init(void);

#endif
