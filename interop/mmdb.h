/* A MaxMind DB of what is answered of every address: readers of many languages have it.
 */
#ifndef PN_INTEROP_MMDB_H
#define PN_INTEROP_MMDB_H

#include "base/output.h"
#include "interop/spans.h"

/* All that a database is made of. */
struct pn_mmdb {
    const struct pn_spans *spans;
    const uint32_t *records; /* of each span: its offset in the data */
    struct pn_str data;      /* the records: see mmdb_data.h */
    const char *description; /* in English */
    uint64_t made;           /* seconds since 1970; not 0, which libmaxminddb refuses */
};

enum pn_mmdb_result {
    PN_MMDB_OK,
    PN_MMDB_TOO_LARGE, /* the format has numbers of 32 bits */
    PN_MMDB_MEMORY
};

/*
 * Writes it: a tree over IPv6, in which IPv4 is ::/96, and ::ffff:0:0/96 the same. So a
 * reader cannot tell the two apart; ::1, which is 0.0.0.1 there, has what IPv6 has of
 * it. Nothing is written unless PN_MMDB_OK is returned.
 */
enum pn_mmdb_result
pn_mmdb_write(struct pn_output *out, const struct pn_mmdb *db);

#endif
