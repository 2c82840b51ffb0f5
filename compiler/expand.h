/* The keys that a classic address stands for: one, or those of a range of numbers. */
#ifndef PN_COMPILER_EXPAND_H
#define PN_COMPILER_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/source.h"

/*
 * `front`, a number from `low` to `high`, and `back` make a key. What holds no range
 * has one key, all of it in `front`, and `ranged` false. A range that is upside down,
 * or wholly above 255, has no key: low > high.
 */
struct pn_expansion {
    struct pn_str front, back;
    unsigned long long low, high;
    bool ranged;
};

/*
 * Reads an address as ucspi-tcp does: one without = and @ that holds a dash is a range
 * in the number around the first dash; an empty bound is 0, bounds wrap at 2^64, and an
 * upper bound above 255 is 255. False when what stands around the dash is no number.
 */
bool
pn_expand(struct pn_str address, struct pn_expansion *out);

/* How many keys; how long the longest is. */
size_t
pn_expansion_count(const struct pn_expansion *expansion);

size_t
pn_expansion_size(const struct pn_expansion *expansion);

/* Writes the key number `index` at `key`, which has room for the longest. Its length.
 */
size_t
pn_expansion_key(const struct pn_expansion *expansion, size_t index, char *key);

#endif
