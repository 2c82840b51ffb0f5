/*
 * The native image: one value in a cdb that holds header, rules, groups and address
 * indexes, and a record for each host and ident. Pure functions; docs/compiled.md has
 * the picture.
 */
#ifndef PN_RUNTIME_FORMAT_NATIVE_H
#define PN_RUNTIME_FORMAT_NATIVE_H

#include "runtime/format/container.h"

enum {
    PN_NATIVE_MAJOR = 2,
    PN_NATIVE_KEY_SIZE = 56, /* so that the value begins on a 64-byte boundary */
    PN_NATIVE_HEADER_SIZE = 128,
    PN_NATIVE_FIRST_GROUPS = 2,    /* the blocks, and the rules without ident */
    PN_NATIVE_FIRST_ROWS = 2 * 80, /* their rows stand behind the header */
    PN_NATIVE_HEAD_SIZE = PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE +
                          PN_NATIVE_HEADER_SIZE + PN_NATIVE_FIRST_ROWS,
    PN_NATIVE_CHECKED_FROM = 24 /* what the checksum covers begins here */
};

#define PN_NATIVE_NONE UINT32_MAX
#define PN_NATIVE_EXACT UINT32_C(0x80000000) /* no image has so many rules */

/* The header, the groups and the rules are rows of 32-bit numbers: these are the
 * columns. */
enum pn_native_header {
    PN_HEADER_MAGIC, /* two numbers: "PNRULES" and a NUL */
    PN_HEADER_VERSION = 2,
    PN_HEADER_SIZE,
    PN_HEADER_CHECK, /* two numbers */
    PN_HEADER_RULES_AT = 6,
    PN_HEADER_RULES,
    PN_HEADER_GROUPS_AT,
    PN_HEADER_GROUPS,
    PN_HEADER_ENTRIES_AT,
    PN_HEADER_ENTRIES,
    PN_HEADER_TEXT_AT,
    PN_HEADER_TEXT_SIZE,
    PN_HEADER_NAMES_CHECK, /* two numbers: of the records of hosts and idents */
    PN_HEADER_TERMS_AT = 16,
    PN_HEADER_TERMS,
    /* enum postern_need of any address; and PN_NEEDS_EXEMPT where a look-up may lead
       to a rule that is exempt from penalties */
    PN_HEADER_NEEDS,
    PN_HEADER_ZONES_AT, /* the zones, if there are several */
    PN_HEADER_ZONES,
    PN_HEADER_REQUIRES,    /* enum pn_native_feature: all that a reader must know */
    PN_HEADER_FEATURES_AT, /* in the value: their names, each with a NUL */
    PN_HEADER_FEATURES_SIZE,
    PN_HEADER_IDENTITIES_AT, /* of two numbers, the low half first, for each rule */
    PN_HEADER_IDENTITIES,
    PN_HEADER_FINE4_AT,    /* what divides long runs of IPv4: roots, and behind them */
    PN_HEADER_FINE4_NODES, /* so many nodes; 0: there is none, and no roots */
    PN_HEADER_FINE6_AT,
    PN_HEADER_FINE6_NODES,
    PN_HEADER_PENALTIES_AT, /* rows by enum pn_native_penalty; read where required */
    PN_HEADER_PENALTIES,
    PN_HEADER_COLUMNS
};

/*
 * Features that a reader must know to decide correctly. A reader that meets an unknown
 * bit refuses the file, and reports the feature's name, which the file contains. What
 * only informs has no bit; it stands in tables that older readers do not open.
 */
enum pn_native_feature {
    PN_NATIVE_ZONES = 1,    /* keys that match addresses by how they are written */
    PN_NATIVE_TIERS = 2,    /* rules with several limits */
    PN_NATIVE_PENALTIES = 4 /* rules with penalties, or exempt from them */
};

enum { PN_NEEDS_EXEMPT = 4 }; /* no enum postern_need is so large */

#define PN_NATIVE_FEATURES UINT32_C(7) /* those that this build knows */

/* The name of a feature, which older readers report. */
const char *
pn_native_feature_name(enum pn_native_feature feature);

/*
 * Keys of an included classic file may match only those IPv6 addresses that are written
 * in a certain way, which depends on which of their groups are zero. Then there is an
 * index for each zone. The table has, for each of the 256 patterns of zero groups (bit
 * 7 is the first group, set when that is not zero), a byte with its zone; then the
 * index rows of all groups for zone 0, for zone 1, and so on. The IPv6 index in a
 * group's own row is that of zone 0.
 */
enum { PN_NATIVE_PATTERNS = 256 };

/* The groups that every image has; those of idents follow, one each. */
enum { PN_GROUP_BLOCKS, PN_GROUP_NO_IDENT };

