/* Reading a native image: every offset is checked before it is followed. */
#include "runtime/format/native.h"

#include <string.h>

#include "runtime/format/record.h"

enum { NUMBER = 4, ENTRY_SIZE = 16, MAGIC_LOW = 0x55524e50, MAGIC_HIGH = 0x0053454c };

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

static bool
header_fits(const struct pn_native *n)
{
    return pn_native_header_at(n, PN_HEADER_SIZE) == n->size &&
           pn_native_header_at(n, PN_HEADER_GROUPS) >= PN_NATIVE_FIRST_GROUPS &&
           fits(n, pn_native_header_at(n, PN_HEADER_RULES_AT),
                pn_native_header_at(n, PN_HEADER_RULES), PN_RULE_COLUMNS * NUMBER) &&
           fits(n, pn_native_header_at(n, PN_HEADER_GROUPS_AT),
                pn_native_header_at(n, PN_HEADER_GROUPS), PN_GROUP_COLUMNS * NUMBER) &&
           fits(n, pn_native_header_at(n, PN_HEADER_TERMS_AT),
                pn_native_header_at(n, PN_HEADER_TERMS), PN_TERM_COLUMNS * NUMBER) &&
           fits(n, pn_native_header_at(n, PN_HEADER_ENTRIES_AT),
                pn_native_header_at(n, PN_HEADER_ENTRIES), ENTRY_SIZE) &&
           fits(n, pn_native_header_at(n, PN_HEADER_TEXT_AT),
                pn_native_header_at(n, PN_HEADER_TEXT_SIZE), 1);
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
        container->size < PN_NATIVE_HEAD_SIZE ||
        memcmp(record.key, pn_native_key, PN_NATIVE_KEY_SIZE) != 0)
        return PN_NATIVE_IS_NOT;
    native.bytes = record.value;
    native.size = record.value_size;
    if (native.size < PN_NATIVE_HEADER_SIZE || column(native.bytes, 0) != MAGIC_LOW ||
        column(native.bytes, 1) != MAGIC_HIGH)
        return PN_NATIVE_DAMAGED;
    if (column(native.bytes, PN_HEADER_VERSION) >> 16 != PN_NATIVE_MAJOR)
        return PN_NATIVE_NEWER;
    if (!header_fits(&native))
        return PN_NATIVE_DAMAGED;
    native.bytes = container->bytes + (record.value - head);
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

static const uint8_t *
row_at(const struct pn_native *native, enum pn_native_header at,
       enum pn_native_header count, uint32_t row, uint32_t columns)
{
    if (row >= pn_native_header_at(native, count))
        return NULL;
    return native->bytes + pn_native_header_at(native, at) +
           (size_t)row * columns * NUMBER;
}

const uint8_t *
pn_native_group_row(const struct pn_native *native, uint32_t row)
{
    return row_at(native, PN_HEADER_GROUPS_AT, PN_HEADER_GROUPS, row, PN_GROUP_COLUMNS);
}

const uint8_t *
pn_native_rule_row(const struct pn_native *native, uint32_t row)
{
    return row_at(native, PN_HEADER_RULES_AT, PN_HEADER_RULES, row, PN_RULE_COLUMNS);
}

const uint8_t *
pn_native_terms_row(const struct pn_native *native, uint32_t row)
{
    return row_at(native, PN_HEADER_TERMS_AT, PN_HEADER_TERMS, row, PN_TERM_COLUMNS);
}

uint32_t
pn_native_number(const uint8_t *row, unsigned number)
{
    return column(row, number);
}

const uint8_t *
pn_native_text(const struct pn_native *native, uint32_t at, uint32_t size)
{
    uint32_t whole = pn_native_header_at(native, PN_HEADER_TEXT_SIZE);

    if (at > whole || size > whole - at)
        return NULL;
    return native->bytes + pn_native_header_at(native, PN_HEADER_TEXT_AT) + at;
}

/* An index row with its parts, checked. */
struct index {
    const uint8_t *table, *starts, *data;
    uint32_t bits, pieces;
};

static bool
index_open(const struct pn_native *native, const uint8_t *row, uint32_t start_size,
           struct index *out)
{
    uint32_t bits = column(row, PN_INDEX_BITS), pieces = column(row, PN_INDEX_PIECES);
    uint32_t table = column(row, PN_INDEX_TABLE_AT);
    uint32_t starts = column(row, PN_INDEX_STARTS_AT);
    uint32_t data = column(row, PN_INDEX_DATA_AT);

    if (!pieces || bits > 24 || !fits(native, starts, pieces, start_size) ||
        !fits(native, data, pieces, NUMBER) ||
        (bits && !fits(native, table, (1u << bits) + 1, NUMBER)))
        return false;
    *out = (struct index){ native->bytes + table, native->bytes + starts,
                           native->bytes + data, bits, pieces };
    return true;
}

static uint32_t
big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Is the start of a piece at or below the address? Starts stand in network order. */
static bool
starts_below(const struct index *index, uint32_t piece, unsigned size,
             const uint8_t *address)
{
    return memcmp(index->starts + (size_t)piece * size, address, size) <= 0;
}

static bool
piece_find(const struct index *index, unsigned size, const uint8_t *address,
           uint32_t *out)
{
    uint32_t low = 0, high = index->pieces - 1;

    if (index->bits) {
        uint32_t slot = big_endian(address) >> (32 - index->bits);

        low = column(index->table, slot);
        high = column(index->table, slot + 1);
        if (low > high || high >= index->pieces)
            return false;
    }
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;

        if (starts_below(index, middle, size, address))
            low = middle;
        else
            high = middle - 1;
    }
    *out = low;
    return true;
}

static bool
family_open(const struct pn_native *native, const uint8_t *group_row, unsigned family,
            struct index *out)
{
    unsigned first = family == 6 ? PN_GROUP_INDEX6 : PN_GROUP_INDEX4;

    return index_open(native, group_row + (size_t)first * NUMBER, family == 6 ? 16 : 4,
                      out);
}

/* The entry that a piece names. */
static bool
entry_of(const struct pn_native *native, const struct index *index, uint32_t piece,
         struct pn_native_entry *out)
{
    uint32_t number = column(index->data, piece);
    const uint8_t *entry;

    if (number >= pn_native_header_at(native, PN_HEADER_ENTRIES))
        return false;
    entry = native->bytes + pn_native_header_at(native, PN_HEADER_ENTRIES_AT) +
            (size_t)number * ENTRY_SIZE;
    *out = (struct pn_native_entry){ column(entry, 0), column(entry, 1),
                                     column(entry, 2), column(entry, 3) };
    return true;
}

bool
pn_native_find(const struct pn_native *native, const uint8_t *group_row,
               unsigned family, const uint8_t *address, struct pn_native_entry *out)
{
    struct index index;
    uint32_t piece;

    return family_open(native, group_row, family, &index) &&
           piece_find(&index, family == 6 ? 16 : 4, address, &piece) &&
           entry_of(native, &index, piece, out);
}

uint32_t
pn_native_piece_count(const struct pn_native *native, const uint8_t *group_row,
                      unsigned family)
{
    struct index index;

    return family_open(native, group_row, family, &index) ? index.pieces : 0;
}

bool
pn_native_piece(const struct pn_native *native, const uint8_t *group_row,
                unsigned family, uint32_t piece, const uint8_t **start,
                struct pn_native_entry *out)
{
    struct index index;

    if (!family_open(native, group_row, family, &index) || piece >= index.pieces)
        return false;
    *start = index.starts + (size_t)piece * (family == 6 ? 16 : 4);
    return entry_of(native, &index, piece, out);
}
