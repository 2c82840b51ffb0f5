/* A policy for ClickHouse: a function, a dictionary, and the SQL of both. */
#ifndef PN_TOOLS_EXPORT_CLICKHOUSE_H
#define PN_TOOLS_EXPORT_CLICKHOUSE_H

#include "tools/export.h"

#define PN_CLICKHOUSE_FORMAT "clickhouse"

/*
 * Writes a folder that was not there: NAME.cdb, what NAME_function.xml runs; NAME.tsv,
 * what an address alone decides; NAME.sql. `name` has to be fine for all of them.
 * Returns an enum pn_exit.
 */
int
pn_export_clickhouse(struct pn_tool *tool, const struct pn_common *common,
                     const char *file, const char *dir, const char *name);

#endif
