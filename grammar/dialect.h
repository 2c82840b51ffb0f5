/* Which of the two languages a text is written in. */
#ifndef PN_GRAMMAR_DIALECT_H
#define PN_GRAMMAR_DIALECT_H

#include <stdbool.h>

#include "base/source.h"

enum pn_dialect { PN_CLASSIC, PN_EXTENDED };

/* The header of an extended text, and the version it asks for. */
struct pn_header {
    struct pn_span span;
    struct pn_str version; /* its digits */
};

/*
 * A text is extended when its first line that is neither blank nor a comment is
 * "postern: 1", or "postern:deny 1", which readers of the classic language refuse at
 * once; with any number of blanks, and perhaps a comment behind it. *header is filled
 * for an extended text only, and may be NULL.
 */
enum pn_dialect
pn_dialect_of(const struct pn_source *source, struct pn_header *header);

#endif
