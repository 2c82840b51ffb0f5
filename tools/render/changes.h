/* Whom a change of policy changes, in the formats that people and programs read. */
#ifndef PN_TOOLS_RENDER_CHANGES_H
#define PN_TOOLS_RENDER_CHANGES_H

#include "analysis/change.h"
#include "base/output.h"
#include "tools/render/sides.h"
#include "tools/render/style.h"

enum pn_changes_format {
    PN_CHANGES_TEXT,
    PN_CHANGES_JSON,
    PN_CHANGES_MARKDOWN,
    PN_CHANGES_GITHUB,
    PN_CHANGES_FORMATS
};

/* A claim that the change takes something from. */
struct pn_assertion_line {
    const char *change, *kind, *file; /* removed or weakened; always or expect */
    size_t line;
    struct pn_str text; /* of the statement */
};

/* What is reported: the verb's, and outlives the report. */
struct pn_change_report {
    const struct pn_changes *changes;
    struct pn_change_sides sides; /* who answers, before and after, */
    const char *names[2];         /* and what they are called */
    size_t max;                   /* regions shown, where a format is capped */
    struct pn_style style;
    const struct pn_assertion_line *assertions; /* in the order of the old source */
    size_t assertion_count;
    bool broken;                /* a gate is */
    const uint64_t *weights;    /* of each region, connections of a log; or NULL */
    uint64_t weighed;           /* of all connections of the log */
    enum postern_status status; /* of the questions that writing it took */
};

typedef void (*pn_changes_fn)(struct pn_output *out, struct pn_change_report *report);

/* By enum pn_changes_format. Each remembers what failed in report->status. */
extern const pn_changes_fn pn_changes_render[];

/* False when the witness could not be asked. */
bool
pn_change_get(struct pn_change_report *report, size_t block, struct pn_change *out);

/* "looser: 256 addresses gain access". With `lines` each of several effects has a line
 * of its own. */
void
pn_changes_head(struct pn_output *out, struct pn_change_report *report, bool lines);

/* "  gains: ", and the block of this number, set in by two blanks. */
void
pn_change_who_text(struct pn_output *out, const struct pn_style *style,
                   const struct pn_changes *changes, size_t block);

/* "claim removed: smtp.rules:9: always * : !X". */
void
pn_assertion_line_text(struct pn_output *out, const struct pn_assertion_line *line);

void
pn_changes_text(struct pn_output *out, struct pn_change_report *report);
void
pn_changes_json(struct pn_output *out, struct pn_change_report *report);
void
pn_changes_markdown(struct pn_output *out, struct pn_change_report *report);
void
pn_changes_github(struct pn_output *out, struct pn_change_report *report);

#endif
