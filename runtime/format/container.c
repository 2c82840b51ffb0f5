/* Bounds of a constant database, each checked before it is used. */
#include "runtime/format/container.h"

#include <string.h>

static bool
table_fits(struct pn_table table, uint64_t size)
{
    return table.position >= PN_CDB_HEADER_SIZE && table.position <= size &&
           (size - table.position) / PN_CDB_SLOT_SIZE >= table.slots;
}

bool
pn_container_tables(const uint8_t *header, uint64_t size, uint64_t *records_end,
                    uint64_t *slots)
{
    uint64_t end = size, sum = 0;

    for (unsigned i = 0; i < PN_CDB_TABLES; i++) {
        struct pn_table table = pn_container_table(header, i);

        if (!table.slots) /* an empty table has no place */
            continue;
        if (!table_fits(table, size))
            return false;
        if (table.position < end)
            end = table.position;
        sum += table.slots;
    }
    *records_end = end;
    *slots = sum;
    return true;
}

bool
pn_container_open(struct pn_container *out, const void *bytes, size_t size)
{
    uint64_t records_end, slots;

    if (size < PN_CDB_HEADER_SIZE || size > UINT32_MAX ||
        !pn_container_tables(bytes, size, &records_end, &slots))
        return false;
    *out = (struct pn_container){ .bytes = bytes,
                                  .size = (uint32_t)size,
                                  .records_end = (uint32_t)records_end,
                                  .slots = slots };
    return true;
}

bool
pn_container_record(const struct pn_container *container, uint32_t position,
                    struct pn_record *out)
{
    uint32_t left, key_size, value_size;

    if (position < PN_CDB_HEADER_SIZE || position > container->records_end)
        return false;
    left = container->records_end - position;
    if (left < PN_CDB_RECORD_HEAD)
        return false;
    left -= PN_CDB_RECORD_HEAD;
    key_size = pn_container_number(container->bytes + position);
    value_size = pn_container_number(container->bytes + position + 4);
    if (key_size > left || value_size > left - key_size)
        return false;
    *out = (struct pn_record){
        .key = container->bytes + position + PN_CDB_RECORD_HEAD,
        .key_size = key_size,
        .value = container->bytes + position + PN_CDB_RECORD_HEAD + key_size,
        .value_size = value_size,
        .position = position,
    };
    return true;
}

int
pn_container_find(const struct pn_container *container, const char *key, size_t size,
                  uint32_t hash, struct pn_record *out)
{
    struct pn_table table = pn_container_table(container->bytes, hash % PN_CDB_TABLES);
    const uint8_t *slots = container->bytes + table.position;
    uint32_t number;

    if (!table.slots)
        return 0;
    if (!table_fits(table, container->size)) /* it was, when the file was opened */
        return -1;
    number = hash / PN_CDB_TABLES % table.slots;
    for (uint32_t tries = 0; tries < table.slots; tries++) {
        const uint8_t *slot = slots + (size_t)number * PN_CDB_SLOT_SIZE;
        uint32_t position = pn_container_number(slot + 4);

        if (!position)
            return 0;
        if (pn_container_number(slot) == hash) {
            if (!pn_container_record(container, position, out))
                return -1;
            if (out->key_size == size && memcmp(out->key, key, size) == 0)
                return 1;
        }
        number = number + 1 == table.slots ? 0 : number + 1;
    }
    return 0;
}

bool
pn_container_next(const struct pn_container *container, uint32_t *position,
                  struct pn_record *out)
{
    if (!pn_container_record(container, *position, out))
        return false;
    *position += PN_CDB_RECORD_HEAD + out->key_size + out->value_size;
    return true;
}

/* A slot in use names a record whose key has the slot's hash, in its own table. */
static bool
slot_check(const struct pn_container *container, unsigned number, const uint8_t *slot)
{
    uint32_t hash = pn_container_number(slot);
    struct pn_record record;

    return hash % PN_CDB_TABLES == number &&
           pn_container_record(container, pn_container_number(slot + 4), &record) &&
           pn_container_hash((const char *)record.key, record.key_size) == hash;
}

static bool
is_used(const uint8_t *slots, uint32_t number)
{
    return pn_container_number(slots + (size_t)number * PN_CDB_SLOT_SIZE + 4) != 0;
}

/*
 * Checks that every used slot is valid and reachable: no slot between the one that its
 * hash points to and itself is empty. Walks around the table once, starting behind an
 * empty slot.
 */
static bool
table_check(const struct pn_container *container, unsigned number, uint64_t *used)
{
    struct pn_table table = pn_container_table(container->bytes, number);
    const uint8_t *slots = container->bytes + table.position;
    uint32_t first = 0, run = 0, i;

    while (first < table.slots && is_used(slots, first))
        first++;
    if (first == table.slots) { /* no slot is empty: every slot is reachable */
        first = 0;
        run = table.slots;
    }
    for (uint32_t k = 0; k < table.slots; k++) {
        const uint8_t *slot;
        uint32_t begin;

        i = first + k < table.slots ? first + k : first + k - table.slots;
        slot = slots + (size_t)i * PN_CDB_SLOT_SIZE;
        if (!is_used(slots, i)) {
            run = 0;
            continue;
        }
        run += run < table.slots;
        begin = pn_container_number(slot) / PN_CDB_TABLES % table.slots;
        if (!slot_check(container, number, slot) ||
            (i >= begin ? i - begin : i + (table.slots - begin)) >= run)
            return false;
        ++*used;
    }
    return true;
}

bool
pn_container_check(const struct pn_container *container)
{
    uint32_t position = PN_CDB_HEADER_SIZE;
    uint64_t records = 0, used = 0;
    struct pn_record record;

    while (pn_container_next(container, &position, &record))
        records++;
    if (position != container->records_end)
        return false;
    for (unsigned i = 0; i < PN_CDB_TABLES; i++)
        if (pn_container_table(container->bytes, i).slots &&
            !table_check(container, i, &used))
            return false;
    return used == records;
}

uint64_t
pn_container_cost(uint64_t key_size, uint64_t value_size)
{
    return PN_CDB_RECORD_HEAD + key_size + value_size + UINT64_C(2) * PN_CDB_SLOT_SIZE;
}
