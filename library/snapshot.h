/* The files of a policy as they were first read: they stay so for every question. */
#ifndef PN_LIBRARY_SNAPSHOT_H
#define PN_LIBRARY_SNAPSHOT_H

#include "base/buffer.h"
#include "base/intern.h"
#include "compiler/unit.h"
#include "library/session.h"

/* A text that a reader fills. */
struct postern_sink {
    struct pn_buffer text;
    size_t limit;
    bool is_too_long;
};

/* One that was asked for, by its path. */
struct pn_snapshot_file {
    struct postern_file shown; /* points into these */
    char *path;
    struct pn_buffer text;
};

/* Zeroed but for the compiler when empty; stays where it is. */
struct pn_snapshot {
    struct postern_compiler *compiler;
    struct pn_intern paths;          /* number n is file n */
    struct pn_snapshot_file **files; /* each stays where it is */
    size_t capacity;
};

/* Adds a text that need not be read; false without memory. */
bool
pn_snapshot_add(struct pn_snapshot *snapshot, const char *path, const void *text,
                size_t size);

/* A pn_read_fn whose payload is a struct pn_snapshot. */
bool
pn_snapshot_read(void *payload, const char *path, size_t limit, struct pn_source *out);

/* Reads by the snapshot, which outlives what is read. */
struct pn_reading
pn_snapshot_reading(struct pn_snapshot *snapshot);

void
pn_snapshot_clear(struct pn_snapshot *snapshot);

#endif
