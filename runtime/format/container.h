/* The constant database as bytes: its header, its records, its tables. Pure functions.
 */
#ifndef PN_RUNTIME_FORMAT_CONTAINER_H
#define PN_RUNTIME_FORMAT_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A cdb is a header of 256 pairs (position and slot count of a table), the records, and
 * the tables; a record is key size, value size, key, value; a slot is hash and
 * position. All numbers are 32 bits, little-endian. (D. J. Bernstein, "cdb", 1996.)
 */
enum {
    PN_CDB_HEADER_SIZE = 2048,
    PN_CDB_TABLES = 256,
    PN_CDB_RECORD_HEAD = 8,
    PN_CDB_SLOT_SIZE = 8
};

struct pn_container {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t records_end; /* where the first table begins */
    uint64_t slots; /* in all tables; twice the records in a cdb as usually made */
};

struct pn_record {
    const uint8_t *key, *value;
    uint32_t key_size, value_size;
    uint32_t position; /* of its head, in the file */
};

struct pn_table {
    uint32_t position, slots;
};

/* A 32-bit number at any alignment. Compiles to one load. */
static inline uint32_t
pn_container_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* One of the 256 tables, as the header has it: unchecked. */
static inline struct pn_table
pn_container_table(const uint8_t *header, unsigned number)
{
    return (struct pn_table){ pn_container_number(header + (size_t)number * 8),
                              pn_container_number(header + (size_t)number * 8 + 4) };
}

/* The hash of a key: for each byte, times 33 and xor. That of no byte is the start. */
#define PN_CDB_HASH_START UINT32_C(5381)

static inline uint32_t
pn_container_hash(const char *key, size_t size)
{
    uint32_t hash = PN_CDB_HASH_START;

    for (size_t i = 0; i < size; i++)
        hash = hash * 33 ^ (unsigned char)key[i];
    return hash;
}

/* The hash without its last byte: 33 has an inverse modulo 2^32. */
static inline uint32_t
pn_container_unhash(uint32_t hash, char last)
{
    return (hash ^ (unsigned char)last) * UINT32_C(0x3e0f83e1);
}

/*
 * Reads the header alone, of a file of `size` bytes: where the records end, and how
 * many slots there are. False, and outputs untouched, when a table lies outside the
 * file.
 */
bool
pn_container_tables(const uint8_t *header, uint64_t size, uint64_t *records_end,
                    uint64_t *slots);

/*
 * Checks the header, in constant time: every table lies behind it and within the file.
 * False, and *out is untouched, when it is no cdb.
 */
bool
pn_container_open(struct pn_container *out, const void *bytes, size_t size);

/* Checks everything: every record in bounds, every slot at a record with its hash. */
bool
pn_container_check(const struct pn_container *container);

/* The record at a position; false when there can be none. */
bool
pn_container_record(const struct pn_container *container, uint32_t position,
                    struct pn_record *out);

/*
 * Looks a key up whose hash is known: 1 found (then *out is the record), 0 absent, -1
 * damaged. Whatever the file holds, it reads within it, and ends.
 */
int
pn_container_find(const struct pn_container *container, const char *key, size_t size,
                  uint32_t hash, struct pn_record *out);

/*
 * Walks the records in file order: *position starts as PN_CDB_HEADER_SIZE. False at the
 * end, where *position is records_end, and at damage, where it is anything else.
 */
bool
pn_container_next(const struct pn_container *container, uint32_t *position,
                  struct pn_record *out);

/* The number of bytes that a record of these sizes takes, its slots included. */
uint64_t
pn_container_cost(uint64_t key_size, uint64_t value_size);

#endif
