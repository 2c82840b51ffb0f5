/* One line of text as a query: what each of its forms fills. */
#ifndef PN_TOOLS_INPUT_QUERY_LINE_H
#define PN_TOOLS_INPUT_QUERY_LINE_H

#include "base/buffer.h"
#include "base/source.h"
#include "postern/types.h"

enum pn_query_kind {
    PN_QUERY_NONE,  /* an empty line, a comment, a log line that is no connection */
    PN_QUERY_READ,  /* a query */
    PN_QUERY_FAULTY /* `fault` says why it is none */
};

/* Who has written a line of a log, and so by what rules it was decided. */
enum pn_log_writer {
    PN_LOG_SERVER,  /* a server of one service */
    PN_LOG_XINETD,  /* xinetd, by its own rules */
    PN_LOG_WRAPPER, /* libwrap, by those of hosts.allow */
    PN_LOG_LOGIN    /* sshd, when somebody has logged in */
};

/* One query; its texts point into the line, or into `decoded`. */
struct pn_query_line {
    enum pn_query_kind kind;
    bool is_log;     /* a line of a server's log, whatever it says */
    bool was_denied; /* a connection of such a line: the server let nobody in */
    enum pn_log_writer writer; /* of such a line */
    bool is_start;             /* a denial of it may follow, on a line of its own */
    struct pn_str service;     /* that the line names, in a log of several; or empty */
    bool no_objects; /* set by who reads: no line of the text has a brace in it */
    const char *fault;
    struct postern_query query;
    struct pn_buffer
        decoded; /* reused from line to line; pn_buffer_free() at the end */
};

/* Sets the address of a query from text, or the fault. */
void
pn_query_address(struct pn_query_line *out, struct pn_str text);

#endif
