/*
 * Where the policies of a connection are. They are kept for each connection, which
 * SQLite lets one thread at a time into.
 */
#include "bindings/sqlite/connection.h"

#include <stdlib.h>
#include <string.h>

#include "bindings/sql/answer.h"

SQLITE_EXTENSION_INIT3

enum { BYTES_MOST = 256 * 1024 * 1024 };

static void *
take(size_t size)
{
    return sqlite3_malloc64(size);
}

static void
give(void *memory)
{
    sqlite3_free(memory);
}

static const struct pn_engine engine = { take, give, NULL };

void
pn_connection_release(void *pointer)
{
    struct pn_connection *connection = pointer;

    if (--connection->holders)
        return;
    pn_cache_free(connection->cache);
    sqlite3_free(connection->folder);
    sqlite3_free(connection);
}

struct pn_connection *
pn_connection_new(void)
{
    struct pn_connection *connection = sqlite3_malloc(sizeof(*connection));
    const char *folder = getenv("POSTERN_POLICY_FOLDER");

    if (!connection)
        return NULL;
    *connection = (struct pn_connection){ .holders = 1 };
    connection->cache = pn_cache_new(&engine);
    if (folder && *folder)
        connection->folder = sqlite3_mprintf("%s", folder);
    if (connection->cache && (connection->folder || !folder || !*folder))
        return connection;
    pn_connection_release(connection);
    return NULL;
}

/* Of a name that has a NUL within, or a slash where there is no folder: it is outside.
 */
static enum pn_fault
get(struct pn_connection *connection, sqlite3_value *policy, struct pn_cached **out)
{
    const char *name = (const char *)sqlite3_value_text(policy);
    struct pn_wanted wanted = { connection->folder ? connection->folder : ".", name,
                                BYTES_MOST };

    if (!name)
        return PN_FAULT_MEMORY;
    if (strlen(name) != (size_t)sqlite3_value_bytes(policy) ||
        (!connection->folder && strchr(name, '/')))
        return PN_FAULT_OUTSIDE;
    return pn_cache_get(connection->cache, &wanted, out);
}

char *
pn_connection_get(struct pn_connection *connection, sqlite3_value *policy,
                  struct pn_cached **out)
{
    enum pn_fault fault = get(connection, policy, out);

    return fault == PN_FAULT_NONE
               ? NULL
               : sqlite3_mprintf("policy \"%w\": %s", sqlite3_value_text(policy),
                                 pn_fault_text(fault));
}
