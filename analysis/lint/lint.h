/* Lints one file with all that it includes. */
#ifndef PN_ANALYSIS_LINT_LINT_H
#define PN_ANALYSIS_LINT_LINT_H

#include "analysis/lint/finding.h"
#include "analysis/lint/options.h"
#include "compiler/loaded_policy.h"

/*
 * Lints a root, which stays the caller's; `tests` as in pn_loaded_policy_load(). False
 * with errno set: ENOMEM, also when the work is spent, or why the tests cannot be read.
 * The policy is loaded for this and stays valid, for fixes, until the caller clears it.
 */
bool
pn_lint_run(const struct pn_lint_options *options, const struct pn_source *root,
            const char *tests, struct pn_loaded_policy *loaded, struct pn_diags *diags,
            struct pn_report *report);

/* The check that a diagnostic of the compiler is reported as: PN_CHECK_SYNTAX_ERROR of
 * most. */
enum pn_check
pn_check_of_diag(const struct pn_diag *diag);

#endif
