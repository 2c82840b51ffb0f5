/* Variables that look like secrets: their values are shown nowhere. */
#ifndef PN_ANALYSIS_LINT_SECRETS_H
#define PN_ANALYSIS_LINT_SECRETS_H

#include "base/buffer.h"
#include "base/source.h"

/* Does a variable of this name hold a secret, by what people call them? */
bool
pn_name_is_secret(struct pn_str name);

/*
 * Appends a line with the values of such variables replaced by "...". `mark` is an
 * offset in the line, and becomes where that byte is now.
 */
void
pn_line_mask(struct pn_str line, struct pn_buffer *out, size_t *mark);

#endif
