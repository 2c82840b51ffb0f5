/* Queries as lines of text: TSV, JSON, or the log of a tcpserver. */
#ifndef PN_TOOLS_INPUT_QUERY_H
#define PN_TOOLS_INPUT_QUERY_H

#include "base/buffer.h"
#include "base/source.h"
#include "postern/types.h"

/* Host and ident together, in bytes: what the matcher takes, less an address. */
#define PN_QUERY_TEXT_MAX (POSTERN_TEXT_MAX - POSTERN_ADDR_TEXT_SIZE)

enum pn_query_kind {
    PN_QUERY_NONE,  /* an empty line, a comment, a log line that is no connection */
    PN_QUERY_READ,  /* a query */
    PN_QUERY_FAULTY /* `fault` says why it is none */
};

/* One query; its texts point into the line, or into `decoded`. */
struct pn_query_line {
    enum pn_query_kind kind;
    bool is_log; /* a line of tcpserver's log, whatever it says */
    const char *fault;
    struct postern_query query;
    struct pn_buffer
        decoded; /* reused from line to line; pn_buffer_free() at the end */
};

/*
 * Reads one line, without its newline. A line with "tcpserver: " in it is of a log: its
 * ok and deny lines are queries, others give none. A line that begins with { is JSON:
 * {"address": ..., "host": ..., "ident": ...}. All else is TSV: address, host, ident,
 * "-" for none, fields at the end may be left out. Too long a host or ident is a fault.
 */
void
pn_query_parse(struct pn_query_line *out, struct pn_str line);

/* The JSON half, in query_json.c. The same results. */
void
pn_query_parse_json(struct pn_query_line *out, struct pn_str line);

/* Sets the address of a query from text, or the fault. */
void
pn_query_address(struct pn_query_line *out, struct pn_str text);

#endif
