/*
 * Tables within the slots of an index. A block of a registry holds thousands of
 * prefixes, and the blocks beside it none: a table of even slots over all addresses has
 * most of its pieces in few of them. So each long run has a table of its own, with a
 * slot for two pieces, and so on while a part of it is long.
 */
#include "compiler/emit_fine.h"

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/emit_index.h"

enum { LEAST_BITS = 3, KEY_BITS = 64 };

struct node {
    uint32_t first, second;
};

struct fine {
    const struct pn_pieces *pieces;
    uint8_t family;
    struct node *roots, *nodes;
    size_t node_count, node_capacity;
    bool failed;
};

/* Addresses with the keys from `from` on, as many as so many bits can tell apart. */
struct range {
    uint64_t from;
    unsigned bits;
};

/* Pieces: that which holds the first address of a range, and the last of the range. */
struct run {
    uint32_t low, high;
};

static pn_number
first_address(const struct fine *fine, uint64_t key)
{
    return fine->family == 6 ? (pn_number)key << 64 : key;
}

static bool
is_long(struct run run)
{
    return run.high - run.low >= PN_FINE_RUN;
}

/* How many bits a number of nodes takes: a node for each piece, or for two. */
static unsigned
bits_for(struct run run)
{
    unsigned bits = 0;

    while ((run.high - run.low) >> (bits + 1))
        bits++;
    return bits < LEAST_BITS ? LEAST_BITS : bits;
}

static struct node
node_of(struct run run)
{
    return (struct node){ run.low, run.high - run.low + 1 };
}

/* A table that may be made: its place, and of what. */
struct table {
    struct range range;
    struct run run;
    unsigned level;
};

static struct node
table_make(struct fine *fine, struct table table);

/* The part of a run that is within a range which begins behind the last one's. */
static struct run
part_of(const struct fine *fine, struct run whole, uint32_t low, struct range range,
        bool is_last)
{
    const struct pn_piece *items = fine->pieces->items;
    pn_number first = first_address(fine, range.from), next;
    struct run part = { low, whole.high };

    while (part.low < whole.high && items[part.low + 1].start <= first)
        part.low++;
    if (is_last)
        return part;
    if (range.from + (UINT64_C(1) << range.bits) < range.from)
        return part; /* behind the last address */
    next = first_address(fine, range.from + (UINT64_C(1) << range.bits));
    for (part.high = part.low;
         part.high < whole.high && items[part.high + 1].start < next;)
        part.high++;
    return part;
}

static void
table_fill(struct fine *fine, const struct table *table, size_t at, unsigned bits)
{
    struct run whole = table->run, part = { whole.low, whole.low };
    struct range range = { table->range.from, table->range.bits - bits };
    size_t count = (size_t)1 << bits;

    for (size_t i = 0; i < count && !fine->failed; i++) {
        struct table inner;
        struct node node;

        /* the one that held the end of the last range may go on */
        part = part_of(fine, whole, part.high, range, i + 1 == count);
        inner = (struct table){ range, part, table->level + 1 };
        node = is_long(part) && range.bits && inner.level < PN_FINE_LEVELS
                   ? table_make(fine, inner)
                   : node_of(part);
        fine->nodes[at + i] = node;
        range.from += UINT64_C(1) << range.bits;
    }
}

static struct node
table_make(struct fine *fine, struct table table)
{
    unsigned bits = bits_for(table.run);
    size_t at = fine->node_count;

    if (bits > table.range.bits)
        bits = table.range.bits;
    if (!pn_vector_reserve(&fine->nodes, &fine->node_capacity, at + ((size_t)1 << bits),
                           sizeof(*fine->nodes))) {
        fine->failed = true;
        return (struct node){ 0, 0 };
    }
    fine->node_count += (size_t)1 << bits;
    table_fill(fine, &table, at, bits);
    return (struct node){ (uint32_t)at, PN_FINE_TABLE | (table.range.bits - bits) };
}

