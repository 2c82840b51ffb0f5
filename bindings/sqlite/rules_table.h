/* postern_rules(policy), a table of rules. */
#ifndef PN_SQLITE_RULES_TABLE_H
#define PN_SQLITE_RULES_TABLE_H

#include "bindings/sqlite/connection.h"

/* postern_rules(policy): a status of SQLite. */
int
pn_rules_table_add(sqlite3 *db, struct pn_connection *connection);

#endif
