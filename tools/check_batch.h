/* The verb check: what its two halves, one query and many, share. */
#ifndef PN_TOOLS_CHECK_BATCH_H
#define PN_TOOLS_CHECK_BATCH_H

#include "tools/rules_file.h"
#include "tools/tool.h"

/* Host and ident together, in bytes: what the matcher takes, less an address. */
#define PN_CHECK_TEXT_MAX (POSTERN_TEXT_MAX - POSTERN_ADDR_TEXT_SIZE)

struct pn_check {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *ident;
    bool trace, batch;
    int expect; /* enum postern_verdict; -1 for none */
    struct pn_tool *tool;
    struct pn_rules_file file;
};

/* Answers the lines of standard input, one line each. Returns an enum pn_exit. */
int
pn_check_batch(struct pn_check *check);

/* PN_EXIT_FINDINGS when the verdict is not the expected one. */
int
pn_check_verdict(const struct pn_check *check, const struct pn_answer *answer);

/* Tells of a decision that failed. Returns an enum pn_exit. */
int
pn_check_fail(struct pn_check *check, enum postern_status status);

#endif
