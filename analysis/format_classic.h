/* The layout of a classic text. */
#ifndef PN_ANALYSIS_FORMAT_CLASSIC_H
#define PN_ANALYSIS_FORMAT_CLASSIC_H

#include "base/buffer.h"
#include "base/source.h"

/* Removes what means nothing: blanks at the ends of lines, and blank lines. */
void
pn_format_classic(const struct pn_source *source, struct pn_buffer *out);

#endif
