/*
 * The meaning of a key of IPv6 text: ranges of addresses with some patterns of zero
 * groups.
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
    struct pn_zeros zeros; /* otherwise those with these patterns */
};

/*
 * The pieces of a key that ends in a colon: addresses whose text, as tcpserver writes
 * it, begins with the key. Fills `out`, and returns how many; 0 when no text does.
 * Mapped addresses, which are written as IPv4, may lie in the blocks.
 */
size_t
pn_six_pieces(struct pn_str key, struct pn_six_piece out[PN_SIX_PIECES]);

/*
 * Finds the longest key that, within a range, exactly the addresses with the given
 * patterns ask for. Addresses outside the range may ask for it too. Fills `out`; false
 * when there is none.
 */
bool
pn_six_text(pn_number first, pn_number last, const struct pn_zeros *within,
            const struct pn_zeros *zeros, struct pn_buffer *out);

#endif
