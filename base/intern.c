/* An open hash table over strings that lie in one buffer. */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
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

/* The slot that holds this string, or the empty one where it belongs. */
static uint32_t *
slot_find(const struct pn_intern *intern, const void *bytes, size_t size)
{
    size_t at = pn_hash_bytes(PN_HASH_START, bytes, size) & (intern->slot_count - 1);

    while (intern->slots[at] && !is_string(intern, intern->slots[at] - 1, bytes, size))
        at = (at + 1) & (intern->slot_count - 1);
    return &intern->slots[at];
}

static bool
grow(struct pn_intern *intern)
{
    size_t old_count = intern->slot_count;
    uint32_t *old = intern->slots;
    size_t count = old_count ? old_count * 2 : FIRST_SLOTS;
    uint32_t *fresh = calloc(count, sizeof(*fresh));

    if (!fresh)
        return false;
    intern->slots = fresh;
    intern->slot_count = count;
    for (uint32_t i = 0; i < intern->count; i++)
        *slot_find(intern, intern->bytes.bytes + pn_intern_offset(intern, i),
                   pn_intern_size(intern, i)) = i + 1;
    free(old);
    return true;
}

bool
pn_intern_add(struct pn_intern *intern, const void *bytes, size_t size, uint32_t *out)
{
    uint32_t *slot;

    if (intern->count * 2 >= intern->slot_count && !grow(intern))
        return false;
    slot = slot_find(intern, bytes, size);
    if (!*slot) {
        if (intern->count >= UINT32_MAX - 1 ||
            !pn_vector_reserve(&intern->ends, &intern->capacity, intern->count + 1,
                               sizeof(*intern->ends)) ||
            !pn_buffer_reserve(&intern->bytes, size + 1))
            return false;
        pn_buffer_add(&intern->bytes, bytes, size);
        intern->ends[intern->count++] = intern->bytes.size;
        *slot = (uint32_t)intern->count;
    }
    *out = *slot - 1;
    return true;
}

bool
pn_intern_find(const struct pn_intern *intern, const void *bytes, size_t size,
               uint32_t *out)
{
    uint32_t slot = intern->slot_count ? *slot_find(intern, bytes, size) : 0;

    if (slot)
        *out = slot - 1;
    return slot != 0;
}

void
pn_intern_clear(struct pn_intern *intern)
{
    pn_buffer_free(&intern->bytes);
    free(intern->ends);
    free(intern->slots);
    *intern = (struct pn_intern){ 0 };
}
