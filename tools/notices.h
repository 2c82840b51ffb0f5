/* What a run passed over and tells of, beside its answer: a file, and why. */
#ifndef PN_TOOLS_NOTICES_H
#define PN_TOOLS_NOTICES_H

#include <stddef.h>

struct pn_notice {
    char *file;      /* ours */
    const char *why; /* static */
};

/* All zero is none. Each file is told of once. */
struct pn_notices {
    struct pn_notice *items;
    size_t count, capacity;
    size_t told; /* of them, on standard error */
};

struct pn_tool;

/* Without memory the notice is lost: it changes nothing that is answered. */
void
pn_notices_add(struct pn_notices *notices, const char *file, const char *why);

/* Tells those on standard error that were not told yet. */
void
pn_notices_tell(struct pn_notices *notices, struct pn_tool *tool);

void
pn_notices_clear(struct pn_notices *notices);

#endif
