/*
 * What a log holds besides connections. A server and the programs that it runs write to
 * one log, so a line of another program is passed over there; in a file without any
 * line of tcpserver it is a fault, for that file is no log, or not one that is known.
 */
#ifndef PN_TOOLS_LOG_TALLY_H
#define PN_TOOLS_LOG_TALLY_H

#include <stdint.h>

#include "tools/input/query.h"
#include "tools/tool.h"

/* All zero at the start of a file. */
struct pn_log_tally {
    bool is_log;       /* a line of tcpserver was read */
    uint64_t unread;   /* lines that are no query and should be one */
    uint64_t first;    /* the first of them, from 1 */
    const char *fault; /* what it lacks: a constant text */
};

void
pn_log_tally_line(struct pn_log_tally *tally, const struct pn_query_line *line,
                  uint64_t number);

/* Adds the tally of what follows the first `lines` lines. */
void
pn_log_tally_add(struct pn_log_tally *tally, const struct pn_log_tally *more,
                 uint64_t lines);

/* Reports at the end of a file which lines were not read. PN_EXIT_OK, or PN_EXIT_USAGE
 * when it is no log. */
int
pn_log_tally_end(const struct pn_log_tally *tally, struct pn_tool *tool,
                 const char *name);

/*
 * Is a file that begins with these bytes packed? That is reported, with the command
 * that unpacks it.
 */
bool
pn_log_is_packed(struct pn_tool *tool, const char *name, const char *bytes,
                 size_t size);

#endif
