/* Findings as the public face has them: copies that outlive what they were made from.
 */
#ifndef PN_LIBRARY_REPORT_H
#define PN_LIBRARY_REPORT_H

#include "analysis/lint/finding.h"
#include "base/arena.h"
#include "base/diagnostic.h"
#include "library/session.h"

struct pn_report_item {
    struct postern_finding finding;
    struct postern_related *related;
    struct postern_edit *edits;
};

struct postern_report {
    struct postern_compiler *compiler;
    struct pn_arena *arena; /* has all texts */
    struct pn_report_item *items;
    size_t count, capacity;
};

/* An empty one, which holds its compiler; NULL without memory. */
struct postern_report *
pn_public_report_new(struct postern_compiler *compiler);

/* Add what the compiler found, and what the linter did; false without memory. */
bool
pn_public_report_add_diags(struct postern_report *report, const struct pn_diags *diags);

bool
pn_public_report_add_findings(struct postern_report *report,
                              const struct pn_report *findings);

/*
 * For calls that end with POSTERN_E_REFUSED: hands the diagnostics out, where the
 * caller wants them. Returns POSTERN_E_REFUSED, or POSTERN_E_NOMEM.
 */
enum postern_status
pn_public_report_refuse(struct postern_compiler *compiler, const struct pn_diags *diags,
                        struct postern_report **out);

/* Within a call; postern_report_free() is for callers. */
void
pn_public_report_clear(struct postern_report *report);

#endif
