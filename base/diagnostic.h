/* Diagnostics as data: what is wrong, where, and how to fix it. tools/ renders them. */
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
    const char *slug; /* users rely on it: retired, never reused */
    enum pn_severity severity;
    const char *text;
    const char *help; /* what to do; "" when the text suffices */
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
    struct pn_span span; /* in the text of the source */
    const char *text;    /* of the source: only for comparing, it may be freed */
    bool hidden;         /* the source is confidential: the line is not copied */
};

/* Another place that belongs to the diagnostic, and its role. */
struct pn_related {
    struct pn_excerpt at;
    char *message;
};

/* A fix: the span that it replaces, in the line that the diagnostic shows. */
struct pn_fix {
    size_t column, size; /* as in an excerpt */
    struct pn_span span; /* in the text of the source */
    char *text;
};

enum { PN_DIAG_FIXES_MAX = 2, PN_DIAG_RELATED_MAX = 2 };

struct pn_diag {
    enum pn_diag_id id;
    struct pn_excerpt at;
    char *message; /* of this particular case, in the place of the table's text, or NULL
                    */
    const char *help; /* likewise; static */
    char *note;       /* notes on this particular case, lines of text; NULL for none */
    struct pn_related related[PN_DIAG_RELATED_MAX];
    size_t related_count;
    struct pn_fix
        fixes[PN_DIAG_FIXES_MAX]; /* two of them are alternative fixes of one mistake */
    size_t fix_count;
    size_t file_rank, order; /* only for pn_diags_sort() */
};

/* What is wrong, and what to do about it ("" for nothing): as said, else the table's.
 */
const char *
pn_diag_message(const struct pn_diag *diag);

const char *
pn_diag_help(const struct pn_diag *diag);

/*
 * The first `limit` diagnostics in the order they were found; the rest are counted
 * only, so that a hostile file cannot make the list long. All zero keeps none.
 */
struct pn_diags {
    struct pn_diag *items;
    size_t count, capacity, limit;
    size_t total;  /* found, whether kept or not */
    size_t errors; /* the number of errors; nothing is compiled unless it is 0 */
    size_t spare;  /* kept items that are warnings, which errors may replace */
    const char *last_line; /* offset of the line that was copied last */
    bool failed;           /* out of memory */
    /* Of the first error that pn_diags_become() put away; its name is NULL for none. */
    struct pn_excerpt refused;
};

#define PN_DIAGS_LIMIT 20

void
pn_diags_clear(struct pn_diags *diags);

/*
 * Replaces all that was found by what explains it, if anything does: `whole`, which is
 * empty then. Only the place of the first error is kept, in diags->refused.
 */
void
pn_diags_become(struct pn_diags *diags, struct pn_diags *whole);

/* Would a diagnostic that is added now be kept? What only completes one is spared. */
bool
pn_diags_has_room(const struct pn_diags *diags);

/*
 * Adds a diagnostic. Returns it, to be completed before the next is added; NULL when it
 * is only counted. The source is copied from, not kept. `diags` may be NULL: then
 * nothing happens.
 */
struct pn_diag *
pn_diags_add(struct pn_diags *diags, enum pn_diag_id id, const struct pn_source *source,
             struct pn_span span);

/* Records that memory was short. `diags` may be NULL. */
void
pn_diags_fail(struct pn_diags *diags, bool failed);

/* All of these take a NULL diagnostic, and remember failed allocations in `diags`. */

/*
 * What this case is, and perhaps what to do, in the place of the table's general words;
 * `help` is static, NULL leaves the table's. Of a hidden source nothing is said that
 * may be its text.
 */
void
pn_diag_say(struct pn_diags *diags, struct pn_diag *diag, struct pn_str message,
            const char *help);

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

/* Sorts by place within each file; files keep the order of their first diagnostics. */
void
pn_diags_sort(struct pn_diags *diags);

#endif
