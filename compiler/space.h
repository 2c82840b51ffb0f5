/* The decision space: what is true of every query, by ident group and step. */
#ifndef PN_COMPILER_SPACE_H
#define PN_COMPILER_SPACE_H

#include <string.h>

#include "base/intern.h"
#include "compiler/pieces.h"
#include "compiler/prefixes.h"
#include "compiler/zeros.h"
#include "runtime/format/native.h"

/* A prefix of those addresses alone that are written so that they ask for a key. */
struct pn_spelt {
    struct pn_prefix prefix;
    struct pn_zeros zeros;
    uint32_t key; /* in space->keys */
};

struct pn_host {
    uint32_t name; /* in space->names; a suffix begins with its dot */
    uint32_t rule;
};

/* The rules of one ident, of none, or the blocks. Of equal keys the first stays. */
struct pn_group {
    struct pn_prefixes prefixes[PN_FAMILIES];
    struct pn_spelt *spelt; /* of IPv6: of classic keys that hold a zero group */
    size_t spelt_count, spelt_capacity;
    struct pn_host *hosts;
    size_t host_count, host_capacity;
    uint32_t any_host, fallback; /* rules, or PN_RULE_NONE */
};

/* What a rule says again: something of it has the key of an earlier one. */
struct pn_duplicate {
    uint32_t rule, first;
};

struct pn_space {
    struct pn_intern names;
    struct pn_intern idents; /* number n is group PN_NATIVE_FIRST_GROUPS + n */
    struct pn_group *groups;
    size_t group_count, group_capacity;
    struct pn_intern keys; /* of what is spelt, and of keys with several pieces */
    struct pn_zones zones; /* the patterns that it distinguishes; valid when the space
                              is finished */
    struct pn_duplicate *duplicates; /* once for each key, in no order */
    size_t duplicate_count, duplicate_capacity;
    bool keeps_equal; /* nothing is dropped: any host is a host of the name PN_NAME_ANY,
                         a fallback one of PN_NAME_ABSENT; for those who count keys */
    bool failed;      /* out of memory */
};

/* Is a name of the space a suffix? The root, ".", is a host. */
static inline bool
pn_name_is_suffix(const char *name, size_t size)
{
    return size > 1 && *name == '.';
}

/* A failed allocation is remembered in space->failed by all of these. */
void
pn_space_begin(struct pn_space *space);

void
pn_space_clear(struct pn_space *space);

/* The group of an ident, made when it is new. */
uint32_t
pn_space_group(struct pn_space *space, const char *ident, size_t size);

/* Room for so many more prefixes, and no more: a large list would double it. */
bool
pn_space_reserve(struct pn_space *space, uint32_t group, size_t v4, size_t v6);

void
pn_space_add_prefix(struct pn_space *space, uint32_t group, uint8_t family,
                    struct pn_prefix prefix);

/* Adds what addresses of some patterns ask for, by the text `key`. */
void
pn_space_add_spelt(struct pn_space *space, uint32_t group, struct pn_spelt spelt,
                   const char *key, size_t size);

/*
 * The prefixes of a group in a zone: its list, or `own` that is filled with those and
 * what is spelt, for pn_prefixes_clear() in any case.
 */
const struct pn_prefixes *
pn_space_list(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
              struct pn_prefixes *own);

/* What a rule says again; for the files of a space alone. */
void
pn_duplicate_add(struct pn_space *space, uint32_t rule, uint32_t first);

/* A host, a suffix, or any host: a number in space->names, or PN_NAME_ANY. */
void
pn_space_add_host(struct pn_space *space, uint32_t group, uint32_t name, uint32_t rule);

void
pn_space_add_fallback(struct pn_space *space, uint32_t group, uint32_t rule);

/* Sorts, and drops what has the key of something before it. Call once, at the end. */
void
pn_space_finish(struct pn_space *space);

/*
 * Cuts the addresses of a family into pieces, ascending, the first from 0 on: what the
 * group's rules say, and above it what the blocks do (for PN_GROUP_NO_IDENT). Of IPv6,
 * those that have a pattern of the zone.
 */
void
pn_space_flatten(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
                 struct pn_pieces *out);

/* How many zones a family has. */
static inline unsigned
pn_zone_count(const struct pn_zones *zones, uint8_t family)
{
    return family == 6 ? zones->count : 1;
}

#endif