/* The row of a group. */
enum pn_native_group_column {
    PN_GROUP_COL_ANY_HOST, /* a rule, or PN_NATIVE_NONE */
    PN_GROUP_COL_FALLBACK, /* likewise */
    PN_GROUP_COL_HOSTS,    /* how many exact hosts and suffixes */
    PN_GROUP_COL_SUFFIXES,
    PN_GROUP_COL_INDEX4, /* an index row each */
    PN_GROUP_COL_INDEX6 = 12,
    PN_GROUP_COLUMNS = 20
};

/*
 * An index is the pieces, ascending, and a table that leads to a short run of them. A
 * piece is its start (4 bytes for IPv4; for IPv6 8, or 16 where some start has bits
 * behind its first 64) and the number of its entry. Large ones of IPv4 with few entries
 * are compact: 2 bytes of the start, counted from its slot's, and 2 of the number.
 *
 * The table has a slot for what is below the base, and one for each 2^shift keys from
 * there on, the last for all the rest; a key is the address, or the first 64 bits of
 * one. It says which piece holds the first address of each slot, with PN_INDEX_BEGINS
 * added where it begins there, and has one entry more than slots: the last piece.
 */
enum pn_native_index_column {
    PN_INDEX_PIECES,
    PN_INDEX_PIECES_AT,
    PN_INDEX_START_SIZE,
    PN_INDEX_SLOTS, /* 0: there is no table */
    PN_INDEX_TABLE_AT,
    PN_INDEX_SHIFT,
    PN_INDEX_BASE, /* two numbers, the low half first */
    PN_INDEX_COLUMNS = 8
};

#define PN_INDEX_BEGINS UINT32_C(0x80000000)

enum {
    PN_INDEX_COMPACT = 2,
    PN_INDEX_COMPACT_SHIFT = 16,
    PN_INDEX_COMPACT_ENTRIES = 65536
};

/*
 * Addresses are not spread evenly: the slot of a busy block has thousands of pieces.
 * The runs of more than PN_FINE_RUN pieces, in the indexes of the rules without ident,
 * are divided further, which only makes searching faster: a reader may pass it over.
 *
 * A node is two numbers. It is a run: its first piece, and how many; or a table, with
 * PN_FINE_TABLE in its second number: a node for each 2^shift keys, the shift being the
 * rest of the second number, and the first number telling which is their first. What a
 * table divides are the bits of a key that the slot, and the tables above, left: the
 * key itself in the first slot, and what it is more than its slot's first key in the
 * others. Roots are found by the first piece of a run: number low / PN_FINE_RUN + 1,
 * which is of no other long run. A root of 0 is none.
 */
enum { PN_FINE_RUN = 16, PN_FINE_LEVELS = 6, PN_FINE_NODE_SIZE = 8 };

#define PN_FINE_TABLE UINT32_C(0x80000000)

/* How many roots there are for so many pieces. */
static inline uint32_t
pn_fine_roots(uint32_t pieces)
{
    return pieces / PN_FINE_RUN + 2;
}

enum pn_native_rule {
    PN_RULE_VERDICT, /* enum postern_verdict */
    PN_RULE_ENV_AT,  /* in the text: items as in a classic value */
    PN_RULE_ENV_SIZE,
    PN_RULE_TARGET_AT,
    PN_RULE_TARGET_SIZE,
    PN_RULE_FILE_AT,
    PN_RULE_FILE_SIZE,
    PN_RULE_LINE,
    PN_RULE_TERMS, /* a row of terms, or PN_NATIVE_NONE */
    PN_RULE_COLUMNS
};

enum { PN_RULE_ROW_SIZE = PN_RULE_COLUMNS * 4 };

/* Terms of admission, and notes. */
enum pn_native_term {
    PN_TERM_LIMIT_N, /* 0: no limit */
    /*
     * The length for IPv4 times 256, and the one for IPv6; and PN_TERM_MORE for each
     * further limit of the rule: so many rows behind this one, which no rule names,
     * have nothing but a limit.
     */
    PN_TERM_LIMIT_PER,
    PN_TERM_RATE_N, /* 0: no rate */
    PN_TERM_RATE_SECONDS,
    PN_TERM_RATE_PER,
    PN_TERM_REJECT_AT, /* in the text; PN_NATIVE_NONE for none, of each text */
    PN_TERM_REJECT_SIZE,
    PN_TERM_UNTIL_DATE, /* YYYYMMDD; 0 for none */
    PN_TERM_OWNER_AT,
    PN_TERM_OWNER_SIZE,
    PN_TERM_TICKET_AT,
    PN_TERM_TICKET_SIZE,
    PN_TERM_COLUMNS
};

