/* What a text says to the parser, as a number: the same tokens, the same number. */
#ifndef PN_ANALYSIS_TOKEN_DIGEST_H
#define PN_ANALYSIS_TOKEN_DIGEST_H

#include <stdbool.h>

#include "base/source.h"
#include "grammar/token.h"

/* All zero before the first token. */
struct pn_token_digest {
    uint64_t hash;
    int last;       /* the kind of the token before */
    bool in_braces; /* where it does not matter what separates, or how often */
    bool separated;
};

void
pn_token_digest_add(struct pn_token_digest *digest, const struct pn_source *source,
                    struct pn_token token);

/* Of all tokens of a text. */
uint64_t
pn_token_digest_of(const struct pn_source *source);

#endif
