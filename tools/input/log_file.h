/* A log of connections, as the queries it holds. */
#ifndef PN_TOOLS_INPUT_LOG_FILE_H
#define PN_TOOLS_INPUT_LOG_FILE_H

#include "compiler/image.h"
#include "tools/tool.h"

/* As many as an image is asked at once. */
enum { PN_LOG_MANY = PN_IMAGE_MANY };

/* Takes the queries of some lines, at most PN_LOG_MANY. Returns false to end. */
typedef bool (*pn_log_fn)(void *payload, const struct postern_query *const *queries,
                          size_t count);

/*
 * Reads a log of any of the kinds of tools/query.h; "-" is standard input. What of it
 * is no query and should be one is reported at the end, as tools/log_tally.h says.
 * Returns an enum pn_exit.
 */
int
pn_log_read(struct pn_tool *tool, const char *name, pn_log_fn take, void *payload);

#endif
