/*
 * Counts group by group: the groups behind a known prefix depend only on its pattern.
 */
#include "compiler/zeros.h"

#include <string.h>

bool
pn_zeros_is_empty(const struct pn_zeros *set)
{
    uint64_t all = 0;

    for (size_t i = 0; i < PN_ZEROS_WORDS; i++)
        all |= set->words[i];
    return !all;
}

bool
pn_zeros_equal(const struct pn_zeros *a, const struct pn_zeros *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

struct pn_zeros
pn_zeros_intersect(const struct pn_zeros *a, const struct pn_zeros *b)
{
    struct pn_zeros out;

    for (size_t i = 0; i < PN_ZEROS_WORDS; i++)
        out.words[i] = a->words[i] & b->words[i];
    return out;
}

struct pn_zeros
pn_zeros_less(const struct pn_zeros *a, const struct pn_zeros *b)
{
    struct pn_zeros out;

    for (size_t i = 0; i < PN_ZEROS_WORDS; i++)
        out.words[i] = a->words[i] & ~b->words[i];
    return out;
}

struct pn_zeros
pn_zeros_join(const struct pn_zeros *a, const struct pn_zeros *b)
{
    struct pn_zeros out;

    for (size_t i = 0; i < PN_ZEROS_WORDS; i++)
        out.words[i] = a->words[i] | b->words[i];
    return out;
}

static unsigned
group_of(pn_number address, unsigned group)
{
    return (unsigned)(address >> (PN_ZERO_GROUPS - 1 - group) * PN_GROUP_BITS) &
           PN_GROUP_MOST;
}

unsigned
pn_zeros_of(pn_number address)
{
    unsigned pattern = 0;

    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++)
        pattern = pattern << 1 | !!group_of(address, g);
    return pattern;
}

unsigned
pn_zeros_run(unsigned pattern, unsigned *start)
{
    unsigned best = 0, run = 0;

    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++) {
        run = pattern >> (PN_ZERO_GROUPS - 1 - g) & 1 ? 0 : run + 1;
        if (run > best) {
            best = run;
            *start = g + 1 - run;
        }
    }
    return best;
}

/* All patterns whose first groups are those of a node. */
static void
add_below(struct pn_zeros *set, unsigned node)
{
    unsigned first = node, count = 1;

    while (first < PN_ZERO_PATTERNS) {
        first *= 2;
        count *= 2;
    }
    for (unsigned i = 0; i < count; i++)
        pn_zeros_add(set, first + i - PN_ZERO_PATTERNS);
}

/*
 * Counts where a range ends inside a prefix of so many groups: the whole prefixes of
 * one group more that lie in it, then the one at the edge.
 */
static void
add_edge(struct pn_zeros *set, pn_number edge, unsigned node, unsigned group, bool low)
{
    for (; group < PN_ZERO_GROUPS; group++) {
        unsigned value = group_of(edge, group);

        if (low ? value < PN_GROUP_MOST : value > 1)
            add_below(set, 2 * node + 1);
        if (!low && value > 0)
            add_below(set, 2 * node);
        node = 2 * node + !!value;
    }
    pn_zeros_add(set, node - PN_ZERO_PATTERNS);
}

struct pn_zeros
pn_zeros_within(pn_number first, pn_number last)
{
    struct pn_zeros set = { { 0 } };
    unsigned node = 1, group = 0, low, high;

    while (group < PN_ZERO_GROUPS && group_of(first, group) == group_of(last, group))
        node = 2 * node + !!group_of(first, group++);
    if (group == PN_ZERO_GROUPS) {
        pn_zeros_add(&set, node - PN_ZERO_PATTERNS);
        return set;
    }
    low = group_of(first, group);
    high = group_of(last, group);
    if (high - low > 1) /* the groups between are not zero */
        add_below(&set, 2 * node + 1);
    add_edge(&set, first, 2 * node + !!low, group + 1, true);
    add_edge(&set, last, 2 * node + 1, group + 1, false);
    return set;
}

void
pn_weights_make(struct pn_weights *weights, const struct pn_zeros *set)
{
    pn_number *nodes = weights->nodes;

    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++)
        nodes[PN_ZERO_PATTERNS + p] = pn_zeros_has(set, p);
    for (unsigned n = PN_ZERO_PATTERNS - 1; n > 0; n--)
        nodes[n] = nodes[2 * n] + PN_GROUP_MOST * nodes[2 * n + 1];
    nodes[0] = 0;
}

