/* What a key of IPv6 text means: blocks of addresses, of some patterns of zero groups.
 */
#ifndef PN_COMPILER_CLASSIC_SIX_H
#define PN_COMPILER_CLASSIC_SIX_H

#include "base/buffer.h"
#include "base/source.h"
#include "compiler/zeros.h"

enum { PN_SIX_PIECES = PN_ZERO_GROUPS - 2 };

struct pn_six_piece {
    pn_number start;
    uint8_t length;        /* of the block */
    uint8_t counts;        /* more of two keys that one address asks for: the longer */
    bool is_whole;         /* all addresses of the block match */
    struct pn_zeros zeros; /* else those who have these patterns */
};

/*
 * The pieces of a key that ends in a colon: addresses whose text, as tcpserver writes
 * it, begins with the key. Fills `out`, and returns how many; 0 when no text does.
 * Mapped addresses, which are written as IPv4, may lie in the blocks.
 */
size_t
pn_six_pieces(struct pn_str key, struct pn_six_piece out[PN_SIX_PIECES]);

/*
 * A key, one of whose blocks holds a range, that those addresses of it ask for that
 * have some patterns, of all those within it, and no others of the range: the longest
 * there is. Whoever is outside of it may ask for it too. Fills `out`; false when there
 * is none.
 */
bool
pn_six_text(pn_number first, pn_number last, const struct pn_zeros *within,
            const struct pn_zeros *zeros, struct pn_buffer *out);

#endif
