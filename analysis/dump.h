/* Rules that compile to what an image decides. */
#ifndef PN_ANALYSIS_DUMP_H
#define PN_ANALYSIS_DUMP_H

#include "base/buffer.h"
#include "compiler/dump_classic.h"
#include "compiler/image_decode.h"
#include "postern/rules.h"

/*
 * Appends extended rules for a native image: one for each of its rules that decides
 * anything, with the targets that are left of it. Limits stay with their rules. Rules
 * that match addresses by spelling cannot be written: `what` gets the key of one.
 */
enum pn_dump_result
pn_dump_native(const struct postern_rules *rules, const struct pn_decoded *decoded,
               struct pn_buffer *out, struct pn_buffer *what);

#endif
