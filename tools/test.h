/* The verb test: what its parts share. */
#ifndef PN_TOOLS_TEST_H
#define PN_TOOLS_TEST_H

#include "analysis/compiled.h"
#include "tools/input/rules_file.h"

/* A policy whose expectations were run: all of it is the verb's, for the call. */
struct pn_tested {
    struct pn_tool *tool;
    const struct pn_source *root;
    const char *tests; /* the file of tests beside it, or NULL */
    struct pn_compiled *compiled;
    bool json;
    struct pn_style style; /* of the tool's output */
};

/*
 * Writes how much of the policy its claims speak of. False when that is less than
 * `threshold` percent of its rules, or of the addresses of a family.
 */
bool
pn_test_coverage(const struct pn_tested *tested, size_t threshold, int *status);

/* Makes every mutant, and reports those that no claim notices. */
void
pn_test_mutate(const struct pn_tested *tested, int *status);

/* An expectation for each rule that no claim speaks of. */
void
pn_test_suggest(const struct pn_tested *tested, int *status);

/* Claims that hold of what the policy decides today, and of little else. */
void
pn_test_pin(const struct pn_tested *tested, int *status);

/* Reports a failure; the enum pn_exit goes to *status. */
void
pn_test_fail(const struct pn_tested *tested, enum postern_status why, int *status);

#endif
