/* Files as they will be: what an edit makes of them, until they are written. */
#ifndef PN_TOOLS_DRAFTS_H
#define PN_TOOLS_DRAFTS_H

#include "base/buffer.h"
#include "compiler/unit.h"
#include "tools/tool.h"

struct pn_draft {
    char *path;
    struct pn_buffer before, text;
};

/* The files that were touched; what is not here is as it is on disk. */
struct pn_drafts {
    struct pn_draft *items;
    size_t count, capacity;
};

/* A pn_read_fn whose payload is a struct pn_drafts. */
bool
pn_drafts_read(void *payload, const char *path, size_t limit, struct pn_source *out);

/* The draft of a source, made from it when there is none yet; NULL without memory. */
struct pn_draft *
pn_drafts_get(struct pn_drafts *drafts, const struct pn_source *source);

/* False without memory; clear it in any case. */
bool
pn_drafts_copy(const struct pn_drafts *from, struct pn_drafts *out);

void
pn_drafts_clear(struct pn_drafts *drafts);

bool
pn_draft_is_changed(const struct pn_draft *draft);

/* Writes the drafts over their files, each whole or not at all; "-" to standard output.
 * Returns an enum pn_exit. */
int
pn_drafts_write(struct pn_tool *tool, const struct pn_drafts *drafts);

/* The drafts beside the files, as patch(1) reads it. */
void
pn_drafts_diff(struct pn_output *out, const struct pn_drafts *drafts);

#endif
