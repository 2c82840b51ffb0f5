/* Answers as columns of TabSeparated, as ClickHouse has it: what is absent is \N. */
#ifndef PN_TOOLS_COLUMNS_H
#define PN_TOOLS_COLUMNS_H

#include "analysis/answer.h"
#include "base/output.h"
#include "base/str.h"

enum { PN_COLUMNS_MOST = 32 };

struct pn_columns {
    struct pn_column {
        unsigned kind;      /* a row of the table in columns.c */
        struct pn_str name; /* of the variable, for that kind */
    } items[PN_COLUMNS_MOST];
    size_t count;
    bool is_tuple; /* they are one field, as ClickHouse writes a tuple */
};

/*
 * Reads "NAME,NAME,$VARIABLE", or the same in parentheses for a tuple; the names lead
 * into the text. False with the word that is wrong.
 */
bool
pn_columns_read(const char *text, struct pn_columns *out, struct pn_str *wrong);

/* Appends the line of an answer. */
void
pn_columns_answer(const struct pn_columns *columns, struct pn_output *out,
                  const struct pn_answer *answer);

/* Appends that of a query that is none: the verdict is "error", `error` has the reason.
 */
void
pn_columns_fault(const struct pn_columns *columns, struct pn_output *out,
                 const char *fault);

#endif
