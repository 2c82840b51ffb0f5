/* A binary tree, a data section of one record, and metadata. */
#include "bench/mmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEPARATOR = 16, RECORD_BITS = 32 };

#define EMPTY UINT32_MAX
#define LISTED (UINT32_MAX - 1)

struct tree {
    uint32_t (*nodes)[2];
    size_t count, capacity;
};

static bool
node_add(struct tree *tree)
{
    if (tree->count == tree->capacity) {
        size_t capacity = tree->capacity ? tree->capacity * 2 : 1024;
        void *nodes = realloc(tree->nodes, capacity * sizeof(*tree->nodes));

        if (!nodes)
            return false;
        tree->nodes = nodes;
        tree->capacity = capacity;
    }
    tree->nodes[tree->count][0] = tree->nodes[tree->count][1] = EMPTY;
    tree->count++;
    return true;
}

/* A prefix within a listed one is skipped; one around others replaces them. */
static bool
prefix_add(struct tree *tree, const struct pn_bench_prefix *p)
{
    uint32_t node = 0;

    for (unsigned i = 0; i < p->length; i++) {
        unsigned bit = p->bytes[i / 8] >> (7 - i % 8) & 1;
        uint32_t next = tree->nodes[node][bit];

        if (next == LISTED)
            return true;
        if (i + 1 == p->length) {
            tree->nodes[node][bit] = LISTED;
            return true;
        }
        if (next == EMPTY) {
            next = (uint32_t)tree->count;
            if (!node_add(tree))
                return false;
            tree->nodes[node][bit] = next;
        }
        node = next;
    }
    return true;
}

static void
put_number(FILE *out, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        putc((int)(number >> shift & 255), out);
}

static void
put_string(FILE *out, const char *text)
{
    putc(2 << 5 | (int)strlen(text), out);
    fputs(text, out);
}

static void
put_uint(FILE *out, const char *name, int type, unsigned size, uint32_t value)
{
    put_string(out, name);
    if (type > 7) {
        putc((int)size, out);
        putc(type - 7, out);
    } else {
        putc(type << 5 | (int)size, out);
    }
    for (unsigned i = size; i-- > 0;)
        putc(i < 4 ? (int)(value >> 8 * i & 255) : 0, out);
}

static void
put_metadata(FILE *out, unsigned family, size_t nodes)
{
    enum { UINT16 = 5, UINT32 = 6, UINT64 = 9 };

    fputs("\xab\xcd\xefMaxMind.com", out);
    putc(7 << 5 | 9, out); /* a map of nine */
    put_uint(out, "binary_format_major_version", UINT16, 2, 2);
    put_uint(out, "binary_format_minor_version", UINT16, 2, 0);
    put_uint(out, "build_epoch", UINT64, 8, 1);
    put_string(out, "database_type");
    put_string(out, "list");
    put_string(out, "description");
    putc(7 << 5, out);
    put_uint(out, "ip_version", UINT16, 2, family);
    put_string(out, "languages");
    putc(0, out); /* an array of none */
    putc(4, out);
    put_uint(out, "node_count", UINT32, 4, (uint32_t)nodes);
    put_uint(out, "record_size", UINT16, 2, RECORD_BITS);
}

bool
pn_bench_mmdb_write(const char *path, unsigned family,
                    const struct pn_bench_prefix *prefixes, size_t count)
{
    struct tree tree = { NULL, 0, 0 };
    bool good = node_add(&tree);
    FILE *out = fopen(path, "wb");

    for (size_t i = 0; i < count && good; i++)
        good = prefix_add(&tree, &prefixes[i]);
    for (size_t i = 0; i < tree.count && good && out; i++)
        for (int side = 0; side < 2; side++) {
            uint32_t next = tree.nodes[i][side];

            if (next == EMPTY)
                next = (uint32_t)tree.count;
            else if (next == LISTED)
                next = (uint32_t)tree.count + SEPARATOR;
            put_number(out, next);
        }
    if (good && out) {
        for (int i = 0; i < SEPARATOR; i++)
            putc(0, out);
        putc(5 << 5 | 1, out); /* the record: the number 1 */
        putc(1, out);
        put_metadata(out, family, tree.count);
    }
    free(tree.nodes);
    return out && fclose(out) == 0 && good;
}