/* How many bits the keys of a range take that ends where `last` is. */
static unsigned
bits_of(uint64_t span)
{
    unsigned bits = 1;

    while (bits < KEY_BITS && span >> bits)
        bits++;
    return bits;
}

/* An index as it was emitted. */
struct emitted {
    const uint8_t *table;
    uint64_t base;
    uint32_t slots;
    unsigned shift;
};

static struct emitted
emitted_read(const struct pn_buffer *value, size_t row)
{
    const uint8_t *bytes = (const uint8_t *)value->bytes, *numbers = bytes + row;

    return (struct emitted){
        .table = bytes + pn_native_number(numbers, PN_INDEX_TABLE_AT),
        .base = pn_native_number(numbers, PN_INDEX_BASE) |
                (uint64_t)pn_native_number(numbers, PN_INDEX_BASE + 1) << 32,
        .slots = pn_native_number(numbers, PN_INDEX_SLOTS),
        .shift = pn_native_number(numbers, PN_INDEX_SHIFT),
    };
}

static struct run
slot_run(const struct emitted *index, uint32_t slot)
{
    uint32_t next = pn_native_number(index->table, slot + 1);

    return (struct run){ pn_native_number(index->table, slot) & ~PN_INDEX_BEGINS,
                         (next & ~PN_INDEX_BEGINS) - next / PN_INDEX_BEGINS };
}

/* The keys of a slot; the first one has those below the base, the last one the rest. */
static struct range
slot_range(const struct emitted *index, uint32_t slot, uint8_t family)
{
    uint64_t largest = family == 6 ? UINT64_MAX : UINT32_MAX;
    uint64_t from = index->base + ((uint64_t)(slot - 1) << index->shift);

    if (!slot)
        return (struct range){ 0, bits_of(index->base - 1) };
    if (slot + 1 == index->slots)
        return (struct range){ from, bits_of(largest - from) };
    return (struct range){ from, index->shift };
}

static void
slots_divide(struct fine *fine, const struct emitted *index)
{
    for (uint32_t slot = 0; slot < index->slots && !fine->failed; slot++) {
        struct run run = slot_run(index, slot);
        struct range range = slot_range(index, slot, fine->family);
        bool is_empty = !slot && !index->base;

        if (!is_empty && is_long(run) && range.bits)
            fine->roots[run.low / PN_FINE_RUN + 1] =
                table_make(fine, (struct table){ range, run, 0 });
    }
}

static void
nodes_add(struct pn_buffer *value, const struct node *nodes, size_t count)
{
    uint8_t *at;

    if (!pn_buffer_reserve(value, count * PN_FINE_NODE_SIZE))
        return;
    at = (uint8_t *)value->bytes + value->size;
    for (size_t i = 0; i < count; i++, at += PN_FINE_NODE_SIZE) {
        pn_native_put(at, nodes[i].first);
        pn_native_put(at + sizeof(uint32_t), nodes[i].second);
    }
    value->size += count * PN_FINE_NODE_SIZE;
}

void
pn_fine_emit(struct pn_buffer *value, const struct pn_pieces *pieces, uint8_t family,
             size_t row, uint32_t *at, uint32_t *nodes)
{
    size_t roots = pn_fine_roots((uint32_t)pieces->count);
    struct fine fine = { .pieces = pieces, .family = family };
    struct emitted index;

    *at = *nodes = 0;
    if (value->failed || pieces->count <= PN_FINE_RUN)
        return;
    index = emitted_read(value, row);
    fine.roots = index.slots ? pn_calloc(roots, sizeof(*fine.roots)) : NULL;
    value->failed |= index.slots && !fine.roots;
    if (fine.roots)
        slots_divide(&fine, &index);
    value->failed |= fine.failed;
    if (!value->failed && fine.node_count) {
        pn_index_align(value);
        *at = (uint32_t)value->size;
        *nodes = (uint32_t)fine.node_count;
        nodes_add(value, fine.roots, roots);
        nodes_add(value, fine.nodes, fine.node_count);
    }
    pn_free(fine.roots);
    pn_free(fine.nodes);
}
