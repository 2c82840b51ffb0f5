/* The loadable extension of SQLite: its functions. */
#include "bindings/sqlite/connection.h"
#include "bindings/sqlite/rules_table.h"

#include <string.h>

#include "bindings/sql/answer.h"

SQLITE_EXTENSION_INIT1

enum { POLICY, CLIENT, HOST, IDENT, NAME }; /* arguments, in order */

static void
release(void *policy)
{
    pn_cached_release(policy);
}

/*
 * The rules of the first argument; NULL when an error is the result. Where the argument
 * is the same for all rows, SQLite keeps what the first row found: so a statement is
 * answered from one file.
 */
static const struct postern_rules *
rules_of(sqlite3_context *context, sqlite3_value **values)
{
    struct pn_cached *policy = sqlite3_get_auxdata(context, POLICY);
    char *error = NULL;

    if (policy)
        return pn_cached_rules(policy);
    error = pn_connection_get(sqlite3_user_data(context), values[POLICY], &policy);
    if (!policy) {
        if (error)
            sqlite3_result_error(context, error, -1);
        else
            sqlite3_result_error_nomem(context);
        sqlite3_free(error);
        return NULL;
    }
    pn_cached_hold(policy);
    sqlite3_set_auxdata(context, POLICY, policy, release);
    /* it may have been released at once, for want of memory: the cache has it still */
    return pn_cached_rules(policy);
}

/* NULL is what is not known. */
static struct postern_str
string_of(sqlite3_value *value)
{
    struct postern_str out = POSTERN_STR_INIT;

    if (sqlite3_value_type(value) != SQLITE_NULL) {
        out.ptr = (const char *)sqlite3_value_text(value);
        out.len = (size_t)sqlite3_value_bytes(value);
    }
    return out;
}

/* Is a value there whose text is not, for want of memory? It must not pass for NULL. */
static bool
is_lost(sqlite3_value *value, struct postern_str text)
{
    return !text.ptr && sqlite3_value_type(value) != SQLITE_NULL;
}

/* False when there is nothing to ask: a NULL, or an error, is the result. */
static bool
query_of(sqlite3_context *context, int count, sqlite3_value **values,
         struct postern_query *query)
{
    struct postern_str client = string_of(values[CLIENT]);
    size_t len;

    if (is_lost(values[CLIENT], client))
        sqlite3_result_error_nomem(context);
    if (sqlite3_value_type(values[POLICY]) == SQLITE_NULL || !client.ptr)
        return false;
    if (!postern_addr_parse(client.ptr, client.len, &query->remote)) {
        sqlite3_result_error(context, "a client is an IPv4 or IPv6 address", -1);
        return false;
    }
    if (count > HOST)
        query->host = string_of(values[HOST]);
    if (count > IDENT)
        query->ident = string_of(values[IDENT]);
    len = query->host.len + query->ident.len + POSTERN_ADDR_TEXT_SIZE;
    if (len > POSTERN_TEXT_MAX) {
        query->scratch_size = len + 8;
        query->scratch = sqlite3_malloc64(query->scratch_size);
    }
    if ((count > HOST && is_lost(values[HOST], query->host)) ||
        (count > IDENT && is_lost(values[IDENT], query->ident)) ||
        (query->scratch_size && !query->scratch)) {
        sqlite3_free(query->scratch);
        sqlite3_result_error_nomem(context);
        return false;
    }
    return true;
}

/* Decides; false when a NULL or an error is the result. */
static bool
decide(sqlite3_context *context, int count, sqlite3_value **values,
       struct postern_decision *out)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    const struct postern_rules *rules;
    enum postern_status status = POSTERN_E_ARG;

    if (!query_of(context, count, values, &query))
        return false;
    rules = rules_of(context, values);
    if (rules) {
        status = postern_rules_decide(rules, &query, out);
        if (status != POSTERN_OK)
            sqlite3_result_error(context, postern_status_text(status), -1);
    }
    sqlite3_free(query.scratch);
    return status == POSTERN_OK;
}

/* postern(policy, client[, host[, ident]]) */
static void
verdict(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;

    if (decide(context, count, values, &decision))
        sqlite3_result_text(context,
                            decision.verdict == POSTERN_ALLOW ? "allow" : "deny", -1,
                            SQLITE_STATIC);
}

/* postern_env(policy, client, host, ident, name) */
static void
variable(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_str name = string_of(values[NAME]), value;

    if (name.ptr && decide(context, count, values, &decision) &&
        pn_answer_env(&decision, name, &value))
        sqlite3_result_text64(context, value.ptr, value.len, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
}

/* What a schema, or a file of somebody else's, must not call: it reads files. */
static int
function_add(sqlite3 *db, const char *name, int count,
             void (*call)(sqlite3_context *, int, sqlite3_value **),
             struct pn_connection *connection)
{
    connection->holders++; /* given back also when it fails */
    return sqlite3_create_function_v2(db, name, count, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                      connection, call, NULL, NULL,
                                      pn_connection_release);
}

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
int
sqlite3_modpostern_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

int
sqlite3_modpostern_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    struct pn_connection *connection;
    int status = SQLITE_OK;

    (void)error;
    SQLITE_EXTENSION_INIT2(api);
    connection = pn_connection_new();
    if (!connection)
        return SQLITE_NOMEM;
    for (int count = CLIENT + 1; count <= IDENT + 1 && status == SQLITE_OK; count++)
        status = function_add(db, "postern", count, verdict, connection);
    if (status == SQLITE_OK)
        status = function_add(db, "postern_env", NAME + 1, variable, connection);
    if (status == SQLITE_OK)
        status = pn_rules_table_add(db, connection);
    pn_connection_release(connection);
    return status;
}
