/* Writes the pieces and a table over most of them, compact where numbers are small. */
#include "compiler/emit_index.h"

#include <string.h>

#include "base/memory.h"

#define NUMBER sizeof(uint32_t)

enum {
    TABLE_FROM = 32, /* with fewer pieces there is no table */
    TABLE_MOST = 1 << 18,
    COMPACT_FROM = 65536,  /* pieces, for a table of so many slots */
    COMPACT_FINE = 500000, /* and for one of four times as many */
    EDGE = 64              /* this fraction of the pieces, at either end, is ignored */
};

/* Where an index goes. */
struct index {
    struct pn_buffer *value;
    struct pn_intern *entries;
};

void
pn_index_add_number(struct pn_buffer *value, uint32_t number)
{
    uint8_t bytes[NUMBER];

    pn_native_put(bytes, number);
    pn_buffer_add(value, bytes, sizeof(bytes));
}

void
pn_index_set_number(struct pn_buffer *value, size_t at, uint32_t number)
{
    if (!value->failed)
        pn_native_put((uint8_t *)value->bytes + at, number);
}

/* The key of the table: the address, or its first 64 bits. */
static uint64_t
key_of(pn_number start, uint8_t family)
{
    return (uint64_t)(family == 6 ? start >> 64 : start);
}

/* The table of an index: where it begins, how far apart its slots are, how many. */
struct table {
    uint64_t base;
    unsigned shift;
    uint32_t slots;
};

/*
 * About one slot for two pieces, over the range of most pieces: a few outliers fall
 * into the first or the last slot.
 */
static struct table
table_plan(const struct pn_pieces *pieces, uint8_t family)
{
    struct table table = { 0 };
    size_t edge = pieces->count / EDGE, count = pieces->count;
    uint64_t span;

    if (count < TABLE_FROM)
        return table;
    if (count > TABLE_MOST)
        count = TABLE_MOST;
    table.base = key_of(pieces->items[edge + 1].start, family);
    span = key_of(pieces->items[pieces->count - 1 - edge].start, family) - table.base;
    while (span >> table.shift >= count)
        table.shift++;
    table.slots = (uint32_t)(span >> table.shift) + 2;
    return table;
}

/* A compact index has slots for all addresses, so that half of a start is enough. */
static struct table
table_compact(const struct pn_pieces *pieces)
{
    struct table table = { .shift = PN_INDEX_COMPACT_SHIFT };

    if (pieces->count >= COMPACT_FINE)
        table.shift -= 2;
    table.slots = (UINT32_C(1) << (32 - table.shift)) + 1;
    return table;
}

/* For each slot the piece that holds its first address; the last entry ends the last.
 */
static void
add_table(struct index *index, const struct pn_pieces *pieces, uint8_t family,
          struct table table)
{
    size_t piece = 0;

    pn_index_add_number(index->value, PN_INDEX_BEGINS);
    for (uint32_t slot = 1; slot < table.slots; slot++) {
        uint64_t key = table.base + ((uint64_t)(slot - 1) << table.shift);
        pn_number first = family == 6 ? (pn_number)key << 64 : key;

        while (piece + 1 < pieces->count && pieces->items[piece + 1].start <= first)
            piece++;
        pn_index_add_number(
            index->value,
            (uint32_t)piece |
                (pieces->items[piece].start == first ? PN_INDEX_BEGINS : 0));
    }
    pn_index_add_number(index->value, (uint32_t)pieces->count - 1);
}

/* `numbers` are the entry numbers of the pieces. */
static unsigned
start_size(const struct pn_pieces *pieces, uint8_t family, const uint32_t *numbers)
{
    if (family == 4) {
        if (pieces->count < COMPACT_FROM)
            return 4;
        for (size_t i = 0; i < pieces->entry_count; i++)
            if (numbers[i] >= PN_INDEX_COMPACT_ENTRIES)
                return 4;
        return PN_INDEX_COMPACT;
    }
    for (size_t i = 0; i < pieces->count; i++)
        if ((uint64_t)pieces->items[i].start)
            return 16;
    return 8;
}

