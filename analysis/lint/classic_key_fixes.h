/* What the author of a faulty classic key may have meant. */
#ifndef PN_ANALYSIS_LINT_CLASSIC_KEY_FIXES_H
#define PN_ANALYSIS_LINT_CLASSIC_KEY_FIXES_H

#include "analysis/lint/checks.h"
#include "base/buffer.h"

enum { PN_KEY_ALTERNATIVES_MAX = 2 };

/*
 * Appends up to two alternatives for a key with this fault to out[0] and out[1]; how
 * many.
 */
size_t
pn_classic_key_alternatives(enum pn_check check, struct pn_str key,
                            struct pn_buffer *out);

#endif
