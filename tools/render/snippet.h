/* Lines of sources with marks under what is meant, as a finding shows them. */
#ifndef PN_TOOLS_RENDER_SNIPPET_H
#define PN_TOOLS_RENDER_SNIPPET_H

#include "base/diagnostic.h"
#include "tools/render/printed.h"
#include "tools/render/style.h"

extern const char *const pn_severity_paint[]; /* by enum pn_severity */

/* A place, and what is said of it. */
struct pn_mark {
    const char *file;
    size_t column;
    struct pn_shown shown;
    bool hidden;       /* the line is not shown */
    const char *label; /* NULL: none */
    const char *paint; /* of the mark and the label */
};

enum { PN_MARKS_MAX = 8 };

/*
 * The lines of the marks, each file's in their order, each once. The first mark is what
 * it is about: its file comes first, and it is drawn as ^^^^, the others as ----. What
 * stands in another file has a line with its place above. At most PN_MARKS_MAX marks.
 */
void
pn_snippet_write(struct pn_output *out, const struct pn_style *style,
                 const struct pn_mark *marks, size_t count);

/* What a finding is, in one line or two: see struct pn_style. */
struct pn_headline {
    const char *severity, *paint;
    const char *code, *name; /* each may be missing, NULL */
    const char *message;
    const char *file;
    size_t line, column;
};

void
pn_headline_write(struct pn_output *out, const struct pn_style *style,
                  const struct pn_headline *head);

/* "   help: ", and what would help. */
void
pn_render_help(struct pn_output *output, const struct pn_style *style,
               const char *help);

#endif
