/*
 * The file in which a server counts what its rules decide. One process has it mapped
 * and writes; others read without a lock. Behind a header of fixed size stand rows,
 * which are only ever added: each has a sequence number that is odd while the row is
 * being changed. Numbers are in the byte order of the machine. Nothing here is
 * allocated or opened: pure functions over bytes.
 */
#ifndef PN_COUNTS_COUNTS_H
#define PN_COUNTS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PN_COUNTS_VERSION = 1,
    PN_COUNTS_MAGIC = 16,
    PN_COUNTS_PATH = 1024,
    PN_COUNTS_HEADER = 8192, /* bytes before the rows */
    PN_COUNTS_ROWS_MOST = 1 << 24
};

/* What connections came to. LIMITED and RATED are apart. */
enum pn_counts_total {
    PN_COUNTS_ACCEPTED,
    PN_COUNTS_SERVED,
    PN_COUNTS_DENIED,
    PN_COUNTS_LIMITED,
    PN_COUNTS_RATED,
    PN_COUNTS_DROPPED,
    PN_COUNTS_PENALISED, /* apart, too */
    PN_COUNTS_TOTALS,
    PN_COUNTS_TOTALS_ROOM = 16 /* in the file */
};

/* Their names, "accepted" first. */
extern const char *const pn_counts_total_names[PN_COUNTS_TOTALS];

/*
 * Durations, log-linear: four buckets for each power of two of nanoseconds, from 64 ns
 * to 68 s. The first has what is shorter, the last what is longer.
 */
enum { PN_COUNTS_FIRST_POWER = 6, PN_COUNTS_LAST_POWER = 36, PN_COUNTS_PARTS = 4 };
enum {
    PN_COUNTS_BUCKETS =
        (PN_COUNTS_LAST_POWER - PN_COUNTS_FIRST_POWER) * PN_COUNTS_PARTS + 2
};

struct pn_counts_histogram {
    uint64_t count, sum_ns;
    uint64_t buckets[PN_COUNTS_BUCKETS];
};

/* The bucket of a duration. */
size_t
pn_counts_bucket(uint64_t ns);

/* The first duration above a bucket, in nanoseconds; UINT64_MAX of the last. */
uint64_t
pn_counts_bucket_bound(size_t bucket);

/* What does not change while a server runs; `check` is over all before it. */
struct pn_counts_fixed {
    char magic[PN_COUNTS_MAGIC];
    uint32_t order, version, header_size, row_size;
    uint64_t created_s; /* by the wall clock, seconds since 1970 */
    /* absolute names of the rules and of the shadow; empty for none */
    char rules[PN_COUNTS_PATH], shadow[PN_COUNTS_PATH];
    uint32_t reserved, check;
};

struct pn_counts_header {
    struct pn_counts_fixed fixed;
    uint64_t used; /* rows; set when the row is whole */
    uint64_t started_s, updated_s;
    uint64_t uncounted; /* decisions for which there was no room for a row */
    uint64_t totals[PN_COUNTS_TOTALS_ROOM];
    struct pn_counts_histogram decisions, lookups;
};

enum pn_counts_kind { PN_COUNTS_RULE = 1, PN_COUNTS_PAIR = 2 };

/* What a rule and the shadow's rule decide otherwise, as bits. */
enum pn_counts_difference {
    PN_COUNTS_VERDICT = 1,
    PN_COUNTS_VARIABLES = 2,
    PN_COUNTS_LIMIT = 4,
    PN_COUNTS_RATE = 8,
    PN_COUNTS_UNDECIDED = 16, /* it depends on what was not looked up */
    PN_COUNTS_PENALTY = 32
};

/* Their words, by bit. */
enum { PN_COUNTS_DIFFERENCES = 6 };
extern const char *const pn_counts_difference_words[PN_COUNTS_DIFFERENCES];

/* In the place of a rule's identity: no rule matched. No identity is below 2. */
enum { PN_COUNTS_NO_RULE = 1 };

struct pn_counts_row {
    uint32_t sequence;
    uint8_t kind, family; /* enum pn_counts_kind; of a pair's `address` */
    uint16_t differences; /* of a pair: enum pn_counts_difference, or-ed */
    uint64_t identity;    /* of the rule that decided */
    union {
        struct {
            uint64_t hits, last_s, limited, rated, penalised, reserved;
        } rule;
        struct {
            uint64_t shadow; /* identity of the shadow's rule */
            uint64_t count, last_s, undecided;
            uint8_t address[16]; /* of one client */
        } pair;
    };
};

/* Fills in a header for a new file. Names that have no room are left out. */
void
pn_counts_header_make(struct pn_counts_header *header, uint64_t now_s);

/* Sets the names, and the check over what is fixed. */
void
pn_counts_header_seal(struct pn_counts_header *header, const char *rules,
                      const char *shadow);

/*
 * Why a file of this size does not begin with such a header, in words; NULL when it
 * does. "of a newer version" is one of them.
 */
const char *
pn_counts_header_fault(const struct pn_counts_header *header, uint64_t file_size);

/* Why the rows are not those of a server, in words; NULL when they are. */
const char *
pn_counts_rows_fault(const struct pn_counts_row *rows, uint64_t used);

/* An identity as it stands in a row. */
static inline uint64_t
pn_counts_identity(uint64_t identity)
{
    return identity > PN_COUNTS_NO_RULE ? identity : PN_COUNTS_NO_RULE + 1;
}

/* How many rows a file of this size has room for. */
static inline uint64_t
pn_counts_room(uint64_t file_size)
{
    return file_size < PN_COUNTS_HEADER
               ? 0
               : (file_size - PN_COUNTS_HEADER) / sizeof(struct pn_counts_row);
}

#endif
