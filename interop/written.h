/* Addresses and prefixes as other programs read them: for the files of targets alone.
 */
#ifndef PN_INTEROP_WRITTEN_H
#define PN_INTEROP_WRITTEN_H

#include "base/output.h"
#include "interop/spans.h"

void
pn_written_address(struct pn_output *out, pn_number address, uint8_t family);

/* Takes a prefix of a span. */
typedef void (*pn_prefix_fn)(void *payload, const struct pn_span_answer *span,
                             pn_number first, unsigned length);

/*
 * Hands over the prefixes of the spans of a family (0: of both) with a verdict, in
 * their order: as few as they come to.
 */
void
pn_spans_each_prefix(const struct pn_spans *spans, uint8_t family, bool allows,
                     pn_prefix_fn take, void *payload);

/* The same for programs that have no place for a prefix of length 0: it is two halves.
 */
void
pn_spans_each_halved(const struct pn_spans *spans, uint8_t family, bool allows,
                     pn_prefix_fn take, void *payload);

#endif
