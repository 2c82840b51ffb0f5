/* A policy's files: the root, and all that it includes, read and parsed. */
#ifndef PN_COMPILER_UNIT_H
#define PN_COMPILER_UNIT_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "grammar/dialect.h"
#include "grammar/tree.h"

enum { PN_UNIT_DEPTH_MAX = 32, PN_UNIT_FILES_MAX = 4096 };

#define PN_UNIT_SIZE_MAX ((size_t)1 << 30) /* of all files together */

/*
 * Reads a file of the policy. The library opens nothing itself, so that an editor can
 * put open buffers in the place of files. False with errno set; *out has `path` for its
 * name.
 */
typedef bool (*pn_read_fn)(void *payload, const char *path, size_t limit,
                           struct pn_source *out);

/* Who reads, and with what. */
struct pn_reading {
    pn_read_fn read;
    void *payload;
};

/* The one that opens files: regular ones only. */
bool
pn_read_file(void *payload, const char *path, size_t limit, struct pn_source *out);

/* An include of a file: the file in its place. */
struct pn_included {
    const struct pn_node *node;
    uint32_t file;
};

struct pn_file {
    char *path; /* NULL for the root, whose name is the source's */
    struct pn_source source;
    enum pn_dialect dialect;
    struct pn_tree tree;
    struct pn_included *includes; /* in the order of the file */
    size_t include_count, include_capacity;
    uint32_t parent; /* the file that includes it; its own number for the root */
    unsigned depth;
    bool indexed; /* the lines of the source, by us */
    bool is_test; /* beside the policy: definitions and claims, no rules */
};

struct pn_unit {
    struct pn_file *
        *files; /* the root first; in the arena, for trees point into them */
    size_t count, capacity;
    size_t size; /* of all texts */
    struct pn_arena *arena;
    struct pn_diags *diags;
    pn_read_fn read;
    void *payload;
    bool failed; /* out of memory */
};

/*
 * Parses the root, an extended text that stays the caller's, and whatever it includes.
 * What is wrong goes to `diags`; the unit exists all the same. Clear it in any case.
 */
void
pn_unit_load(struct pn_unit *unit, const struct pn_source *root, struct pn_diags *diags,
             pn_read_fn read, void *payload);

/* Adds a file of tests, and what it includes. False when it cannot be read: errno. */
bool
pn_unit_add_test(struct pn_unit *unit, const char *path);

void
pn_unit_clear(struct pn_unit *unit);

/* A path as written in a file, relative to that file; to be freed, NULL without memory.
 */
char *
pn_unit_path(const struct pn_unit *unit, uint32_t file, struct pn_str written);

/* Reads a text that a file names at `span`; what goes wrong is told there. */
bool
pn_unit_read(struct pn_unit *unit, uint32_t file, struct pn_span span, const char *path,
             struct pn_source *out);

#endif