enum {
    PN_TERM_MORE = 65536,
    PN_TERM_ROW_SIZE = PN_TERM_COLUMNS * 4,
    PN_LIMITS_MAX = 8 /* of one rule */
};

/*
 * Penalties: rows ascending by the row of terms that they are of, and those of one by
 * status, without overlap. A rule that is exempt has one row, whose other columns are
 * 0.
 */
enum pn_native_penalty {
    PN_PENALTY_TERMS,
    PN_PENALTY_STATUSES, /* the first, and the last times 65,536 */
    PN_PENALTY_SECONDS,
    PN_PENALTY_COLUMNS
};

enum {
    PN_PENALTY_LAST = 16,    /* bits that the last status is moved up by */
    PN_PENALTY_SIGNAL = 256, /* the status of a program that a signal ended */
    PN_PENALTY_MOST = 86400, /* seconds */
    PN_PENALTY_ROW_SIZE = PN_PENALTY_COLUMNS * 4,
    PN_PENALTIES_MAX = 8 /* of one rule */
};

static inline uint32_t
pn_penalty_first(uint32_t statuses)
{
    return statuses & 0xffff;
}

static inline uint32_t
pn_penalty_last(uint32_t statuses)
{
    return statuses >> PN_PENALTY_LAST;
}

/*
 * What holds of the addresses of one piece: rules, or PN_NATIVE_NONE. A block that is
 * of an exact address has PN_NATIVE_EXACT added.
 */
struct pn_native_entry {
    uint32_t block, exact, prefix;
    uint32_t lookups; /* of PN_GROUP_NO_IDENT: see pn_native_entry_lookups() */
    uint32_t plain;   /* the rule that decides without a host and an ident */
};

enum { PN_ENTRY_STEP = 256, PN_ENTRY_SIZE = 20 };

/* Which look-ups could still change the decision: enum postern_need. */
static inline uint32_t
pn_native_entry_lookups(const struct pn_native_entry *entry)
{
    return entry->lookups % PN_ENTRY_STEP;
}

/* The step on which `plain` decides: enum postern_step. */
static inline uint32_t
pn_native_entry_step(const struct pn_native_entry *entry)
{
    return entry->lookups / PN_ENTRY_STEP;
}

static inline void
pn_native_entry_set(struct pn_native_entry *entry, uint32_t lookups, uint32_t step)
{
    entry->lookups = lookups + step * PN_ENTRY_STEP;
}

/* Writes an entry of PN_ENTRY_SIZE bytes as images hold it. */
void
pn_native_put_entry(uint8_t *at, const struct pn_native_entry *entry);

/* An index with its parts, checked. */
struct pn_native_index {
    const uint8_t *pieces, *table, *roots, *nodes;
    uint64_t base;
    uint32_t count, slots, node_count; /* without nodes, no roots either */
    uint8_t start_size, shift;
};

/* A group with its parts. */
struct pn_native_group {
    uint32_t any_host, fallback, hosts, suffixes;
    struct pn_native_index v4, v6;
};

/* Rows of numbers. */
struct pn_native_rows {
    const uint8_t *bytes;
    uint32_t count;
};

/*
 * What is read from an image when it is opened. It is a copy, so it stays valid
 * whatever happens to a mapped file.
 */
struct pn_native {
    struct pn_container container;
    const uint8_t *bytes; /* of the value */
    uint32_t size;
    struct pn_native_rows rules, groups, terms, entries, text, identities;
    const uint8_t *zones;            /* bytes and rows */
    uint32_t zone_count;             /* 0: there is one, and no bytes */
    bool has_tiers;                  /* some rule may have several limits */
    struct pn_native_rows penalties; /* none where no rule has one */
    struct pn_native_group first[PN_NATIVE_FIRST_GROUPS];
};

/* What the key of a name says of it. */
enum pn_name_kind { PN_NAME_HOST = 'h', PN_NAME_IDENT = 'i' };

enum { PN_NAME_KEY_FRONT = 6 }; /* bytes of a key before its name */

/* Writes a number in the byte order of images. */
void
pn_native_put(uint8_t *at, uint32_t number);

/* What the value of the one big record begins with. */
enum { PN_NATIVE_MAGIC_SIZE = 8 };

extern const char pn_native_magic[PN_NATIVE_MAGIC_SIZE];

/* The key of the one big record: PN_NATIVE_KEY_SIZE bytes. */
extern const char pn_native_key[PN_NATIVE_KEY_SIZE];

/*
 * The key of a host, a suffix (with its dot) or an ident: a NUL, its kind, the group's
 * number, and the name, that of a host in lower case. Writes PN_NAME_KEY_FRONT + size
 * bytes at `at`.
 */
size_t
pn_native_name_key(char *at, enum pn_name_kind kind, uint32_t group, const char *name,
                   size_t size);

