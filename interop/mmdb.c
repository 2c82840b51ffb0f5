/*
 * "MaxMind DB File Format Specification", version 2.0. Nodes are made from the leaves
 * up, and equal ones that follow soon after one another are one: what cuts one address
 * out of a wide prefix makes the same few nodes again and again.
 */
#include "interop/mmdb.h"

#include "base/memory.h"
#include "base/vector.h"
#include "interop/mmdb_data.h"

enum {
    CACHE_BITS = 14,
    SEPARATOR = 16, /* bytes between tree and data */
    IPV4_DEPTH = 96,
    WRITE_PIECE = 4096 /* nodes */
};

/* A record of the tree: a node by the order in which it was made, or data. */
#define IS_DATA ((uint32_t)1 << 31)

struct node {
    uint32_t sides[2];
};

/* A node that was made, by its sides. */
struct made {
    struct node node;
    uint32_t number; /* and 1; or 0 */
};

struct tree {
    const struct pn_mmdb *db;
    const struct pn_span_answer *spans;
    size_t at[PN_FAMILIES]; /* the span of each that was reached */
    size_t six;             /* where spans of IPv6 begin */
    struct node *nodes;
    size_t count, capacity;
    struct made cache[1 << CACHE_BITS];
    uint32_t four; /* the record of all of IPv4, once it is made */
    bool has_four, failed;
};

static const pn_number mapped_first = (pn_number)0xffff << 32;

/* The record of two halves: one node, unless they are one. */
static uint32_t
node_of(struct tree *tree, uint32_t left, uint32_t right)
{
    const struct node node = { { left, right } };
    uint64_t mixed = ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);
    struct made *slot = &tree->cache[mixed >> (64 - CACHE_BITS)];

    if (left == right && left & IS_DATA)
        return left;
    if (slot->number && slot->node.sides[0] == left && slot->node.sides[1] == right)
        return slot->number - 1;
    tree->failed |= tree->count >= IS_DATA - 1 ||
                    !pn_vector_add(&tree->nodes, &tree->count, &tree->capacity, &node,
                                   sizeof(node));
    if (tree->failed)
        return IS_DATA;
    *slot = (struct made){ node, (uint32_t)tree->count };
    return slot->number - 1;
}

/* The span of a family that holds an address; they are asked for in ascending order. */
static size_t
span_at(struct tree *tree, unsigned family, pn_number address)
{
    size_t *at = &tree->at[family];

    while (tree->spans[*at].last < address)
        ++*at;
    return *at;
}

static uint32_t
record_of(const struct tree *tree, size_t span)
{
    return tree->db->records[span] | IS_DATA;
}

/* 0.0.0.1 is ::1 for a reader, and only that one can be a client. */
static uint32_t
loopback_of(const struct tree *tree)
{
    size_t at = tree->six;

    while (tree->spans[at].last < 1)
        at++;
    return record_of(tree, at);
}

static uint32_t
four_make(struct tree *tree, uint32_t first, unsigned depth)
{
    const uint32_t last = depth < 32 ? first | UINT32_MAX >> depth : first;
    const size_t span = span_at(tree, PN_V4, first);
    uint32_t left;

    if (first == 1 && last == 1)
        return loopback_of(tree);
    if ((uint32_t)tree->spans[span].last >= last && (first > 1 || last < 1))
        return record_of(tree, span);
    left = four_make(tree, first, depth + 1);
    return node_of(tree, left,
                   four_make(tree, first | UINT32_C(1) << (31 - depth), depth + 1));
}

/* Does a prefix hold one of the two places where IPv4 is? */
static bool
holds_four(pn_number first, pn_number last)
{
    return first <= UINT32_MAX ||
           (first <= (mapped_first | UINT32_MAX) && last >= mapped_first);
}

static uint32_t
six_make(struct tree *tree, pn_number first, unsigned depth)
{
    const pn_number last = first | pn_host_mask(6, depth);
    uint32_t left;
    size_t span;

    if (depth == IPV4_DEPTH && (!first || first == mapped_first)) {
        if (!tree->has_four)
            tree->four = four_make(tree, 0, 0);
        tree->has_four = true;
        return tree->four;
    }
    span = span_at(tree, PN_V6, first);
    if (tree->spans[span].last >= last && !holds_four(first, last))
        return record_of(tree, span);
    left = six_make(tree, first, depth + 1);
    return node_of(tree, left,
                   six_make(tree, first | (pn_number)1 << (127 - depth), depth + 1));
}

/* The root is the node that was made last: also where it is like one before, or no
 * node at all. */
static void
root_set(struct tree *tree, uint32_t root)
{
    struct node node = { { root, root } };

    if (tree->failed || root == tree->count - 1)
        return;
    if (!(root & IS_DATA))
        node = tree->nodes[root];
    tree->failed |= !pn_vector_add(&tree->nodes, &tree->count, &tree->capacity, &node,
                                   sizeof(node));
}

