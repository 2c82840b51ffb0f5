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
    PN_DIAG_COUNT
};

struct pn_diag_info {
    const char *slug; /* a promise: retired, never reused */
    enum pn_severity severity;
    const char *text;
    const char *help; /* what to do; "" when the text says it all */
};

extern const char *const pn_severity_name[]; /* by enum pn_severity */

extern const struct pn_diag_info pn_diag_info[PN_DIAG_COUNT];

/* Stands alone: the text it speaks of may be gone, its line is kept. */
struct pn_diag {
    enum pn_diag_id id;
    char *name;      /* of the source, a copy */
    char *line_text; /* a copy, without its newline; not NUL-terminated */
    size_t line_len;
    size_t line, column; /* from 1, columns in bytes */
    size_t size;         /* of the span, in bytes; may pass the end of the line */
};

/*
 * The first `limit` diagnostics in the order they were found; the rest are counted
 * only, so that a hostile file cannot make the list long. All zero keeps none.
 */
struct pn_diags {
    struct pn_diag *items;
    size_t count, capacity, limit;
    size_t total; /* found, whether kept or not */
    bool failed;  /* out of memory */
};

#define PN_DIAGS_LIMIT 20

void
pn_diags_clear(struct pn_diags *diags);

void
pn_diags_add(struct pn_diags *diags, enum pn_diag_id id, const struct pn_source *source,
             struct pn_span span);

#endif