/* Those below an address. */
static pn_number
count_below(const struct pn_weights *weights, pn_number address)
{
    pn_number count = 0;
    unsigned node = 1;

    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++) {
        unsigned value = group_of(address, g);

        if (value)
            count +=
                weights->nodes[2 * node] + (value - 1) * weights->nodes[2 * node + 1];
        node = 2 * node + !!value;
    }
    return count;
}

pn_number
pn_weights_count(const struct pn_weights *weights, pn_number first, pn_number last)
{
    return count_below(weights, last) - count_below(weights, first) +
           weights->nodes[PN_ZERO_PATTERNS + pn_zeros_of(last)];
}

/* The first address that begins with the groups of `front` and has their node. */
static pn_number
least_below(const struct pn_weights *weights, pn_number front, unsigned node,
            unsigned groups)
{
    for (; groups < PN_ZERO_GROUPS; groups++) {
        node *= 2;
        front <<= PN_GROUP_BITS;
        if (!weights->nodes[node]) {
            node++;
            front |= 1;
        }
    }
    return front;
}

bool
pn_weights_first(const struct pn_weights *weights, pn_number first, pn_number last,
                 pn_number *out)
{
    unsigned path[PN_ZERO_GROUPS + 1] = { 1 };

    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++)
        path[g + 1] = 2 * path[g] + !!group_of(first, g);
    if (weights->nodes[path[PN_ZERO_GROUPS]]) {
        *out = first;
        return true;
    }
    for (unsigned g = PN_ZERO_GROUPS; g-- > 0;) {
        unsigned above = 2 * path[g] + 1; /* increment the group: it is not zero then */
        pn_number front = first >> (PN_ZERO_GROUPS - 1 - g) * PN_GROUP_BITS;

        if (group_of(first, g) == PN_GROUP_MOST || !weights->nodes[above])
            continue;
        *out = least_below(weights, front + 1, above, g + 1);
        return *out <= last;
    }
    return false;
}

/* The least address up to which the count equals that of the last one. */
bool
pn_weights_last(const struct pn_weights *weights, pn_number first, pn_number last,
                pn_number *out)
{
    pn_number low = first, high = last, total;

    if (!pn_weights_first(weights, first, last, &low))
        return false;
    total = pn_weights_count(weights, first, last);
    while (low < high) {
        pn_number middle = low + (high - low) / 2;

        if (pn_weights_count(weights, first, middle) == total)
            high = middle;
        else
            low = middle + 1;
    }
    *out = low;
    return true;
}

void
pn_zones_begin(struct pn_zones *zones)
{
    *zones = (struct pn_zones){ .count = 1 };
}

/* Renumbers the zones by first appearance: a zone is identified by two numbers. */
static void
cut_by(struct pn_zones *zones, const uint8_t *other)
{
    uint8_t old[PN_ZERO_PATTERNS];

    memcpy(old, zones->of, sizeof(old));
    zones->count = 0;
    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++) {
        unsigned q = 0;

        while (q < p && (old[q] != old[p] || other[q] != other[p]))
            q++;
        zones->of[p] = q < p ? zones->of[q] : (uint8_t)zones->count++;
    }
}

void
pn_zones_cut(struct pn_zones *zones, const struct pn_zeros *set)
{
    uint8_t other[PN_ZERO_PATTERNS];

    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++)
        other[p] = pn_zeros_has(set, p);
    cut_by(zones, other);
}

void
pn_zones_join(struct pn_zones *zones, const struct pn_zones *other)
{
    if (other->count > 1)
        cut_by(zones, other->of);
}

struct pn_zeros
pn_zones_set(const struct pn_zones *zones, unsigned zone)
{
    struct pn_zeros set = { { 0 } };

    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++)
        if (zones->of[p] == zone)
            pn_zeros_add(&set, p);
    return set;
}

unsigned
pn_zones_pattern(const struct pn_zones *zones, unsigned zone)
{
    unsigned pattern = 0;

    while (pattern < PN_ZERO_PATTERNS - 1 && zones->of[pattern] != zone)
        pattern++;
    return pattern;
}