/* How wide a record has to be: 24, 28 or 32 bits; 0 for more. */
static unsigned
record_bits(const struct tree *tree)
{
    uint64_t most = (uint64_t)tree->count + SEPARATOR + tree->db->data.len;

    return most < 1U << 24 ? 24 : most < 1U << 28 ? 28 : most < UINT32_MAX ? 32 : 0;
}

/* As the file has it: nodes backwards, so that the root is the first, then data. */
static uint32_t
number_of(const struct tree *tree, uint32_t record)
{
    uint32_t count = (uint32_t)tree->count;

    return record & IS_DATA ? count + SEPARATOR + (record & ~IS_DATA)
                            : count - 1 - record;
}

static size_t
node_put(uint8_t *out, unsigned bits, uint32_t left, uint32_t right)
{
    unsigned bytes = bits == 32 ? 4 : 3, size = 0;

    for (unsigned i = bytes; i--;)
        out[size++] = (uint8_t)(left >> 8 * i);
    if (bits == 28)
        out[size++] = (uint8_t)(left >> 24 << 4 | right >> 24);
    for (unsigned i = bytes; i--;)
        out[size++] = (uint8_t)(right >> 8 * i);
    return size;
}

static void
tree_write(struct pn_output *out, const struct tree *tree, unsigned bits)
{
    uint8_t bytes[WRITE_PIECE * 8];
    size_t size = 0;

    for (size_t i = tree->count; i--;) {
        const struct node *node = &tree->nodes[i];

        size += node_put(bytes + size, bits, number_of(tree, node->sides[0]),
                         number_of(tree, node->sides[1]));
        if (size > sizeof(bytes) - 8 || !i) {
            pn_output_add(out, bytes, size);
            size = 0;
        }
    }
}

/* The marker, and what a reader has to know. */
static void
metadata_add(struct pn_buffer *out, const struct tree *tree, unsigned bits)
{
    pn_buffer_add(out, "\xab\xcd\xefMaxMind.com", 14);
    pn_mmdb_map(out, 9);
    pn_mmdb_word(out, "node_count");
    pn_mmdb_number32(out, (uint32_t)tree->count);
    pn_mmdb_word(out, "record_size");
    pn_mmdb_number16(out, bits);
    pn_mmdb_word(out, "ip_version");
    pn_mmdb_number16(out, 6);
    pn_mmdb_word(out, "database_type");
    pn_mmdb_word(out, "postern-policy");
    pn_mmdb_word(out, "languages");
    pn_mmdb_array(out, 1);
    pn_mmdb_word(out, "en");
    pn_mmdb_word(out, "binary_format_major_version");
    pn_mmdb_number16(out, 2);
    pn_mmdb_word(out, "binary_format_minor_version");
    pn_mmdb_number16(out, 0);
    pn_mmdb_word(out, "build_epoch");
    pn_mmdb_number64(out, tree->db->made);
    pn_mmdb_word(out, "description");
    pn_mmdb_map(out, 1);
    pn_mmdb_word(out, "en");
    pn_mmdb_word(out, tree->db->description);
}

static enum pn_mmdb_result
all_write(struct pn_output *out, const struct tree *tree)
{
    static const char separator[SEPARATOR] = { 0 };
    unsigned bits = record_bits(tree);
    struct pn_buffer metadata = { 0 };
    enum pn_mmdb_result result = bits ? PN_MMDB_OK : PN_MMDB_TOO_LARGE;

    metadata_add(&metadata, tree, bits);
    if (metadata.failed)
        result = PN_MMDB_MEMORY;
    if (result == PN_MMDB_OK) {
        tree_write(out, tree, bits);
        pn_output_add(out, separator, sizeof(separator));
        pn_output_add(out, tree->db->data.ptr, tree->db->data.len);
        pn_output_add(out, metadata.bytes, metadata.size);
    }
    pn_buffer_free(&metadata);
    return result;
}

enum pn_mmdb_result
pn_mmdb_write(struct pn_output *out, const struct pn_mmdb *db)
{
    struct tree *tree = pn_calloc(1, sizeof(*tree));
    enum pn_mmdb_result result = PN_MMDB_MEMORY;
    uint32_t root;

    if (!tree)
        return result;
    tree->db = db;
    tree->spans = db->spans->items;
    while (tree->spans[tree->six].family == 4)
        tree->six++;
    tree->at[PN_V6] = tree->six;
    if (db->data.len >= IS_DATA)
        result = PN_MMDB_TOO_LARGE;
    else {
        root = six_make(tree, 0, 0);
        root_set(tree, root);
        if (!tree->failed && tree->count)
            result = all_write(out, tree);
    }
    pn_free(tree->nodes);
    pn_free(tree);
    return result;
}
