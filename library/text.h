/* Bytes that were made for the caller. */
#ifndef PN_LIBRARY_TEXT_H
#define PN_LIBRARY_TEXT_H

#include "base/buffer.h"
#include "library/session.h"

struct postern_text {
    struct postern_compiler *compiler;
    struct pn_buffer bytes; /* and a NUL behind them */
};

/* Takes the bytes, also when it fails: NULL without memory. */
struct postern_text *
pn_public_bytes(struct postern_compiler *compiler, struct pn_buffer *bytes);

#endif
