/* Queries and environments as the language writes them. */
#ifndef PN_COMPILER_QUERY_TEXT_H
#define PN_COMPILER_QUERY_TEXT_H

#include "base/buffer.h"
#include "base/source.h"
#include "postern/types.h"

/* "joe@192.0.2.7 =mx.example.com", as expect takes it. */
void
pn_query_write(struct pn_buffer *out, const struct postern_query *query);

/* "joe@", or with quotes where the language wants them. */
void
pn_ident_write(struct pn_buffer *out, struct pn_str ident);

/* A value in double quotes, with escapes. */
void
pn_value_write(struct pn_buffer *out, struct pn_str value);

#endif
