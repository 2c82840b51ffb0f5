/* A connection of SQLite, and the policies that it asks. */
#ifndef PN_SQLITE_CONNECTION_H
#define PN_SQLITE_CONNECTION_H

#include <sqlite3ext.h>

#include "bindings/sql/cache.h"

/* What the functions of one connection have in common, until the last of them goes. */
struct pn_connection {
    struct pn_cache *cache;
    char *folder; /* NULL: the working directory, and no name with a slash */
    int holders;
};

/* With one holder; NULL without memory. */
struct pn_connection *
pn_connection_new(void);

/* For sqlite3_create_function_v2(): one holder less. */
void
pn_connection_release(void *connection);

/*
 * The policy that a value names, as its file is now: *out is valid until the next call,
 * unless it is held. Else *out is untouched and the result is the error, for
 * sqlite3_free(), or NULL when there is no memory for it.
 */
char *
pn_connection_get(struct pn_connection *connection, sqlite3_value *policy,
                  struct pn_cached **out);

#endif
