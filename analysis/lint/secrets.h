/* Variables that look like secrets: their values are never shown. */
#ifndef PN_ANALYSIS_LINT_SECRETS_H
#define PN_ANALYSIS_LINT_SECRETS_H

#include "base/buffer.h"
#include "base/source.h"

/* Does the name of a variable look like that of a secret? */
bool
pn_name_is_secret(struct pn_str name);

/*
 * Appends a line with the values of such variables replaced by "...". *mark is an
 * offset in the line, and becomes the offset of that byte in what is appended.
 */
void
pn_line_mask(struct pn_str line, struct pn_buffer *out, size_t *mark);

#endif
