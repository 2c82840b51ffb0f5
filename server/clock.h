/* Time for deadlines, rates and back-offs: monotonic, in milliseconds. */
#ifndef SRV_CLOCK_H
#define SRV_CLOCK_H

#include <stdint.h>

int64_t
srv_now_ms(void);

/* The same clock in nanoseconds, for rates. */
int64_t
srv_now_ns(void);

#endif
