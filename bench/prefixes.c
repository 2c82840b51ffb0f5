/*
 * prefixes LIST IMAGE CLASSIC.cdb TREE.mmdb FAMILY [ROUNDS]: what a whole decision
 * costs from a native image of a list of prefixes, beside libmaxminddb on the same list
 * and beside five probes of a cdb. Half of the queries are in listed networks.
 * Contestants take turns within a round; a line a round, in nanoseconds a query.
 */
#include <arpa/inet.h>
#include <cdb.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/measure.h"
#include "bench/mmdb.h"

enum { QUERIES = 1000000, LINE = 128 };

/* Each contestant has the queries in its own form, one behind the other. */
union socket {
    struct sockaddr any;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
};

struct text {
    char bytes[POSTERN_ADDR_TEXT_SIZE];
    uint8_t len;
};

static struct postern_addr *addrs;
static union socket *sockets;
static struct text *texts;
static struct pn_bench_prefix *prefixes;
static size_t prefix_count;
static unsigned sink; /* keeps the compiler from dropping the computation */

static unsigned long long
random_next(void)
{
    static unsigned long long state = 88172645463325252ull;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static bool
list_read(const char *path, unsigned family)
{
    FILE *in = fopen(path, "r");
    char line[LINE];
    size_t capacity = 0;

    while (in && fgets(line, sizeof(line), in)) {
        char *slash = strchr(line, '/');
        struct postern_addr addr;

        if (!slash || !postern_addr_parse(line, (size_t)(slash - line), &addr) ||
            addr.family != family)
            continue;
        if (prefix_count == capacity) {
            capacity = capacity ? 2 * capacity : 1024;
            prefixes = realloc(prefixes, capacity * sizeof(*prefixes));
            if (!prefixes)
                return false;
        }
        memcpy(prefixes[prefix_count].bytes, addr.bytes, sizeof(addr.bytes));
        prefixes[prefix_count++].length = (unsigned)strtoul(slash + 1, NULL, 10);
    }
    return in && fclose(in) == 0 && prefix_count > 0;
}

/* Random bits; in every other query those of a prefix of the list stand in front. */
static void
query_make(size_t number, unsigned family, bool listed)
{
    const struct pn_bench_prefix *p = &prefixes[random_next() % prefix_count];
    struct postern_addr *addr = &addrs[number];
    unsigned width = family == 6 ? 16 : 4;

    addr->family = (uint8_t)family;
    for (unsigned i = 0; i < width; i++) {
        unsigned have = p->length > 8 * i ? p->length - 8 * i : 0;
        uint8_t mask = (uint8_t)(have >= 8 ? 0 : 0xff >> have);
        uint8_t random = (uint8_t)(random_next() >> 24);

        addr->bytes[i] =
            listed ? (uint8_t)((p->bytes[i] & ~mask) | (random & mask)) : random;
    }
    if (family == 6 && !listed) /* where the others are too */
        addr->bytes[0] = (uint8_t)(0x20 | (addr->bytes[0] & 0xf));
    if (family == 6) {
        sockets[number].in6.sin6_family = AF_INET6;
        memcpy(&sockets[number].in6.sin6_addr, addr->bytes, 16);
    } else {
        sockets[number].in4.sin_family = AF_INET;
        memcpy(&sockets[number].in4.sin_addr, addr->bytes, 4);
    }
    texts[number].len = (uint8_t)postern_addr_print(addr, texts[number].bytes);
}

/* Query and decision are initialised once, as in a program that decides often. */
static double
time_decide(const struct postern_rules *rules)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    double start = pn_bench_now();

    for (size_t i = 0; i < QUERIES; i++) {
        query.remote = addrs[i];
        if (postern_rules_decide(rules, &query, &decision) == POSTERN_OK)
            sink += decision.verdict;
    }
    return (pn_bench_now() - start) / QUERIES;
}

