/* Queries and environments as the language writes them. */
#ifndef PN_COMPILER_QUERY_TEXT_H
#define PN_COMPILER_QUERY_TEXT_H

#include "base/buffer.h"
#include "base/source.h"
#include "postern/rules.h"

/* "joe@192.0.2.7 =mx.example.com", as expect takes it. */
void
pn_query_write(struct pn_buffer *out, const struct postern_query *query);

/* A query whose texts are in buffers of the caller's, so that it outlives what they are
 * of. A failed allocation is remembered in them. */
struct postern_query
pn_query_keep(const struct postern_query *query, struct pn_buffer *host,
              struct pn_buffer *ident);

/* "joe@", or with quotes where the language wants them. */
void
pn_ident_write(struct pn_buffer *out, struct pn_str ident);

/* A value in double quotes, with escapes. */
void
pn_value_write(struct pn_buffer *out, struct pn_str value);

/* ", NAME="value"" of each; of two of one name the last, which is the one that counts.
 */
void
pn_env_write(struct pn_buffer *out, struct postern_env_iter iter);

/* ", limit 3", ", rate 60/min per /24,/64", ", reject "text"" and ", penalty 1-99 600"
 * or ", no penalty": of what there is. */
void
pn_admission_write(struct pn_buffer *out, const struct postern_decision *decision);

/* "penalty 1-99 600" or "no penalty". */
void
pn_penalty_write(struct pn_buffer *out, const struct postern_penalty *penalty);

#endif
