/* Random numbers that are the same in every run. */
#ifndef PN_TESTS_SUPPORT_RANDOM_H
#define PN_TESTS_SUPPORT_RANDOM_H

#include <stdint.h>

/* xorshift64* (S. Vigna, 2016). The state must not be 0. */
static inline unsigned
pn_test_pick(uint64_t *state, unsigned count)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (unsigned)((*state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % count;
}

#endif