/* All of them at once, as a program has them that reads a column of addresses. */
static double
time_many(const struct postern_rules *rules, unsigned family)
{
    static uint8_t packed[QUERIES * 16];
    static struct postern_brief briefs[QUERIES];
    const size_t width = family == 6 ? 16 : 4;
    double start;

    for (size_t i = 0; i < QUERIES; i++)
        memcpy(packed + i * width, addrs[i].bytes, width);
    memset(briefs, 0, sizeof(briefs)); /* memory that is there, as that of the others */
    start = pn_bench_now();
    if (postern_rules_decide_addresses(rules, family, packed, QUERIES, briefs) !=
        POSTERN_OK)
        exit(1);
    start = (pn_bench_now() - start) / QUERIES;
    for (size_t i = 0; i < QUERIES; i++)
        sink += briefs[i].verdict;
    return start;
}

static double
time_mmdb(const MMDB_s *mmdb)
{
    double start = pn_bench_now();

    for (size_t i = 0; i < QUERIES; i++) {
        int error;
        MMDB_lookup_result_s result =
            MMDB_lookup_sockaddr(mmdb, &sockets[i].any, &error);

        sink += result.found_entry;
    }
    return (pn_bench_now() - start) / QUERIES;
}

/* The probes of an IPv4 address without a host: whole, its prefixes, empty. */
static double
time_probes(struct cdb *cdb)
{
    double start = pn_bench_now();

    for (size_t i = 0; i < QUERIES; i++) {
        const char *text = texts[i].bytes;
        size_t len = texts[i].len;
        bool found = cdb_find(cdb, text, (unsigned)len) > 0;

        for (; len > 0 && !found; len--)
            if (text[len - 1] == '.')
                found = cdb_find(cdb, text, (unsigned)len) > 0;
        sink += found || cdb_find(cdb, "", 0) > 0;
    }
    return (pn_bench_now() - start) / QUERIES;
}

/* Both must find the same addresses, or the comparison means nothing. */
static bool
agree(const struct postern_rules *rules, const MMDB_s *mmdb)
{
    for (size_t i = 0; i < QUERIES; i++) {
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision decision = POSTERN_DECISION_INIT;
        int error;

        query.remote = addrs[i];
        if (postern_rules_decide(rules, &query, &decision) != POSTERN_OK ||
            (decision.verdict == POSTERN_DENY) !=
                MMDB_lookup_sockaddr(mmdb, &sockets[i].any, &error).found_entry) {
            fprintf(stderr, "%s is answered otherwise\n", texts[i].bytes);
            return false;
        }
    }
    return true;
}

static int
race(const char *image, const char *classic, const char *tree, unsigned family,
     int rounds)
{
    struct postern_rules *rules = NULL;
    struct cdb cdb;
    MMDB_s mmdb;
    int fd = open(classic, O_RDONLY);

    if (fd < 0 || cdb_init(&cdb, fd) != 0 ||
        MMDB_open(tree, MMDB_MODE_MMAP, &mmdb) != MMDB_SUCCESS ||
        postern_rules_open(image, 0, &rules) != POSTERN_OK || !agree(rules, &mmdb))
        return 2;
    (void)time_probes(&cdb);
    for (int i = 0; i < rounds; i++)
        printf("decide %.2f many %.2f mmdb %.2f probes %.2f mmdb_bytes %zu\n",
               time_decide(rules), time_many(rules, family), time_mmdb(&mmdb),
               time_probes(&cdb), (size_t)mmdb.file_size);
    postern_rules_close(rules);
    MMDB_close(&mmdb);
    cdb_free(&cdb);
    close(fd);
    return sink == 0;
}

int
main(int argc, char **argv)
{
    unsigned family;

    if (argc < 6)
        return 2;
    family = (unsigned)strtoul(argv[5], NULL, 10);
    addrs = calloc(QUERIES, sizeof(*addrs));
    sockets = calloc(QUERIES, sizeof(*sockets));
    texts = calloc(QUERIES, sizeof(*texts));
    if (!addrs || !sockets || !texts || !list_read(argv[1], family) ||
        !pn_bench_mmdb_write(argv[4], family, prefixes, prefix_count))
        return 2;
    for (size_t i = 0; i < QUERIES; i++)
        query_make(i, family, i % 2);
    return race(argv[2], argv[3], argv[4], family,
                argc > 6 ? (int)strtol(argv[6], NULL, 10) : 7);
}
