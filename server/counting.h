/*
 * The file of -k while a server runs: mapped, and counted in as clients are decided.
 * The server is its only writer, which a lock on it sees to.
 */
#ifndef SRV_COUNTING_H
#define SRV_COUNTING_H

#include "counts/counts.h"

struct srv_counting {
    struct pn_counts_header *header; /* NULL: nothing is counted */
    struct pn_counts_row *rows;      /* behind it */
    int fd;
    size_t size;   /* of the mapping */
    uint64_t room; /* rows that it has room for */
    /* numbers of rows, and 1 more, by what they count; 0 is free */
    uint32_t *index;
    size_t index_size;                      /* a power of two */
    uint64_t before[PN_COUNTS_TOTALS_ROOM]; /* totals of the servers before this */
};

/* What became of a client whom a rule decided. */
enum srv_counted {
    SRV_COUNTED,
    SRV_COUNTED_LIMITED,
    SRV_COUNTED_RATED,
    SRV_COUNTED_PENALISED
};

/*
 * Opens or creates the file, and locks and maps it. `rules` and `shadow` are named in
 * it, by absolute paths; NULL for none. False with the reason in words: then the file
 * is what it was.
 */
bool
srv_counting_open(struct srv_counting *counting, const char *path, const char *rules,
                  const char *shadow, const char **reason);

/*
 * Makes room for so many rows more. False with errno set: what there is room for goes
 * on being counted.
 */
bool
srv_counting_reserve(struct srv_counting *counting, uint64_t rows);

/* Counts a decision of a rule, by its identity. */
void
srv_counting_hit(struct srv_counting *counting, uint64_t identity,
                 enum srv_counted counted);

/* A client whom the shadow's rule would have decided otherwise. */
struct srv_counted_pair {
    uint64_t live, shadow; /* identities */
    uint16_t differences;  /* enum pn_counts_difference, or-ed */
    uint8_t family;
    const uint8_t *address; /* 16 bytes */
};

void
srv_counting_pair(struct srv_counting *counting, const struct srv_counted_pair *pair);

/* Adds a duration. */
void
srv_counting_time(struct pn_counts_histogram *histogram, int64_t ns);

/* Sets the totals to those before this server and these, and the time. */
void
srv_counting_totals(struct srv_counting *counting,
                    const uint64_t totals[PN_COUNTS_TOTALS]);

#endif
