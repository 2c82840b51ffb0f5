/*
 * The one layout of a rule file. Comments and the author's line breaks stay; blanks,
 * blank lines and columns are ours. What the compiler reads does not change: the tokens
 * of both texts are compared.
 */
#ifndef PN_ANALYSIS_FORMAT_H
#define PN_ANALYSIS_FORMAT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/dialect.h"

enum pn_format_result {
    PN_FORMAT_OK,
    PN_FORMAT_REFUSED, /* it cannot be parsed: the diagnostics say why */
    PN_FORMAT_MEMORY,
    PN_FORMAT_MISMATCH, /* the tokens would not have been the same */
};

/*
 * Appends the text in its layout. docs/formatting.md says what that is; a classic text
 * has little that may be moved: blanks at ends of lines, and blank lines.
 */
enum pn_format_result
pn_format_text(const struct pn_source *source, struct pn_diags *diags,
               struct pn_buffer *out);

/* Half of a formatting, for who can do both at once. */
struct pn_format_half {
    enum pn_format_result result;
    uint64_t tokens; /* a digest, when the result is PN_FORMAT_OK */
};

/* Can the text be parsed, and what does it say? */
struct pn_format_half
pn_format_parse(const struct pn_source *source, struct pn_diags *diags);

/* Appends the layout of any text, and tells what that says. */
struct pn_format_half
pn_format_layout(const struct pn_source *source, struct pn_buffer *out);

/* What came of both halves: the layout is one if they say the same. */
enum pn_format_result
pn_format_both(struct pn_format_half parsed, struct pn_format_half laid);

#endif
