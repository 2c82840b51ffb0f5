/*
 * lookup CDB SMALL [ROUNDS]: what a decision costs beside the bare probes it is made
 * of, and beside the original's way of opening the file for each connection.
 * Contestants take turns within a round; a line a round, in nanoseconds a query.
 */
#include <cdb.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/measure.h"

enum { QUERIES = 200000 };

static char texts[QUERIES][16];
static size_t lens[QUERIES];
static unsigned sink; /* keeps the compiler from dropping the computation */

/* Random addresses, the same ones in every run. */
static void
make_queries(void)
{
    unsigned long long state = 88172645463325252ull;

    for (size_t i = 0; i < QUERIES; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        lens[i] = (size_t)snprintf(
            texts[i], sizeof(texts[i]), "%u.%u.%u.%u",
            (unsigned)(state >> 8 & 255) % 223 + 1, (unsigned)(state >> 16 & 255),
            (unsigned)(state >> 24 & 255), (unsigned)(state >> 32 & 255));
    }
}

/* The five probes of an IPv4 address without a host: whole, three prefixes, empty. */
static unsigned
bare_probes(struct cdb *cdb, const char *text, size_t len)
{
    if (cdb_find(cdb, text, (unsigned)len) > 0)
        return 1;
    for (; len > 0; len--)
        if (text[len - 1] == '.' && cdb_find(cdb, text, (unsigned)len) > 0)
            return 1;
    return cdb_find(cdb, "", 0) > 0;
}

static double
time_bare(struct cdb *cdb)
{
    double start = pn_bench_now();

    for (size_t i = 0; i < QUERIES; i++)
        sink += bare_probes(cdb, texts[i], lens[i]);
    return (pn_bench_now() - start) / QUERIES;
}

static double
time_decide(const struct postern_rules *rules)
{
    double start = pn_bench_now();

    for (size_t i = 0; i < QUERIES; i++) {
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision decision = POSTERN_DECISION_INIT;

        query.remote_text = (struct postern_str){ texts[i], lens[i] };
        if (postern_rules_decide(rules, &query, &decision) == POSTERN_OK)
            sink += decision.verdict;
    }
    return (pn_bench_now() - start) / QUERIES;
}

/* What the original server does for each connection. */
static double
time_original_way(const char *path)
{
    double start = pn_bench_now();

    for (size_t i = 0; i < PN_BENCH_OPENS; i++) {
        int fd = open(path, O_RDONLY);
        struct cdb cdb;

        if (cdb_init(&cdb, fd) != 0)
            exit(1);
        sink += bare_probes(&cdb, texts[i], lens[i]);
        cdb_free(&cdb);
        close(fd);
    }
    return (pn_bench_now() - start) / PN_BENCH_OPENS;
}

int
main(int argc, char **argv)
{
    int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 7;
    struct postern_rules *rules = NULL;
    struct cdb cdb;
    int fd;

    if (argc < 3 || postern_rules_open(argv[1], 0, &rules) != POSTERN_OK)
        return 2;
    fd = open(argv[1], O_RDONLY);
    if (fd < 0 || cdb_init(&cdb, fd) != 0)
        return 2;
    make_queries();
    (void)time_decide(rules); /* so that the first round is as warm as the others */
    for (int i = 0; i < rounds; i++)
        printf("bare %.1f decide %.1f original %.1f open %.1f open_small %.1f\n",
               time_bare(&cdb), time_decide(rules), time_original_way(argv[1]),
               pn_bench_open(argv[1]), pn_bench_open(argv[2]));
    postern_rules_close(rules);
    cdb_free(&cdb);
    close(fd);
    return sink == 0;
}
