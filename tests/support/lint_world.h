/* Lints a text that is in memory, as the tests of the linter need it. */
#ifndef PN_TESTS_SUPPORT_LINT_WORLD_H
#define PN_TESTS_SUPPORT_LINT_WORLD_H

#include "analysis/lint/lint.h"

struct pn_lint_world {
    struct pn_source source;
    struct pn_diags diags;
    struct pn_loaded_policy loaded;
    struct pn_report report;
};

/* Options with RELAYCLIENT privileged, no network trusted and nothing known. */
struct pn_lint_options
pn_lint_world_options(void);

/* Lints it, with every check on; fails the test when it cannot. */
void
pn_lint_world_run(struct pn_lint_world *world, const struct pn_lint_options *options,
                  const char *text, size_t size);

void
pn_lint_world_clear(struct pn_lint_world *world);

/* Is there a finding of this check on this line? */
bool
pn_lint_world_has(const struct pn_lint_world *world, enum pn_check check, size_t line);

#endif
