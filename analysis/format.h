/*
 * The canonical layout of a rule file. Comments and line breaks are the author's;
 * blanks, blank lines and columns are ours. What the compiler reads stays the same: the
 * tokens of both texts are compared.
 */
#ifndef PN_ANALYSIS_FORMAT_H
#define PN_ANALYSIS_FORMAT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/dialect.h"

enum pn_format_result {
    PN_FORMAT_OK,
    PN_FORMAT_REFUSED, /* it does not parse: the diagnostics say why */
    PN_FORMAT_MEMORY,
    PN_FORMAT_MISMATCH, /* the layout would have had other tokens */
};

/*
 * Appends the text in its layout, which docs/formatting.md describes. In a classic text
 * only blanks at the ends of lines and blank lines change.
 */
enum pn_format_result
pn_format_text(const struct pn_source *source, struct pn_diags *diags,
               struct pn_buffer *out);

/* One half of the work, for callers that run both halves at once. */
struct pn_format_half {
    enum pn_format_result result;
    uint64_t tokens; /* a digest of the tokens, when the result is PN_FORMAT_OK */
};

/* Parses the text; the digest is that of its tokens. */
struct pn_format_half
pn_format_parse(const struct pn_source *source, struct pn_diags *diags);

/* Appends the layout of any text; the digest is that of the layout's tokens. */
struct pn_format_half
pn_format_layout(const struct pn_source *source, struct pn_buffer *out);

/* Combines both halves: the digests must be equal. */
enum pn_format_result
pn_format_both(struct pn_format_half parsed, struct pn_format_half laid);

#endif
