/* A condition that must hold whatever the input is. */
#ifndef PN_TESTS_FUZZ_CHECK_H
#define PN_TESTS_FUZZ_CHECK_H

#include <stdint.h>
#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

/* What libFuzzer calls. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
