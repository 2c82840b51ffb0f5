/* Files that a run passed over, and why: reported beside its answer. */
#ifndef PN_TOOLS_RENDER_NOTICES_H
#define PN_TOOLS_RENDER_NOTICES_H

#include "base/output.h"

struct pn_notice {
    char *file;      /* ours */
    const char *why; /* static */
};

/* All zero is none. Each file is in it once. */
struct pn_notices {
    struct pn_notice *items;
    size_t count, capacity;
    size_t printed; /* of them, so far */
};

/* Without memory the notice is lost: it changes nothing that is answered. */
void
pn_notices_add(struct pn_notices *notices, const char *file, const char *why);

/* Prints those that were not printed yet: "postern VERB: FILE: WHY", a line each. */
void
pn_notices_print(struct pn_notices *notices, const char *verb, struct pn_output *out);

void
pn_notices_clear(struct pn_notices *notices);

#endif