/* The entry numbers, in the image, of some pieces; NULL without memory. */
static uint32_t *
entry_numbers(struct index *index, const struct pn_pieces *pieces)
{
    uint32_t *numbers = pn_malloc((pieces->entry_count + 1) * sizeof(*numbers));
    uint8_t rows[PN_INTERN_ROWS][PN_ENTRY_SIZE];
    bool good = numbers &&
                pn_intern_reserve(index->entries, pieces->entry_count, sizeof(*rows));

    for (size_t from = 0, count; good && from < pieces->entry_count; from += count) {
        count = pieces->entry_count - from;
        if (count > PN_INTERN_ROWS)
            count = PN_INTERN_ROWS;
        for (size_t i = 0; i < count; i++)
            pn_native_put_entry(rows[i], &pieces->entries[from + i]);
        good = pn_intern_add_rows(index->entries, rows, sizeof(*rows), count,
                                  numbers + from);
    }
    if (good)
        return numbers;
    pn_free(numbers);
    return NULL;
}

/* Numbers at a place for which there is room; behind them. */
static uint8_t *
put_half(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)number;
    at[1] = (uint8_t)(number >> 8);
    return at + 2;
}

static uint8_t *
put_number(uint8_t *at, uint32_t number)
{
    pn_native_put(at, number);
    return at + NUMBER;
}

static void
add_pieces(struct index *index, const struct pn_pieces *pieces, unsigned size,
           const uint32_t *numbers, unsigned shift)
{
    uint8_t *at;

    if (!pn_buffer_reserve(index->value, pieces->count * (size + NUMBER))) {
        index->value->failed = true;
        return;
    }
    at = (uint8_t *)index->value->bytes + index->value->size;
    for (size_t i = 0; i < pieces->count; i++) {
        pn_number start = pieces->items[i].start;
        uint32_t number = numbers[pieces->items[i].entry];

        if (size == PN_INDEX_COMPACT) {
            at = put_half(at, (uint32_t)start & ((UINT32_C(1) << shift) - 1));
            at = put_half(at, number);
            continue;
        }
        if (size == 4) {
            at = put_number(at, (uint32_t)start);
        } else {
            at = put_number(at, (uint32_t)(start >> 64));
            at = put_number(at, (uint32_t)(start >> 96));
        }
        if (size == 16) {
            at = put_number(at, (uint32_t)start);
            at = put_number(at, (uint32_t)(start >> 32));
        }
        at = put_number(at, number);
    }
    index->value->size = (size_t)(at - (uint8_t *)index->value->bytes);
}

void
pn_index_align(struct pn_buffer *value)
{
    while (value->size % 8 && !value->failed)
        pn_buffer_add(value, "", 1);
}

static void
add_parts(struct index *index, const struct pn_pieces *pieces, uint8_t family,
          const uint32_t *numbers, size_t row)
{
    unsigned size = start_size(pieces, family, numbers);
    struct table table =
        size == PN_INDEX_COMPACT ? table_compact(pieces) : table_plan(pieces, family);

    pn_index_align(index->value);
    pn_index_set_number(index->value, row + PN_INDEX_TABLE_AT * NUMBER,
                        (uint32_t)index->value->size);
    if (table.slots)
        add_table(index, pieces, family, table);
    pn_index_align(index->value);
    pn_index_set_number(index->value, row + PN_INDEX_PIECES_AT * NUMBER,
                        (uint32_t)index->value->size);
    add_pieces(index, pieces, size, numbers, table.shift);
    pn_index_set_number(index->value, row + PN_INDEX_PIECES * NUMBER,
                        (uint32_t)pieces->count);
    pn_index_set_number(index->value, row + PN_INDEX_START_SIZE * NUMBER, size);
    pn_index_set_number(index->value, row + PN_INDEX_SLOTS * NUMBER, table.slots);
    pn_index_set_number(index->value, row + PN_INDEX_SHIFT * NUMBER, table.shift);
    pn_index_set_number(index->value, row + PN_INDEX_BASE * NUMBER,
                        (uint32_t)table.base);
    pn_index_set_number(index->value, row + (PN_INDEX_BASE + 1) * NUMBER,
                        (uint32_t)(table.base >> 32));
}

void
pn_index_emit(struct pn_buffer *value, struct pn_intern *entries,
              const struct pn_pieces *pieces, uint8_t family, size_t row)
{
    struct index index = { value, entries };
    uint32_t *numbers = entry_numbers(&index, pieces);

    if (numbers)
        add_parts(&index, pieces, family, numbers, row);
    else
        value->failed = true;
    pn_free(numbers);
}
