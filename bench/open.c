/* open LARGE SMALL: what opening either costs, in nanoseconds; a line a round. */
#include <stdio.h>

#include "bench/measure.h"

enum { ROUNDS = 11 };

int
main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    (void)pn_bench_open(argv[2]);
    for (int i = 0; i < ROUNDS; i++)
        printf("%.0f %.0f\n", pn_bench_open(argv[1]), pn_bench_open(argv[2]));
    return 0;
}
