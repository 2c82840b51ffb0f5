/* Writes the lines that compile to the records of a classic image. */
#ifndef PN_COMPILER_DUMP_CLASSIC_H
#define PN_COMPILER_DUMP_CLASSIC_H

#include "base/buffer.h"

enum pn_dump_result {
    PN_DUMP_OK,
    PN_DUMP_DAMAGED,
    PN_DUMP_MEMORY,
    PN_DUMP_UNWRITABLE, /* no rule compiles to it; `what` describes it */
    PN_DUMP_SPELT /* a classic key in a native image, `what`, has no extended form */
};

/*
 * Appends a classic line for each record of the classic image in `fd`, in order; of
 * equal keys only for the first, which is the one that counts. `what` receives the key
 * of PN_DUMP_UNWRITABLE.
 */
enum pn_dump_result
pn_dump_classic(int fd, struct pn_buffer *out, struct pn_buffer *what);

/* A quote for a value: a byte that it does not contain, if possible no letter. */
char
pn_classic_quote(struct pn_str value);

#endif