/* 1 and *out when found, 0 when absent, -1 for damage. */
int
pn_native_name_find(const struct pn_native *native, const char *key, size_t size,
                    uint32_t *out);

enum pn_native_state {
    PN_NATIVE_IS, /* *out is filled */
    PN_NATIVE_IS_NOT,
    PN_NATIVE_DAMAGED,
    PN_NATIVE_NEWER /* a major version, or a feature, that is not known here */
};

/*
 * Looks whether a container holds a native image; checks its header, in constant time.
 * `head` is the container's first PN_NATIVE_HEAD_SIZE bytes, or all of it when it is
 * shorter: a copy of them will do, so that a mapped file need not be touched.
 */
enum pn_native_state
pn_native_open(const struct pn_container *container, const uint8_t *head,
               struct pn_native *out);

/*
 * For a newer file, from its first bytes as in pn_native_open(): the features that it
 * requires, and where in the file their names are. False when that cannot be read.
 */
bool
pn_native_features(const uint8_t *head, size_t size, uint32_t *requires, size_t *at,
                   size_t *features_size);

/*
 * Writes the names of the features that this build does not know, separated by commas,
 * as many as fit; printable bytes only. Returns the length without the NUL.
 */
size_t
pn_native_lacking(uint32_t requires, const uint8_t *names, size_t size, char *out,
                  size_t out_size);

/* The identity of a rule, independent of its place; false for damage. */
bool
pn_native_identity(const struct pn_native *native, uint32_t rule, uint64_t *out);

/* Adds the record of a name to the checksum of all names. */
uint64_t
pn_native_name_sum(uint64_t sum, const char *key, size_t size, uint32_t number);

/* The checksum of a value, for its header. */
uint64_t
pn_native_checksum(const uint8_t *bytes, size_t size);

bool
pn_native_check(const struct pn_native *native);

/* A column of the header, of group `row` or of rule `row`; the row must exist. */
uint32_t
pn_native_header_at(const struct pn_native *native, enum pn_native_header column);

/* A group by number, its parts checked; false for damage. */
bool
pn_native_group(const struct pn_native *native, uint32_t number,
                struct pn_native_group *out);

/* The row of a rule, or of terms; NULL when there is none. */
const uint8_t *
pn_native_rule_row(const struct pn_native *native, uint32_t row);

const uint8_t *
pn_native_terms_row(const struct pn_native *native, uint32_t row);

/* A number of a row. */
static inline uint32_t
pn_native_number(const uint8_t *row, unsigned column)
{
    return pn_container_number(row + (size_t)column * 4);
}

/* `size` bytes of the text at `at`; NULL when they are not all in it. */
const uint8_t *
pn_native_text(const struct pn_native *native, uint32_t at, uint32_t size);

/* The index of a family. */
static inline const struct pn_native_index *
pn_native_index(const struct pn_native_group *group, unsigned family)
{
    return family == 6 ? &group->v6 : &group->v4;
}

/* The index of IPv6 of a group in a zone, checked; of an image that has zones. */
bool
pn_native_zone(const struct pn_native *native, uint32_t group, uint32_t zone,
               struct pn_native_index *out);

/*
 * One search answers the address step, the prefix step and the block: the entry of the
 * piece that holds the address (4 or 16 bytes, network order). False for damage.
 */
bool
pn_native_find(const struct pn_native *native, const struct pn_native_index *index,
               const uint8_t *address, struct pn_native_entry *out);

/*
 * The numbers of the entries of the pieces that hold `count` addresses of `width` bytes
 * behind one another; UINT32_MAX for damage. One look-up does not wait for another.
 */
void
pn_native_find_numbers(const struct pn_native_index *index, unsigned width,
                       const uint8_t *addresses, size_t count, uint32_t *out);

/*
 * Narrows the runs of up to PN_NATIVE_SOME addresses, so many bytes wide: `low` is
 * where each begins, `counts` how many pieces it has, 0 for damage.
 */
enum { PN_NATIVE_SOME = 128 };

void
pn_native_refine(const struct pn_native_index *index, unsigned width,
                 const uint8_t *addresses, size_t count, uint32_t *low,
                 uint32_t *counts);

/* The same of a group: of IPv6, in the index of the address's zone. */
bool
pn_native_find_in(const struct pn_native *native, uint32_t number,
                  const struct pn_native_group *group, unsigned family,
                  const uint8_t *address, struct pn_native_entry *out);

/* Piece number `piece`, which exists: its start as a number of 64 bits, or two. */
bool
pn_native_piece(const struct pn_native *native, const struct pn_native_index *index,
                uint32_t piece, uint64_t *high, uint64_t *low,
                struct pn_native_entry *out);

#endif
