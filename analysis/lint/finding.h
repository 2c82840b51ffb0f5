/* Findings as data: what is so, where, a query that shows it, and the edits that fix
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

/* A place, and its line as it is shown: secrets in it are masked. */
struct pn_finding_place {
    size_t file;                  /* offset of its name in the text */
    uint32_t line, column, size;  /* from 1; bytes */
    size_t excerpt;               /* offset of the line, or of a part of it */
    uint32_t excerpt_size, front; /* where the span begins in it */
    bool hidden;                  /* of a source that is: there is no excerpt */
};

struct pn_finding_link {
    struct pn_finding_place at;
    size_t message; /* offset */
};

/* The bytes from `offset` on in a file of the unit become `text`. */
struct pn_edit {
    uint32_t file;
    struct pn_span span;
    size_t text, text_size; /* offset */
    struct pn_finding_place at;
    uint32_t lines; /* that it reaches into or ends */
    /* what the author may have meant: edits of one alternative are made together, and a
     * finding may have two */
    uint8_t alternative;
};

enum pn_finding_state { PN_FINDING_NEW, PN_FINDING_IGNORED, PN_FINDING_KNOWN };

#define PN_NO_QUERY ((size_t)-1)

struct pn_finding {
    uint16_t check;
    uint8_t severity; /* enum pn_severity */
    uint8_t state;
    bool safe;        /* its edits change no decision */
    bool depends;     /* on what lists hold now: not safe then, and a note */
    bool shared;      /* but of a policy that is not at hand, perhaps: not safe then */
    const char *kind; /* of a syntax error: the slug of the diagnostic; or NULL */
    struct pn_finding_place at;
    size_t message, label, help, reason; /* offsets */
    size_t subject;                      /* offset: what it is about, for a baseline */
    size_t query;                        /* in pn_report.queries, or PN_NO_QUERY */
    size_t answer;                       /* offset: what becomes of the query */
    size_t first_link, link_count;
    size_t first_edit, edit_count;
    uint32_t order;   /* as it was found */
    uint32_t operand; /* pn_report.operand of then */
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
    bool on[PN_CHECK_NONE]; /* the checks that are asked for */
    uint32_t operand;       /* which of the caller's files is looked at */
    size_t near;            /* a line where the next place is likely; 0: nobody knows */
    size_t rules, files;    /* that were looked at */
    bool failed;            /* out of memory */
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

/* A text in the report; its offset. */
size_t
pn_report_text_add(struct pn_report *report, struct pn_str text);

__attribute__((format(printf, 2, 3))) size_t
pn_report_format(struct pn_report *report, const char *format, ...);

/* The place of a span of a source. */
struct pn_finding_place
pn_report_place(struct pn_report *report, const struct pn_source_span *at);

/*
 * Of findings from `first` on that are in files whose lines are not shown: takes out
 * whatever may quote them. Their place and what is wrong stays.
 */
void
pn_report_hide(struct pn_report *report, size_t first);

/*
 * Adds a finding at a span. NULL when nobody asks for it, and without memory. It is
 * good until the next one is added.
 */
struct pn_finding *
pn_report_add(struct pn_report *report, enum pn_check check, struct pn_source_span at);

/* These take a NULL finding, and are for the one that was added last. */
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

/* What a finding is about, without line numbers: its item, or the text at its place.
 */
struct pn_str
pn_finding_subject(const struct pn_report *report, const struct pn_finding *finding);

/* By file in the order they were added, line, column and code; or the worst first. */
void
pn_report_sort(struct pn_report *report, bool worst_first);

#endif
