/* Reading a file of counts while its server writes it. */
#ifndef PN_COUNTS_COUNTS_READ_H
#define PN_COUNTS_COUNTS_READ_H

#include "counts/counts.h"

/* A copy, of rows that were at rest; all zero is none. */
struct pn_counts {
    struct pn_counts_header header;
    struct pn_counts_row *rows; /* header.used of them, rules first, by identities */
};

/*
 * Reads a file whole. NULL when it could; else why not, in words that last: of the
 * system, when errno is set, or that the file is no such file. To be cleared in any
 * case.
 */
const char *
pn_counts_read(const char *path, struct pn_counts *out);

void
pn_counts_clear(struct pn_counts *counts);

#endif
