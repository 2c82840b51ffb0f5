/* The formats of findings, by enum pn_findings_format. */
#include "tools/render/findings.h"

const pn_findings_fn pn_findings_render[PN_FINDINGS_FORMATS] = {
    [PN_FINDINGS_TEXT] = pn_findings_text,     [PN_FINDINGS_JSON] = pn_findings_json,
    [PN_FINDINGS_GCC] = pn_findings_gcc,       [PN_FINDINGS_SARIF] = pn_findings_sarif,
    [PN_FINDINGS_GITHUB] = pn_findings_github, [PN_FINDINGS_JUNIT] = pn_findings_junit,
    [PN_FINDINGS_GITLAB] = pn_findings_gitlab,
};
