/* What the measuring programs share. */
#ifndef PN_BENCH_MEASURE_H
#define PN_BENCH_MEASURE_H

#include <stdlib.h>
#include <time.h>

#include "postern/postern.h"

enum { PN_BENCH_OPENS = 2000 };

static inline double
pn_bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Nanoseconds that opening and closing a mapped file takes. */
static inline double
pn_bench_open(const char *path)
{
    double start = pn_bench_now();

    for (size_t i = 0; i < PN_BENCH_OPENS; i++) {
        struct postern_rules *rules = NULL;

        if (postern_rules_open(path, 0, &rules) != POSTERN_OK)
            exit(1);
        postern_rules_close(rules);
    }
    return (pn_bench_now() - start) / PN_BENCH_OPENS;
}

#endif
