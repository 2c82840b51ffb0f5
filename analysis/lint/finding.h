/* Findings as data: what is wrong, where, a query that shows it, and the edits that fix
 * it. */
#ifndef PN_ANALYSIS_LINT_FINDING_H
#define PN_ANALYSIS_LINT_FINDING_H

#include "analysis/lint/checks.h"
#include "base/buffer.h"
#include "postern/types.h"

/* A span of a source. `near` is a line, from 1, that probably holds it: then its
 * position is found without a search. 0: not known. */
struct pn_source_span {
    const struct pn_source *source;
    struct pn_span span;
    size_t near;
};

/* Offsets are those of texts in pn_report.text, which end in a NUL; 0 is the empty
 * text.
 */

/* A place and its line as shown: secrets in it are masked. */
struct pn_finding_place {
    size_t file;                  /* offset of its name in the text */
    uint32_t line, column, size;  /* from 1; bytes */
    uint32_t offset;              /* in the file */
    size_t excerpt;               /* offset of the line, or of a part of it */
    uint32_t excerpt_size, front; /* where the span begins in it */
    bool hidden;                  /* the source is hidden: there is no excerpt */
};

struct pn_finding_link {
    struct pn_finding_place at;
    size_t message; /* offset */
};

/* A replacement of a span in a file of the unit. */
struct pn_edit {
    uint32_t file;
    struct pn_span span;
    size_t text, text_size; /* offset */
    struct pn_finding_place at;
    uint32_t lines; /* the number of lines that the span reaches into */
    /* which alternative it belongs to: the edits of one are made together, and a
     * finding may have two */
    uint8_t alternative;
};

enum pn_finding_state { PN_FINDING_NEW, PN_FINDING_IGNORED, PN_FINDING_KNOWN };

#define PN_NO_QUERY ((size_t)-1)

struct pn_finding {
    uint16_t check;
    uint8_t severity; /* enum pn_severity */
    uint8_t state;
    bool safe;    /* its edits change no decision */
    bool depends; /* on the present content of lists: then it is a note, and not safe */
    bool shared;  /* another policy, which is not linted now, may use the file: then it
                     is not safe */
    const char
        *kind; /* the slug of the diagnostic, of findings made from one; or NULL */
    struct pn_finding_place at;
    size_t message, label, help, reason; /* offsets */
    size_t subject; /* offset: what it is about, by which a baseline knows it */
    size_t query;   /* in pn_report.queries, or PN_NO_QUERY */
    size_t answer;  /* offset: what decides the query */
    size_t first_link, link_count;
    size_t first_edit, edit_count;
    uint32_t order;   /* the order in which findings were added */
    uint32_t operand; /* pn_report.operand at that time */
};

struct pn_finding_query {
    struct postern_addr address;
    size_t host, ident; /* offsets */
    bool has_host, has_ident;
};

struct pn_report {
    struct pn_finding *items;
    size_t count, capacity;
    struct pn_finding_link *links;
    size_t link_count, link_capacity;
    struct pn_edit *edits;
    size_t edit_count, edit_capacity;
    struct pn_finding_query *queries;
    size_t query_count, query_capacity;
    struct pn_buffer text;
    size_t excerpt, excerpt_size; /* the one that was made last, whole; or 0 */
    bool on[PN_CHECK_NONE];       /* the checks that are on */
    uint32_t operand;    /* the number of the caller's file that is being linted */
    size_t rules, files; /* that have been linted */
    bool failed;         /* out of memory */
};

void
pn_report_begin(struct pn_report *report);

void
pn_report_clear(struct pn_report *report);

static inline const char *
pn_report_text(const struct pn_report *report, size_t offset)
{
    return report->text.bytes + offset;
}

/* Appends a text to those of the report; its offset. */
size_t
pn_report_text_add(struct pn_report *report, struct pn_str text);

__attribute__((format(printf, 2, 3))) size_t
pn_report_format(struct pn_report *report, const char *format, ...);

/* The place of a span of a source. */
struct pn_finding_place
pn_report_place(struct pn_report *report, const struct pn_source_span *at);

/*
 * Removes whatever may quote a hidden source from the findings from `first` on. Their
 * place and kind stay.
 */
void
pn_report_hide(struct pn_report *report, size_t first);

/*
 * Adds a finding at a place. NULL when its check is off, and without memory. It is
 * valid until the next one is added.
 */
struct pn_finding *
pn_report_add(struct pn_report *report, enum pn_check check, struct pn_source_span at);

/* These do nothing with a NULL finding. They are for the finding that was added last.
 * */
void
pn_finding_link(struct pn_report *report, struct pn_finding *finding,
                struct pn_source_span at, size_t message);

/* `file` is the number of the source in the unit. */
void
pn_finding_edit(struct pn_report *report, struct pn_finding *finding, uint32_t file,
                struct pn_source_span at, struct pn_str text, unsigned alternative);

void
pn_finding_query(struct pn_report *report, struct pn_finding *finding,
                 const struct pn_finding_query *query);

/* What a finding is about, independent of line numbers: its subject, or the text at its
 * place. */
struct pn_str
pn_finding_subject(const struct pn_report *report, const struct pn_finding *finding);

/* What is said of it: a text of its own, or that of its check. */
const char *
pn_finding_message(const struct pn_report *report, const struct pn_finding *finding);

/* The query of a finding that has one; its texts are the report's. */
struct postern_query
pn_finding_asked(const struct pn_report *report, const struct pn_finding *finding);

/* Sorts by file in the order of the first finding in each, then by line, column and
 * code; or by severity first. */
void
pn_report_sort(struct pn_report *report, bool worst_first);

#endif
