/* Rules that compile to what an image decides. */
#ifndef PN_ANALYSIS_DUMP_H
#define PN_ANALYSIS_DUMP_H

#include "base/buffer.h"
#include "compiler/dump_classic.h"
#include "compiler/image_decode.h"
#include "postern/rules.h"

/*
 * Appends extended rules for a native image, one for each of its rules that decides
 * anything: its targets are what is left of them. Limits stay with their rules. What
 * tells addresses apart by how they are written cannot be said: `what` gets its key.
 */
enum pn_dump_result
pn_dump_native(const struct postern_rules *rules, const struct pn_decoded *decoded,
               struct pn_buffer *out, struct pn_buffer *what);

#endif
