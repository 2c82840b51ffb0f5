/**
 * @file
 * What is wrong with a policy, or could be better, as data. See compiler.h.
 */
#ifndef POSTERN_REPORT_H
#define POSTERN_REPORT_H

#include "postern/rules.h"

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** No place. */
#define POSTERN_PLACE_INIT                                \
    {                                                     \
        POSTERN_STR_INIT, 0, 0, 0, 0, POSTERN_STR_INIT, 0 \
    }

/** A place in a text. */
struct postern_place {
    struct postern_str file; /**< as it was named; ptr NULL for no place */
    uint32_t line, column;   /**< from 1; a column counts bytes; 0 for not known */
    uint32_t offset, size;   /**< bytes, from the beginning of the file */
    /**
     * Its line, or a part of it, for showing; ptr NULL when the text is confidential.
     * What the place is of begins at byte `excerpt_at` of it.
     */
    struct postern_str excerpt;
    uint32_t excerpt_at;
};

/** How much a finding matters. */
enum postern_severity {
    POSTERN_ERROR = 0,   /**< nothing is compiled, or something is surely wrong */
    POSTERN_WARNING = 1, /**< it is not what its author means, most likely */
    POSTERN_NOTE = 2     /**< it could be better */
};

/** What is wrong with a policy, or could be better. */
struct postern_finding {
    uint32_t severity; /**< enum postern_severity */
    bool is_ignored;   /**< a comment of the source silences it; see `reason` */
    /** Its edits change no decision, which is proven: they may be made unasked. */
    bool is_safe;
    struct postern_str code; /**< "P301"; "P000" for what has no page of its own */
    struct postern_str name; /**< "shadowed-rule": a promise, as the code is */
    struct postern_str kind; /**< of an error of the compiler, its own name; or NULL */
    struct postern_str message; /**< a sentence */
    struct postern_str label;   /**< what stands at the place; or NULL */
    struct postern_str help;    /**< what to do; or NULL */
    struct postern_str reason;  /**< why it is ignored, as its author wrote; or NULL */
    struct postern_place at;
    uint32_t related_count, edit_count;
    const struct postern_query *query; /**< an example of it; or NULL */
    struct postern_str answer;         /**< what decides the query, in words */
};

/** Another place that belongs to a finding. */
struct postern_related {
    struct postern_place at;
    struct postern_str message;
};

/** A replacement of bytes in a file: of `at.size` bytes at `at.offset` by `text`. */
struct postern_edit {
    struct postern_place at;
    struct postern_str text;
    /**
     * The edits of one finding with the same number are made together; those with
     * another are an alternative to them.
     */
    uint32_t alternative;
};

/** Findings, in the order of the files and of their lines. */
struct postern_report;

/** How many findings there are. */
size_t
postern_report_count(const struct postern_report *report);

/** A finding by its number, from 0; NULL past the last. It is the report's. */
const struct postern_finding *
postern_report_finding(const struct postern_report *report, size_t finding);

/** A related place of a finding; NULL past the last. It is the report's. */
const struct postern_related *
postern_report_related(const struct postern_report *report, size_t finding,
                       size_t related);

/** An edit of a finding; NULL past the last. It is the report's. */
const struct postern_edit *
postern_report_edit(const struct postern_report *report, size_t finding, size_t edit);

/** Gives a report back. NULL is fine. */
void
postern_report_free(struct postern_report *report);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
