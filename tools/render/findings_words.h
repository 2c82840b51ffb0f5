/*
 * A finding in running words, for reports that are read without the file beside them:
 * an annotation in a merge request is all that its reader sees.
 */
#ifndef PN_TOOLS_RENDER_FINDINGS_WORDS_H
#define PN_TOOLS_RENDER_FINDINGS_WORDS_H

#include "tools/render/findings.h"

/*
 * Message and label, what else has to do with it, the client that shows it, what helps
 * and what a fix writes, with `between` between them. On one line, if that is.
 */
void
pn_finding_words(struct pn_output *out, const struct pn_findings *all,
                 const struct pn_finding *finding, const char *between);

/*
 * As pn_finding_fingerprint() of each finding of the report, in its order, and no two
 * alike: a report shows one of those that are (GitLab does). The second of equal ones
 * differs from the first by its number among them, so that lines may move. The
 * caller's, to be freed; NULL without memory.
 */
uint64_t *
pn_finding_prints(const struct pn_report *report);

#endif
