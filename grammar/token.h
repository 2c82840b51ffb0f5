/* Tokens: their kinds (from the grammar file), and their places. */
#ifndef PN_GRAMMAR_TOKEN_H
#define PN_GRAMMAR_TOKEN_H

#include <stdint.h>

#include "base/source.h"

/*
 * White space, comments and line ends that only end comments are the gaps between
 * tokens. A token holds no text: offset and size lead to it.
 */
struct pn_token {
    uint32_t offset, size;
    int32_t kind; /* enum pn_token_kind, in the header bison makes */
};

static inline struct pn_span
pn_token_span(struct pn_token token)
{
    return (struct pn_span){ token.offset, token.size };
}

#endif
