/* Files as they will be: what an edit makes of them, until they are written. */
#ifndef PN_TOOLS_INPUT_DRAFTS_H
#define PN_TOOLS_INPUT_DRAFTS_H

#include "base/buffer.h"
#include "compiler/unit.h"
#include "tools/tool.h"

/* A file that changes under one name has changed under all: it is one draft. */
struct pn_draft {
    char *path;             /* as it was named first, */
    struct pn_buffer names; /* and since, with NULs between: hard links among them */
    struct pn_buffer key;   /* what it is known by: pn_reading_identify() */
    struct pn_buffer before, text;
};

/*
 * The files that were touched; what is not here is as it is on disk. Owns all of it.
 * Once they are written, their files are others: it is of no use to read by then.
 */
struct pn_drafts {
    struct pn_draft *items;
    size_t count, capacity;
    /* called with each path before it is read, whether it is there or not; may be NULL
     */
    void (*seen)(void *payload, const char *path);
    void *payload; /* of it: the caller's, and outlives the drafts */
};

/* What a path is known by among drafts; appends to `out`. False without memory. */
bool
pn_drafts_key(const char *path, struct pn_buffer *out);

/*
 * The place of a name in the file system, links followed, or the name itself when there
 * is nothing: equal for names that are replaced together. To be freed; NULL without
 * memory.
 */
char *
pn_drafts_place(const char *name);

/* Has this file another text than in the drafts of before? */
bool
pn_draft_is_touched(const struct pn_draft *draft, const struct pn_drafts *before);

/* A pn_read_fn whose payload is a struct pn_drafts. */
bool
pn_drafts_read(void *payload, const char *path, size_t limit, struct pn_source *out);

/* Reads drafts, and files where there is none; the drafts outlive what is read. */
struct pn_reading
pn_drafts_reading(struct pn_drafts *drafts);

/*
 * The draft of a source, made from it when there is none yet; good until the next one
 * is made. NULL without memory.
 */
struct pn_draft *
pn_drafts_get(struct pn_drafts *drafts, const struct pn_source *source);

/* False without memory; clear it in any case. */
bool
pn_drafts_copy(const struct pn_drafts *from, struct pn_drafts *out);

void
pn_drafts_clear(struct pn_drafts *drafts);

bool
pn_draft_is_changed(const struct pn_draft *draft);

/*
 * Writes the drafts over their files: all of them, or none that can be helped, each
 * whole; and none when a file is not what its draft was made from. Returns an enum
 * pn_exit, and reports what is wrong.
 */
int
pn_drafts_write(struct pn_tool *tool, const struct pn_drafts *drafts);

/* The drafts beside the files, as patch(1) reads it; with colour, in those of git. */
void
pn_drafts_diff(struct pn_output *out, const struct pn_style *style,
               const struct pn_drafts *drafts);

#endif
