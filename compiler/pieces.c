/* Addresses of a family as a list of pieces, each with the rules that hold in it. */
#include "compiler/pieces.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

static bool
is_entry(const struct pn_pieces *pieces, size_t number,
         const struct pn_native_entry *entry)
{
    return number < pieces->entry_count &&
           memcmp(&pieces->entries[number], entry, sizeof(*entry)) == 0;
}

/* Fast path: after a nested prefix ends, the entry usually equals the one two pieces
 * back. */
static bool
entry_number(struct pn_pieces *pieces, const struct pn_native_entry *entry,
             uint32_t *out)
{
    uint32_t sum = entry->block + entry->exact * 3 + entry->prefix * 5;
    uint32_t *recent = &pieces->recent[sum % PN_PIECES_RECENT];

    if (pieces->count > 1)
        *out = pieces->items[pieces->count - 2].entry;
    if (pieces->count > 1 && is_entry(pieces, *out, entry))
        return true;
    if (!is_entry(pieces, *recent, entry)) {
        if (!pn_vector_reserve(&pieces->entries, &pieces->entry_capacity,
                               pieces->entry_count + 1, sizeof(*pieces->entries)))
            return false;
        *recent = (uint32_t)pieces->entry_count;
        pieces->entries[pieces->entry_count++] = *entry;
    }
    *out = *recent;
    return true;
}

bool
pn_pieces_add(struct pn_pieces *pieces, pn_number start,
              const struct pn_native_entry *entry)
{
    uint32_t number;

    if (pieces->count &&
        is_entry(pieces, pieces->items[pieces->count - 1].entry, entry))
        return true;
    if (!entry_number(pieces, entry, &number) ||
        !pn_vector_reserve(&pieces->items, &pieces->capacity, pieces->count + 1,
                           sizeof(*pieces->items)))
        return false;
    pieces->items[pieces->count++] = (struct pn_piece){ start, number };
    return true;
}

void
pn_pieces_clear(struct pn_pieces *pieces)
{
    pn_free(pieces->items);
    pn_free(pieces->entries);
    *pieces = (struct pn_pieces){ 0 };
}
