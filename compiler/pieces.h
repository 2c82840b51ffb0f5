/* Pieces: what a finished space says of the addresses of a family, in their order. */
#ifndef PN_COMPILER_PIECES_H
#define PN_COMPILER_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/number.h"
#include "runtime/format/native.h"

/*
 * From `start` to the start of the next piece the same rules hold. Packed, for there
 * are more than a million of them in large policies.
 */
struct pn_piece {
    pn_number start;
    uint32_t entry; /* in pn_pieces.entries */
} __attribute__((packed, aligned(4)));

/* Entries that were seen lately are found again, so that few are there twice. */
enum { PN_PIECES_RECENT = 16 };

struct pn_pieces {
    struct pn_piece *items;
    size_t count, capacity;
    struct pn_native_entry *entries;
    size_t entry_count, entry_capacity;
    uint32_t recent[PN_PIECES_RECENT]; /* numbers of entries, by what they hold */
};

static inline struct pn_native_entry
pn_pieces_entry(const struct pn_pieces *pieces, size_t piece)
{
    return pieces->entries[pieces->items[piece].entry];
}

/* Adds a piece behind the others, or lets the last one go on. False without memory. */
bool
pn_pieces_add(struct pn_pieces *pieces, pn_number start,
              const struct pn_native_entry *entry);

void
pn_pieces_clear(struct pn_pieces *pieces);

#endif
