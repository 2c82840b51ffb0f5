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

/* The two halves of it, for who can do both at once. Can the text be parsed? A digest
 * of its tokens goes to *tokens. */
enum pn_format_result
pn_format_parse(const struct pn_source *source, struct pn_diags *diags,
                uint64_t *tokens);

/* Appends the layout of a text, which is one if it can be parsed and the digest in
 * *tokens, of what was appended, is the same as the other. */
enum pn_format_result
pn_format_layout(const struct pn_source *source, struct pn_buffer *out,
                 uint64_t *tokens);

#endif
