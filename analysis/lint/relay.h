/* P501: a privileged variable that reaches more than the trusted networks. */
#ifndef PN_ANALYSIS_LINT_RELAY_H
#define PN_ANALYSIS_LINT_RELAY_H

#include "analysis/lint/context.h"

void
pn_relay_lint(struct pn_lint *lint);

#endif
