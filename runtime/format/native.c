/* Reading a native image: every offset is checked before it is followed. */
#define _DEFAULT_SOURCE /* be64toh */
#include "runtime/format/native.h"

#include <endian.h>
#include <string.h>

#include "runtime/format/record.h"

__extension__ typedef unsigned __int128 unsigned_wide;

enum {
    SHORT_RUN = 3,
    NUMBER = 4,
    ENTRY_SIZE = 20,
    MAGIC_LOW = 0x55524e50,
    MAGIC_HIGH = 0x0053454c
};

const char pn_native_key[PN_NATIVE_KEY_SIZE] = "\0postern native image";

static uint32_t
column(const uint8_t *row, unsigned number)
{
    return pn_container_number(row + (size_t)number * NUMBER);
}

void
pn_native_put(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < NUMBER; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

size_t
pn_native_name_key(char *at, char letter, uint32_t group, const char *name, size_t size)
{
    at[0] = '\0';
    at[1] = letter;
    pn_native_put((uint8_t *)at + 2, group);
    for (size_t i = 0; i < size; i++)
        at[i + 6] = letter == 'h' ? lower(name[i]) : name[i];
    return size + 6;
}

int
pn_native_name_find(const struct pn_native *native, const char *key, size_t size,
                    uint32_t *out)
{
    struct pn_record record;
    int found = pn_container_find(&native->container, key, size,
                                  pn_container_hash(key, size), &record);

    if (found > 0 && record.value_size != NUMBER)
        return -1;
    if (found > 0)
        *out = pn_container_number(record.value);
    return found;
}

uint32_t
pn_native_header_at(const struct pn_native *native, enum pn_native_header number)
{
    return column(native->bytes, number);
}

/* Do `count` things of `each` bytes lie at `at`? */
static bool
fits(const struct pn_native *native, uint32_t at, uint32_t count, uint32_t each)
{
    return at >= PN_NATIVE_HEADER_SIZE && at <= native->size &&
           (native->size - at) / each >= count;
}

/* A part that the header names by its place and its count. */
static bool
rows_open(const struct pn_native *native, const uint8_t *header,
          enum pn_native_header at, uint32_t each, struct pn_native_rows *out)
{
    uint32_t place = column(header, at), count = column(header, at + 1);

    *out = (struct pn_native_rows){ native->bytes + place, count };
    return fits(native, place, count, each);
}

static bool
index_open(const struct pn_native *native, const uint8_t *row, unsigned family,
           struct pn_native_parts *out)
{
    uint32_t pieces = column(row, PN_INDEX_PIECES_AT);
    uint32_t table = column(row, PN_INDEX_TABLE_AT);
    uint32_t size = column(row, PN_INDEX_START_SIZE),
             shift = column(row, PN_INDEX_SHIFT);

    out->count = column(row, PN_INDEX_PIECES);
    out->slots = column(row, PN_INDEX_SLOTS);
    out->base = column(row, PN_INDEX_BASE) | (uint64_t)column(row, PN_INDEX_BASE + 1)
                                                 << 32;
    if (!out->count || (family == 4 ? size != 4 : size != 8 && size != 16) ||
        shift > 63 || out->slots == UINT32_MAX ||
        !fits(native, pieces, out->count, size + NUMBER) ||
        (out->slots && !fits(native, table, out->slots + 1, NUMBER)))
        return false;
    out->pieces = native->bytes + pieces;
    out->table = native->bytes + table;
    out->start_size = (uint8_t)size;
    out->shift = (uint8_t)shift;
    return true;
}

static bool
group_open(const struct pn_native *native, const uint8_t *row,
           struct pn_native_rules_of *out)
{
    out->any_host = column(row, PN_GROUP_ANY_HOST);
    out->fallback = column(row, PN_GROUP_FALLBACK);
    out->hosts = column(row, PN_GROUP_HOSTS);
    out->suffixes = column(row, PN_GROUP_SUFFIXES);
    return index_open(native, row + (size_t)PN_GROUP_INDEX4 * NUMBER, 4, &out->v4) &&
           index_open(native, row + (size_t)PN_GROUP_INDEX6 * NUMBER, 6, &out->v6);
}

/* `header` is what was read of the value: the header itself, and the first groups. */
static bool
parts_open(struct pn_native *n, const uint8_t *header)
{
    const uint8_t *rows = header + PN_NATIVE_HEADER_SIZE;

    return column(header, PN_HEADER_SIZE) == n->size &&
           rows_open(n, header, PN_HEADER_RULES_AT, PN_RULE_COLUMNS * NUMBER,
                     &n->rules) &&
           rows_open(n, header, PN_HEADER_GROUPS_AT, PN_GROUP_COLUMNS * NUMBER,
                     &n->groups) &&
           rows_open(n, header, PN_HEADER_TERMS_AT, PN_TERM_COLUMNS * NUMBER,
                     &n->terms) &&
           rows_open(n, header, PN_HEADER_ENTRIES_AT, ENTRY_SIZE, &n->entries) &&
           rows_open(n, header, PN_HEADER_TEXT_AT, 1, &n->text) &&
           n->groups.count >= PN_NATIVE_FIRST_GROUPS &&
           column(header, PN_HEADER_GROUPS_AT) == PN_NATIVE_HEADER_SIZE &&
           group_open(n, rows, &n->first[0]) &&
           group_open(n, rows + (size_t)PN_GROUP_COLUMNS * NUMBER, &n->first[1]);
}

enum pn_native_state
pn_native_open(const struct pn_container *container, const uint8_t *head,
               struct pn_native *out)
{
    struct pn_native native = { .container = *container };
    struct pn_container front = *container;
    struct pn_record record;

    front.bytes = head; /* all that is read here lies in PN_NATIVE_HEAD_SIZE */
    if (!pn_container_record(&front, PN_CDB_HEADER_SIZE, &record) ||
        record.key_size != PN_NATIVE_KEY_SIZE ||
        memcmp(record.key, pn_native_key, PN_NATIVE_KEY_SIZE) != 0)
        return PN_NATIVE_IS_NOT;
    native.size = record.value_size;
    if (container->size < PN_NATIVE_HEAD_SIZE ||
        native.size < PN_NATIVE_HEADER_SIZE + PN_NATIVE_FIRST_ROWS ||
        column(record.value, 0) != MAGIC_LOW || column(record.value, 1) != MAGIC_HIGH)
        return PN_NATIVE_DAMAGED;
    if (column(record.value, PN_HEADER_VERSION) >> 16 != PN_NATIVE_MAJOR)
        return PN_NATIVE_NEWER;
    native.bytes = container->bytes + (record.value - head);
    if (!parts_open(&native, record.value))
        return PN_NATIVE_DAMAGED;
    *out = native;
    return PN_NATIVE_IS;
}

uint64_t
pn_native_checksum(const uint8_t *bytes, size_t size)
{
    return pn_record_digest(0, "", 0, bytes + PN_NATIVE_CHECKED_FROM,
                            size - PN_NATIVE_CHECKED_FROM);
}

uint64_t
pn_native_name_sum(uint64_t sum, const char *key, size_t size, uint32_t number)
{
    uint8_t value[NUMBER];

    pn_native_put(value, number);
    return pn_record_digest(sum, key, size, value, sizeof(value));
}

static bool
sum_is(const struct pn_native *native, enum pn_native_header at, uint64_t sum)
{
    return column(native->bytes, at) == (uint32_t)sum &&
           column(native->bytes, at + 1) == (uint32_t)(sum >> 32);
}

/* The records behind the value's: the one for foreign readers, and the names. */
static bool
names_check(const struct pn_native *native)
{
    const struct pn_container *container = &native->container;
    uint32_t position =
        PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE + native->size;
    struct pn_record record;
    uint64_t sum = 0;

    if (!pn_container_next(container, &position, &record) || record.key_size ||
        record.value_size != 2 || memcmp(record.value, "D", 2) != 0)
        return false;
    while (pn_container_next(container, &position, &record)) {
        if (record.value_size != NUMBER)
            return false;
        sum = pn_native_name_sum(sum, (const char *)record.key, record.key_size,
                                 pn_container_number(record.value));
    }
    return sum_is(native, PN_HEADER_NAMES_CHECK, sum);
}

bool
pn_native_check(const struct pn_native *native)
{
    return sum_is(native, PN_HEADER_CHECK,
                  pn_native_checksum(native->bytes, native->size)) &&
           names_check(native);
}

bool
pn_native_group(const struct pn_native *native, uint32_t number,
                struct pn_native_rules_of *out)
{
    if (number < PN_NATIVE_FIRST_GROUPS) {
        *out = native->first[number];
        return true;
    }
    return number < native->groups.count &&
           group_open(native,
                      native->groups.bytes + (size_t)number * PN_GROUP_COLUMNS * NUMBER,
                      out);
}

const uint8_t *
pn_native_rule_row(const struct pn_native *native, uint32_t row)
{
    return row < native->rules.count
               ? native->rules.bytes + (size_t)row * PN_RULE_COLUMNS * NUMBER
               : NULL;
}

const uint8_t *
pn_native_terms_row(const struct pn_native *native, uint32_t row)
{
    return row < native->terms.count
               ? native->terms.bytes + (size_t)row * PN_TERM_COLUMNS * NUMBER
               : NULL;
}

uint32_t
pn_native_number(const uint8_t *row, unsigned number)
{
    return column(row, number);
}

const uint8_t *
pn_native_text(const struct pn_native *native, uint32_t at, uint32_t size)
{
    if (at > native->text.count || size > native->text.count - at)
        return NULL;
    return native->text.bytes + at;
}

/* 64 bits as images hold them. */
static inline uint64_t
wide(const uint8_t *bytes)
{
    return pn_container_number(bytes) | (uint64_t)pn_container_number(bytes + 4) << 32;
}

/* Numbers in network order, by one load each where the machine can. */
static inline uint64_t
network64(const uint8_t *bytes)
{
    uint64_t number;

    memcpy(&number, bytes, sizeof(number));
    return be64toh(number);
}

static inline uint64_t
network32(const uint8_t *bytes)
{
    uint32_t number;

    memcpy(&number, bytes, sizeof(number));
    return be32toh(number);
}

/* The run of pieces that the key is in: from *low to *high. */
static inline bool
run_find(const struct pn_native_parts *index, uint64_t key, uint32_t *low,
         uint32_t *high)
{
    uint64_t slot;

    *low = 0;
    *high = index->count - 1;
    if (!index->slots)
        return true;
    slot = key < index->base ? 0 : ((key - index->base) >> index->shift) + 1;
    slot = slot < index->slots ? slot : index->slots - 1;
    *low = pn_container_number(index->table + slot * NUMBER);
    *high = pn_container_number(index->table + slot * NUMBER + NUMBER);
    return *low <= *high && *high < index->count;
}

/* Does a piece of this start size begin at or below the address? 1 or 0, no branch. */
static inline uint32_t
begins_below(const uint8_t *piece, unsigned size, uint64_t high, uint64_t low)
{
    if (size == 4)
        return pn_container_number(piece) <= (uint32_t)high;
    if (size == 8)
        return wide(piece) <= high;
    return ((unsigned_wide)wide(piece) << 64 | wide(piece + 8)) <=
           ((unsigned_wide)high << 64 | low);
}

/*
 * The last piece of the run that starts at or below the address: a binary search whose
 * steps are sums and no branches, as which way they go is anybody's guess. The last
 * three are always taken, for how short a short run is, is one too. (The structure is
 * known as DXR: M. Zec, L. Rizzo, M. Mikuc, "DXR: towards a billion routing lookups per
 * second in software", 2012.)
 */
static inline const uint8_t *
piece_find(const struct pn_native_parts *index, unsigned size, uint64_t high_key,
           uint64_t low_key)
{
    const size_t each = size + (size_t)NUMBER;
    uint32_t low, high;

    if (!run_find(index, high_key, &low, &high))
        return NULL;
    for (uint32_t count = high - low + 1; count > SHORT_RUN;) {
        uint32_t half = count / 2;

        low += half * begins_below(index->pieces + (low + half) * each, size, high_key,
                                   low_key);
        count -= half;
    }
    for (int i = 1; i < SHORT_RUN; i++) {
        uint32_t step = low < high;

        low += step & begins_below(index->pieces + (size_t)(low + step) * each, size,
                                   high_key, low_key);
    }
    return index->pieces + low * each + size;
}

static inline const uint8_t *
address_find(const struct pn_native_parts *index, const uint8_t *address)
{
    if (index->start_size == 4)
        return piece_find(index, 4, network32(address), 0);
    if (index->start_size == 8)
        return piece_find(index, 8, network64(address), 0);
    return piece_find(index, 16, network64(address), network64(address + 8));
}

/* The entry that a piece names. */
static inline bool
entry_of(const struct pn_native *native, const uint8_t *name,
         struct pn_native_entry *out)
{
    uint32_t number = pn_container_number(name);
    const uint8_t *entry = native->entries.bytes + (size_t)number * ENTRY_SIZE;

    if (number >= native->entries.count)
        return false;
    *out =
        (struct pn_native_entry){ column(entry, 0), column(entry, 1), column(entry, 2),
                                  column(entry, 3), column(entry, 4) };
    return true;
}

bool
pn_native_find(const struct pn_native *native, const struct pn_native_parts *index,
               const uint8_t *address, struct pn_native_entry *out)
{
    const uint8_t *name = address_find(index, address);

    return name && entry_of(native, name, out);
}

bool
pn_native_piece(const struct pn_native *native, const struct pn_native_parts *index,
                uint32_t piece, uint64_t *high, uint64_t *low,
                struct pn_native_entry *out)
{
    const uint8_t *at =
        index->pieces + (size_t)piece * (index->start_size + (size_t)NUMBER);

    *high = index->start_size == 4 ? pn_container_number(at) : wide(at);
    *low = index->start_size == 16 ? wide(at + 8) : 0;
    return entry_of(native, at + index->start_size, out);
}
