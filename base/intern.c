/* An open hash table over strings that lie in one buffer. */
#include "base/intern.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"

enum { FIRST_SLOTS = 64 };

size_t
pn_intern_offset(const struct pn_intern *intern, uint32_t number)
{
    return number ? intern->ends[number - 1] : 0;
}

size_t
pn_intern_size(const struct pn_intern *intern, uint32_t number)
{
    return intern->ends[number] - pn_intern_offset(intern, number);
}

static bool
is_string(const struct pn_intern *intern, uint32_t number, const void *bytes,
          size_t size)
{
    const char *have = intern->bytes.bytes + pn_intern_offset(intern, number);

    return pn_intern_size(intern, number) == size &&
           (!size || memcmp(have, bytes, size) == 0);
}

/* The slot of this string, or the empty one where it belongs. */
static struct pn_intern_slot *
slot_find(const struct pn_intern *intern, uint32_t hash, const void *bytes, size_t size)
{
    struct pn_intern_slot *slot;

    for (size_t at = hash & (intern->slot_count - 1);;
         at = (at + 1) & (intern->slot_count - 1)) {
        slot = &intern->slots[at];
        if (!slot->number ||
            (slot->hash == hash && is_string(intern, slot->number - 1, bytes, size)))
            return slot;
    }
}

/* Slots are taken in their order, so that both tables are walked from end to end. */
static bool
slots_resize(struct pn_intern *intern, size_t count)
{
    struct pn_intern_slot *fresh = pn_calloc(count, sizeof(*fresh));

    if (!fresh)
        return false;
    for (size_t i = 0; i < intern->slot_count; i++) {
        size_t at = intern->slots[i].hash & (count - 1);

        if (!intern->slots[i].number)
            continue;
        while (fresh[at].number)
            at = (at + 1) & (count - 1);
        fresh[at] = intern->slots[i];
    }
    pn_free(intern->slots);
    intern->slots = fresh;
    intern->slot_count = count;
    return true;
}

static uint32_t
hash_of(const void *bytes, size_t size)
{
    return (uint32_t)pn_hash_bytes(PN_HASH_START, bytes, size);
}

static bool
grow(struct pn_intern *intern)
{
    return slots_resize(intern,
                        intern->slot_count ? intern->slot_count * 2 : FIRST_SLOTS);
}

bool
pn_intern_reserve(struct pn_intern *intern, size_t more, size_t size)
{
    size_t slots = intern->slot_count ? intern->slot_count : FIRST_SLOTS, bytes;

    if (!pn_size_mul(more, size, &bytes) || more > SIZE_MAX / 4 - intern->count)
        return false;
    while ((intern->count + more) * 2 > slots)
        slots *= 2;
    return pn_buffer_reserve(&intern->bytes, bytes) &&
           pn_vector_reserve(&intern->ends, &intern->capacity, intern->count + more,
                             sizeof(*intern->ends)) &&
           (slots == intern->slot_count || slots_resize(intern, slots));
}

/* With its hash, which is known. */
static bool
add(struct pn_intern *intern, const void *bytes, size_t size, uint32_t hash,
    uint32_t *out)
{
    struct pn_intern_slot *slot;

    if (intern->count * 2 >= intern->slot_count && !grow(intern))
        return false;
    slot = slot_find(intern, hash, bytes, size);
    if (!slot->number) {
        if (intern->count >= UINT32_MAX - 1 ||
            !pn_vector_reserve(&intern->ends, &intern->capacity, intern->count + 1,
                               sizeof(*intern->ends)) ||
            !pn_buffer_reserve(&intern->bytes, size + 1))
            return false;
        pn_buffer_add(&intern->bytes, bytes, size);
        intern->ends[intern->count++] = intern->bytes.size;
        *slot = (struct pn_intern_slot){ (uint32_t)intern->count, hash };
    }
    *out = slot->number - 1;
    return true;
}

bool
pn_intern_add(struct pn_intern *intern, const void *bytes, size_t size, uint32_t *out)
{
    return add(intern, bytes, size, hash_of(bytes, size), out);
}

bool
pn_intern_add_rows(struct pn_intern *intern, const void *rows, size_t size,
                   size_t count, uint32_t *out)
{
    const char *row = rows;
    uint32_t hashes[PN_INTERN_ROWS];

    for (size_t i = 0; i < count; i++) {
        hashes[i] = hash_of(row + i * size, size);
        if (intern->slots)
            __builtin_prefetch(&intern->slots[hashes[i] & (intern->slot_count - 1)], 1);
    }
    for (size_t i = 0; i < count; i++)
        if (!add(intern, row + i * size, size, hashes[i], &out[i]))
            return false;
    return true;
}

bool
pn_intern_find(const struct pn_intern *intern, const void *bytes, size_t size,
               uint32_t *out)
{
    const struct pn_intern_slot *slot =
        intern->slot_count ? slot_find(intern, hash_of(bytes, size), bytes, size)
                           : NULL;

    if (slot && slot->number)
        *out = slot->number - 1;
    return slot && slot->number;
}

void
pn_intern_clear(struct pn_intern *intern)
{
    pn_buffer_free(&intern->bytes);
    pn_free(intern->ends);
    pn_free(intern->slots);
    *intern = (struct pn_intern){ 0 };
}
