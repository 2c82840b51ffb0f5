/*
 * Token buckets by source, in a table of fixed size. When it is full, the source that
 * has been idle for longest is evicted, and the eviction is counted.
 */
#ifndef SRV_RATES_H
#define SRV_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/counter_key.h"

struct srv_rate_entry;

struct srv_rates {
    struct srv_hash_key key;
    struct srv_rate_entry *entries; /* made when the first rate is asked for */
    uint64_t evicted;               /* sources forgotten before their bucket was full */
};

void
srv_rates_init(struct srv_rates *rates);

void
srv_rates_clear(struct srv_rates *rates);

/*
 * Takes a token of the source's bucket at this moment; false when there is none left,
 * and then nothing is taken. Without memory for the table nobody is refused. `rate` may
 * be another one than that of the last call: as many tokens are missing then as before,
 * and the bucket has its new size and fills at its new pace.
 */
bool
srv_rates_take(struct srv_rates *rates, const struct srv_counter_key *key,
               const struct postern_rate *rate, int64_t now_ns);

#endif
