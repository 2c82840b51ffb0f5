/* A policy's files: the root, and all that it includes, read and parsed. */
#ifndef PN_COMPILER_UNIT_H
#define PN_COMPILER_UNIT_H

#include <errno.h>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/intern.h"
#include "grammar/dialect.h"
#include "grammar/tree.h"

struct pn_kept_files;

enum { PN_UNIT_DEPTH_MAX = 32, PN_UNIT_FILES_MAX = 4096 };

#define PN_UNIT_SIZE_MAX ((size_t)1 << 30) /* of all files together */

/*
 * Reads a file of the policy. The library opens nothing itself, so that an editor can
 * put open buffers in the place of files. False with errno set; *out has `path` for its
 * name.
 */
typedef bool (*pn_read_fn)(void *payload, const char *path, size_t limit,
                           struct pn_source *out);

/*
 * Tells which file a path leads to: adds bytes to `out` that are the same for each of
 * its names, and other ones for every other file. False when there is no such file, and
 * then the path is all that it is known by.
 */
typedef bool (*pn_identify_fn)(void *payload, const char *path, struct pn_buffer *out);

/* Who reads, and with what; the payload outlives whatever is read with it. */
struct pn_reading {
    pn_read_fn read;
    void *payload;
    pn_identify_fn identify; /* NULL: a file is its path */
    size_t front; /* of the root's name: bytes that are no path, "REV:" of git */
};

/* errno of a file that the kernel makes up: one of /proc or /sys, by whatever name. */
#define PN_EKERNEL ENOTSUP

/* The one that opens files: regular ones only, and none of the kernel's. */
bool
pn_read_file(void *payload, const char *path, size_t limit, struct pn_source *out);

/* And knows them by device and inode: links and "./" make no other file. */
bool
pn_identify_file(void *payload, const char *path, struct pn_buffer *out);

/* Both of them. */
#define PN_READING_FILES                        \
    (struct pn_reading)                         \
    {                                           \
        pn_read_file, NULL, pn_identify_file, 0 \
    }

/*
 * The identity of a path: what `reading` says, else the path itself. Appends to `out`.
 */
void
pn_reading_identify(const struct pn_reading *reading, const char *path,
                    struct pn_buffer *out);

/*
 * What trees are made of. All zero: each of its text, and every node is there. Trees
 * that are kept have every node.
 */
struct pn_parsing {
    struct pn_kept_files *kept; /* of units that are gone, and of this one; or NULL */
    enum pn_detail detail;      /* of extended files without claims */
};

/* An include of a file: the file in its place. */
struct pn_included {
    const struct pn_node *node; /* in the tree of the file that includes */
    uint32_t file;
};

/* A file at the place where the policy has it: one that is included twice is two. */
struct pn_file {
    char *path;        /* ours, and the name of the source; NULL for root and tests */
    uint32_t identity; /* equal for all names of one file */
    /* The text is ours; the root's, and the names of root and tests, the caller's. */
    struct pn_source source;
    enum pn_dialect dialect;
    struct pn_tree tree;
    struct pn_arena *arena; /* of its nodes, if it may be kept; NULL: the unit's */
    struct pn_included *includes; /* in the order of the file */
    size_t include_count, include_capacity;
    uint32_t parent; /* the file that includes it; its own number for the root */
    unsigned depth;
    bool indexed;    /* the lines of the source, by us */
    bool is_foreign; /* no rule file: PN_DIAG_LIST_UTF16 or the like says what it is */
    bool is_faultless; /* as the grammar has it */
    bool is_test;      /* beside the policy: definitions and claims, no rules */
};

/*
 * Owns its files, their texts but the root's, and all trees; what points to a node or a
 * tree is good until pn_unit_clear(). What `reading` names outlives the unit.
 */
struct pn_unit {
    struct pn_file *
        *files; /* the root first; in the arena, for trees point into them */
    size_t count, capacity;
    size_t size; /* of all texts that were read, each list once */
    struct pn_arena *arena;
    /*
     * Receives diagnostics while the policy is made, else NULL:
     * pn_loaded_policy_load_by() resets it at its end, because the caller's diagnostics
     * may be freed before the unit.
     */
    struct pn_diags *diags;
    struct pn_reading reading;
    struct pn_parsing parsing;
    struct pn_intern known; /* files, lists among them, by what they are known by */
    bool incomplete;        /* a file could not be read: what it defines is unknown */
    bool failed;            /* out of memory */
};

static inline const struct pn_source *
pn_unit_source(const struct pn_unit *unit, uint32_t file)
{
    return &unit->files[file]->source;
}

static inline const struct pn_tree *
pn_unit_tree(const struct pn_unit *unit, uint32_t file)
{
    return &unit->files[file]->tree;
}

/* The token that a node is known by, in its file, and its text. */
static inline struct pn_span
pn_unit_span(const struct pn_unit *unit, uint32_t file, const struct pn_node *node)
{
    return pn_token_span(unit->files[file]->tree.tokens[node->token]);
}

static inline struct pn_str
pn_unit_text(const struct pn_unit *unit, uint32_t file, const struct pn_node *node)
{
    return pn_source_slice(&unit->files[file]->source, pn_unit_span(unit, file, node));
}

/* Adds a diagnostic about a place in a file of the unit; NULL as pn_diags_add(). */
static inline struct pn_diag *
pn_unit_report(const struct pn_unit *unit, uint32_t file, enum pn_diag_id id,
               struct pn_span span)
{
    return pn_diags_add(unit->diags, id, pn_unit_source(unit, file), span);
}

/*
 * Reports a file that could not be read at the place that names it; `error` is the
 * errno of that, for PN_DIAG_CANNOT_READ.
 */
void
pn_unit_report_unread(const struct pn_unit *unit, uint32_t file, enum pn_diag_id id,
                      struct pn_span span, int error);

/* Reports a word that is no target, or may not stand here, with what was likely meant.
 */
void
pn_target_report(const struct pn_unit *unit, uint32_t file, enum pn_diag_id id,
                 struct pn_span span);

/*
 * Parses the root, an extended text that stays the caller's as long as the unit, and
 * whatever it includes. What is wrong goes to `diags`, and so does what the functions
 * below find; the unit exists all the same. Clear it in any case.
 */
void
pn_unit_load(struct pn_unit *unit, const struct pn_source *root, struct pn_diags *diags,
             struct pn_reading reading);

/*
 * Where there are claims, which are about rules by their nodes, all rules get theirs,
 * and the detail of the unit says so.
 */
void
pn_unit_expand(struct pn_unit *unit);

/* The same, with other trees. */
void
pn_unit_load_by(struct pn_unit *unit, const struct pn_source *root,
                struct pn_diags *diags, struct pn_reading reading,
                struct pn_parsing parsing);

/*
 * Adds a file of tests, and what it includes; `path` outlives the unit. False when it
 * cannot be read: errno.
 */
bool
pn_unit_add_test(struct pn_unit *unit, const char *path);

void
pn_unit_clear(struct pn_unit *unit);

/* A path as written in a file, relative to that file; to be freed, NULL without memory.
 */
char *
pn_unit_path(const struct pn_unit *unit, uint32_t file, struct pn_str written);

/* A number for the file that a path leads to, the same for all of its names. */
uint32_t
pn_unit_identity(struct pn_unit *unit, const char *path);

/*
 * Reads a text, whose name is `path` then, and counts it. PN_DIAG_NONE, or what is
 * wrong with it, and its errno in *error; a failed allocation is remembered in the unit
 * instead.
 */
enum pn_diag_id
pn_unit_read(struct pn_unit *unit, const char *path, struct pn_source *out, int *error);

#endif
