/* Findings in all the formats that people, editors and CI systems read. */
#ifndef PN_TOOLS_RENDER_FINDINGS_H
#define PN_TOOLS_RENDER_FINDINGS_H

#include "analysis/lint/finding.h"
#include "base/output.h"
#include "tools/render/notices.h"
#include "tools/render/style.h"

enum pn_findings_format {
    PN_FINDINGS_TEXT,
    PN_FINDINGS_JSON,
    PN_FINDINGS_GCC,
    PN_FINDINGS_SARIF,
    PN_FINDINGS_GITHUB,
    PN_FINDINGS_JUNIT,
    PN_FINDINGS_GITLAB,
    PN_FINDINGS_FORMATS
};

/* How many there are of each severity, and of which state. */
struct pn_findings_count {
    size_t severity[3]; /* of new ones, by enum pn_severity */
    size_t fixable, ignored, known;
};

struct pn_findings {
    const struct pn_report *report;   /* the verb's, and stands still meanwhile */
    const struct pn_notices *notices; /* likewise */
    struct pn_findings_count count;
    size_t max; /* shown at most, where a format is capped */
    struct pn_style style;
    double seconds; /* below 0: not shown */
};

void
pn_findings_count(const struct pn_report *report, struct pn_findings_count *out);

/* Writes the findings of a sorted report. */
typedef void (*pn_findings_fn)(struct pn_output *out, const struct pn_findings *f);

extern const pn_findings_fn pn_findings_render[PN_FINDINGS_FORMATS];

/* What formats share. */

/* Code and normalised target, without line numbers: the same after edits elsewhere. */
uint64_t
pn_finding_fingerprint(const struct pn_report *report,
                       const struct pn_finding *finding);

/* Of the finding of this number, from 1, among those that have this print. */
uint64_t
pn_finding_print_of(uint64_t print, uint64_t number);

/* Its query, in the syntax of postern check. */
void
pn_finding_query_text(struct pn_output *out, const struct pn_report *report,
                      const struct pn_finding *finding);

void
pn_findings_text(struct pn_output *out, const struct pn_findings *f);
void
pn_findings_json(struct pn_output *out, const struct pn_findings *f);
void
pn_findings_gcc(struct pn_output *out, const struct pn_findings *f);
void
pn_findings_sarif(struct pn_output *out, const struct pn_findings *f);
void
pn_findings_github(struct pn_output *out, const struct pn_findings *f);
void
pn_findings_junit(struct pn_output *out, const struct pn_findings *f);
void
pn_findings_gitlab(struct pn_output *out, const struct pn_findings *f);

#endif
