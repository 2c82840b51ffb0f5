/* Diagnostics as data: what is wrong, where, and how to mend it. Rendering is in
 * tools/. */
#ifndef PN_BASE_DIAGNOSTIC_H
#define PN_BASE_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/source.h"

enum pn_severity { PN_ERROR, PN_WARNING, PN_NOTE };

enum pn_diag_id {
#define X(id, slug, severity, text, help) PN_DIAG_##id,
#include "base/diagnostics.def"
#undef X
    PN_DIAG_NONE
};

struct pn_diag_info {
    const char *slug; /* a promise: retired, never reused */
    enum pn_severity severity;
    const char *text;
    const char *help; /* what to do; "" when the text says it all */
};

extern const char *const pn_severity_name[]; /* by enum pn_severity */

extern const struct pn_diag_info pn_diag_info[PN_DIAG_NONE];

/* A place in a text, and its line: it stands alone, the text may be gone. */
struct pn_excerpt {
    char *name;      /* of the source, a copy */
    char *line_text; /* a copy, without its newline; not NUL-terminated */
    size_t
        *line_users; /* how many excerpts share it: a long line may be full of faults */
    size_t line_len;
    size_t line, column; /* from 1, columns in bytes */
    size_t size;         /* of the span, in bytes; may pass the end of the line */
    struct pn_span span; /* in the text of the source, */
    const char *text;    /* which is this: to be compared only, it may be gone */
    bool hidden;         /* of a source that is: there is no line */
};

/* Another place that has to do with it, and its part in it. */
struct pn_related {
    struct pn_excerpt at;
    char *message;
};

/* A mend: the span that it replaces, in the line that the diagnostic shows. */
struct pn_fix {
    size_t column, size; /* as in an excerpt */
    struct pn_span span; /* in the text of the source */
    char *text;
};

enum { PN_DIAG_FIXES_MAX = 2, PN_DIAG_RELATED_MAX = 2 };

struct pn_diag {
    enum pn_diag_id id;
    struct pn_excerpt at;
    char *note; /* what is so in this very case, lines of text; NULL for nothing */
    struct pn_related related[PN_DIAG_RELATED_MAX];
    size_t related_count;
    struct pn_fix fixes[PN_DIAG_FIXES_MAX]; /* two are two readings of one mistake */
    size_t fix_count;
    size_t file_rank, order; /* of use to pn_diags_sort() alone */
};

/*
 * The first `limit` diagnostics in the order they were found; the rest are counted
 * only, so that a hostile file cannot make the list long. All zero keeps none.
 */
struct pn_diags {
    struct pn_diag *items;
    size_t count, capacity, limit;
    size_t total;          /* found, whether kept or not */
    size_t errors;         /* those of them that are errors: nothing is compiled then */
    size_t spare;          /* items that are none, and give way to errors */
    const char *last_line; /* where the line that was copied last stood */
    bool failed;           /* out of memory */
};

#define PN_DIAGS_LIMIT 20

void
pn_diags_clear(struct pn_diags *diags);

/*
 * The one that was added, to be told more of until the next one is; NULL when it is
 * counted only. The source is copied from, not kept. NULL diagnostics take nothing:
 * there is nobody to be told.
 */
struct pn_diag *
pn_diags_add(struct pn_diags *diags, enum pn_diag_id id, const struct pn_source *source,
             struct pn_span span);

/* Remembers that memory was short, where somebody is told. */
void
pn_diags_fail(struct pn_diags *diags, bool failed);

/* All of these take a NULL diagnostic, and remember failed allocations in `diags`. */
void
pn_diag_note(struct pn_diags *diags, struct pn_diag *diag, struct pn_str text);

void
pn_diag_relate(struct pn_diags *diags, struct pn_diag *diag,
               const struct pn_source *source, struct pn_span span,
               const char *message);

/* `span` is in the source of the diagnostic, on its line. */
void
pn_diag_fix(struct pn_diags *diags, struct pn_diag *diag,
            const struct pn_source *source, struct pn_span span, struct pn_str text);

/* By place within each file; the files stay in the order they were first told of. */
void
pn_diags_sort(struct pn_diags *diags);

#endif
