/* open LARGE SMALL: what opening either costs, in nanoseconds; a line a round. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "postern/postern.h"

enum { OPENS = 2000, ROUNDS = 11 };

static double
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double
time_open(const char *path)
{
    double start = now_ns();

    for (size_t i = 0; i < OPENS; i++) {
        struct postern_rules *rules = NULL;

        if (postern_rules_open(path, 0, &rules) != POSTERN_OK)
            exit(1);
        postern_rules_close(rules);
    }
    return (now_ns() - start) / OPENS;
}

int
main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    (void)time_open(argv[2]);
    for (int i = 0; i < ROUNDS; i++)
        printf("%.0f %.0f\n", time_open(argv[1]), time_open(argv[2]));
    return 0;
}
