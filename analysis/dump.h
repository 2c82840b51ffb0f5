/* Rules that compile to what an image decides. */
#ifndef PN_ANALYSIS_DUMP_H
#define PN_ANALYSIS_DUMP_H

#include "base/buffer.h"
#include "compiler/lift.h"
#include "postern/rules.h"

enum pn_dump_result {
    PN_DUMP_OK,
    PN_DUMP_DAMAGED,
    PN_DUMP_MEMORY,
    PN_DUMP_UNWRITABLE /* no rule compiles to it; `what` tells of it */
};

/*
 * Appends extended rules for a native image, one for each of its rules that decides
 * anything: its targets are what is left of them. Limits stay with their rules.
 */
enum pn_dump_result
pn_dump_native(const struct postern_rules *rules, const struct pn_lifted *lifted,
               struct pn_buffer *out);

/*
 * Appends a classic line for each record of a classic image, which `fd` holds, in their
 * order; but of equal keys the first one alone, which is the one that counts. `what`
 * gets the key of PN_DUMP_UNWRITABLE.
 */
enum pn_dump_result
pn_dump_classic(int fd, struct pn_buffer *out, struct pn_buffer *what);

#endif
