/* A digest of the tokens of a text: the same tokens, the same number. */
#ifndef PN_ANALYSIS_TOKEN_DIGEST_H
#define PN_ANALYSIS_TOKEN_DIGEST_H

#include <stdint.h>

#include "base/source.h"

uint64_t
pn_token_digest_of(const struct pn_source *source);

#endif
