/* The verb check: what its parts share. */
#ifndef PN_TOOLS_CHECK_H
#define PN_TOOLS_CHECK_H

#include "analysis/rules_entry.h"
#include "tools/input/rules_file.h"
#include "tools/tool.h"

/* What the lines of --batch are. */
enum pn_check_input {
    PN_CHECK_INPUT_ANY = -1, /* the first line tells */
    PN_CHECK_INPUT_TSV,
    PN_CHECK_INPUT_JSON,
    PN_CHECK_INPUT_LOG
};

struct pn_check {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *ident, *unknown, *why_not;
    bool unknown_host, unknown_ident; /* the words of `unknown` */
    bool trace, batch, chunk_header, follow;
    const char *columns;  /* as given, or NULL */
    int input;            /* enum pn_check_input */
    int expect, make;     /* enum postern_verdict; -1 for none */
    struct pn_tool *tool; /* the one that runs the verb */
    struct pn_rules_file file;
    struct pn_buffer scratch;    /* the ident that stood before the address */
    struct pn_rules_lists lists; /* of the file */
};

/* Answers the lines of standard input, one line each. Returns an enum pn_exit. */
int
pn_check_batch(struct pn_check *check);

/* Is an ADDRESS operand one of many addresses? */
bool
pn_check_is_prefix(const char *text);

/*
 * The outcomes of an address or of all in a prefix, with what is unknown left open;
 * the query has the host and the ident that are known. Returns an enum pn_exit.
 */
int
pn_check_partition(struct pn_check *check, const char *addresses,
                   const struct postern_query *query);

/* Where the rule of --why-not stands to a query. Returns an enum pn_exit. */
int
pn_check_why_not(struct pn_check *check, const struct postern_query *query);

/* Edits that would turn the decision to check->make. Returns an enum pn_exit. */
int
pn_check_make(struct pn_check *check, const struct postern_query *query);

/* PN_EXIT_FINDINGS when the verdict is not the expected one. */
int
pn_check_verdict(const struct pn_check *check, const struct pn_answer *answer);

/* Reports that a decision could not be made. Returns an enum pn_exit. */
int
pn_check_fail(struct pn_check *check, enum postern_status status);

#endif
