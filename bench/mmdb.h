/* Writes a MaxMind DB, to measure against: prefixes, all with one small record. */
#ifndef PN_BENCH_MMDB_H
#define PN_BENCH_MMDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pn_bench_prefix {
    uint8_t bytes[16];
    unsigned length;
};

/* False when it could not be written. ("MaxMind DB File Format Specification", v2.0.)
 */
bool
pn_bench_mmdb_write(const char *path, unsigned family,
                    const struct pn_bench_prefix *prefixes, size_t count);

#endif
