/*
 * postern_rules(policy): the rules of a policy, a row each. The policy is a hidden
 * column, which the query has to name; a cursor holds what it reads.
 */
#include "bindings/sqlite/rules_table.h"

#include <string.h>

SQLITE_EXTENSION_INIT3

enum { VERDICT, RULE, FILE_NAME, LINE, ENV, REJECT, OWNER, TICKET, UNTIL, POLICY };
enum { CDB_HEAD = 2048, RECORD_HEAD = 8 }; /* of a classic file, docs/compiled.md */
enum { DATE_TEXT = 11 };                   /* 2026-11-30 */

static const char schema[] =
    "CREATE TABLE x (verdict TEXT, rule TEXT, file TEXT, line INTEGER, env TEXT,"
    " reject TEXT, owner TEXT, ticket TEXT, until TEXT, policy TEXT HIDDEN)";

struct table {
    sqlite3_vtab base;
    struct pn_connection *connection;
};

struct cursor {
    sqlite3_vtab_cursor base;
    struct pn_cached *policy; /* held; NULL: nothing to read */
    sqlite3_value *name;
    struct postern_info info;
    uint64_t row;
    uint32_t rule; /* of a classic file, where its record is */
};

static int
connect(sqlite3 *db, void *data, int count, const char *const *words,
        sqlite3_vtab **out, char **error)
{
    struct table *table;
    int status = sqlite3_declare_vtab(db, schema);

    (void)count;
    (void)words;
    (void)error;
    if (status == SQLITE_OK)
        status = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    if (status != SQLITE_OK)
        return status;
    table = sqlite3_malloc(sizeof(*table));
    if (!table)
        return SQLITE_NOMEM;
    memset(table, 0, sizeof(*table));
    table->connection = data;
    *out = &table->base;
    return SQLITE_OK;
}

static int
disconnect(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

/* One way to read it: by the policy. */
static int
best_index(sqlite3_vtab *base, sqlite3_index_info *index)
{
    (void)base;
    for (int i = 0; i < index->nConstraint; i++) {
        const struct sqlite3_index_constraint *at = &index->aConstraint[i];

        if (at->iColumn != POLICY || at->op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!at->usable)
            return SQLITE_CONSTRAINT; /* in this order of a join it is not known */
        index->aConstraintUsage[i].argvIndex = 1;
        index->aConstraintUsage[i].omit = 1;
        index->idxNum = 1;
        index->estimatedCost = 1000;
        return SQLITE_OK;
    }
    index->estimatedCost = 1e12;
    return SQLITE_OK;
}

static int
open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    struct cursor *cursor = sqlite3_malloc(sizeof(*cursor));

    (void)base;
    if (!cursor)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof(*cursor));
    *out = &cursor->base;
    return SQLITE_OK;
}

static void
cursor_clear(struct cursor *cursor)
{
    if (cursor->policy)
        pn_cached_release(cursor->policy);
    sqlite3_value_free(cursor->name);
    cursor->policy = NULL;
    cursor->name = NULL;
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
    cursor_clear((struct cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

static uint32_t
little_endian(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;

    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The rule behind this one; a damaged file was not opened, so that sizes are sound. */
static void
rule_next(struct cursor *cursor)
{
    struct postern_str image;

    cursor->row++;
    if (cursor->info.format == POSTERN_FORMAT_NATIVE) {
        cursor->rule++;
        return;
    }
    image = postern_rules_image(pn_cached_rules(cursor->policy));
    if (cursor->row < cursor->info.records)
        cursor->rule += RECORD_HEAD + little_endian(image.ptr + cursor->rule) +
                        little_endian(image.ptr + cursor->rule + 4);
}

static int
filter(sqlite3_vtab_cursor *base, int number, const char *text, int count,
       sqlite3_value **values)
{
    struct cursor *cursor = (struct cursor *)base;
    struct table *table = (struct table *)base->pVtab;
    struct pn_cached *policy = NULL;

    (void)text;
    cursor_clear(cursor);
    if (!number || !count) {
        base->pVtab->zErrMsg =
            sqlite3_mprintf("postern_rules() is to be told a policy");
        return SQLITE_ERROR;
    }
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return SQLITE_OK;
    base->pVtab->zErrMsg = pn_connection_get(table->connection, values[0], &policy);
    if (!policy)
        return base->pVtab->zErrMsg ? SQLITE_ERROR : SQLITE_NOMEM;
    cursor->name = sqlite3_value_dup(values[0]);
    if (!cursor->name)
        return SQLITE_NOMEM;
    cursor->info = (struct postern_info)POSTERN_INFO_INIT;
    (void)postern_rules_info(pn_cached_rules(policy), &cursor->info);
    cursor->row = 0;
    cursor->rule = cursor->info.format == POSTERN_FORMAT_NATIVE ? 0 : CDB_HEAD;
    cursor->policy = policy;
    pn_cached_hold(policy);
    return SQLITE_OK;
}

static int
next(sqlite3_vtab_cursor *base)
{
    rule_next((struct cursor *)base);
    return SQLITE_OK;
}

static int
at_end(sqlite3_vtab_cursor *base)
{
    const struct cursor *cursor = (const struct cursor *)base;

    return !cursor->policy || cursor->row >= cursor->info.records;
}

static int
row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((const struct cursor *)base)->row + 1;
    return SQLITE_OK;
}

static void
result(sqlite3_context *context, struct postern_str text)
{
    if (text.ptr)
        sqlite3_result_text64(context, text.ptr, text.len, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
}

/* NAME=value, a line each; NULL when there is none. */
static void
result_env(sqlite3_context *context, struct postern_env_iter iter)
{
    sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(context));
    struct postern_env env;
    char *whole;
    int len;

    while (postern_env_next(&iter, &env)) {
        if (sqlite3_str_length(text))
            sqlite3_str_appendchar(text, 1, '\n');
        sqlite3_str_append(text, env.name.ptr, (int)env.name.len);
        if (env.value.ptr) {
            sqlite3_str_appendchar(text, 1, '=');
            sqlite3_str_append(text, env.value.ptr, (int)env.value.len);
        }
    }
    len = sqlite3_str_length(text);
    if (sqlite3_str_errcode(text) != SQLITE_OK)
        sqlite3_result_error_code(context, sqlite3_str_errcode(text));
    whole = sqlite3_str_finish(text);
    if (whole)
        sqlite3_result_text(context, whole, len, sqlite3_free);
}

static void
result_date(sqlite3_context *context, uint32_t day)
{
    char text[DATE_TEXT];

    if (!day)
        return;
    sqlite3_snprintf(sizeof(text), text, "%04u-%02u-%02u", day / 10000 % 10000,
                     day / 100 % 100, day % 100);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void
result_of_outcome(sqlite3_context *context, const struct cursor *cursor, int column)
{
    struct postern_decision outcome = POSTERN_DECISION_INIT;
    enum postern_status status =
        postern_rules_outcome(pn_cached_rules(cursor->policy), cursor->rule, &outcome);

    if (status != POSTERN_OK)
        sqlite3_result_error(context, postern_status_text(status), -1);
    else if (column == VERDICT)
        sqlite3_result_text(context,
                            outcome.verdict == POSTERN_ALLOW ? "allow" : "deny", -1,
                            SQLITE_STATIC);
    else if (column == ENV)
        result_env(context, outcome.env);
    else
        result(context, outcome.reject);
}

static void
result_of_origin(sqlite3_context *context, const struct cursor *cursor, int column)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status =
        postern_rules_origin(pn_cached_rules(cursor->policy), cursor->rule, &origin);
    const struct postern_str texts[POLICY] = { [RULE] = origin.target,
                                               [FILE_NAME] = origin.file,
                                               [OWNER] = origin.owner,
                                               [TICKET] = origin.ticket };

    if (status != POSTERN_OK)
        sqlite3_result_error(context, postern_status_text(status), -1);
    else if (column == UNTIL)
        result_date(context, origin.until);
    else if (column != LINE)
        result(context, texts[column]);
    else if (origin.line)
        sqlite3_result_int64(context, origin.line);
}

static int
column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
    const struct cursor *cursor = (const struct cursor *)base;

    if (number == POLICY)
        sqlite3_result_value(context, cursor->name);
    else if (number == VERDICT || number == ENV || number == REJECT)
        result_of_outcome(context, cursor, number);
    else
        result_of_origin(context, cursor, number);
    return SQLITE_OK;
}

int
pn_rules_table_add(sqlite3 *db, struct pn_connection *connection)
{
    /* no xCreate: it is there by itself, and only so */
    static const sqlite3_module module = {
        .iVersion = 1,
        .xConnect = connect,
        .xDisconnect = disconnect,
        .xBestIndex = best_index,
        .xOpen = open_cursor,
        .xClose = close_cursor,
        .xFilter = filter,
        .xNext = next,
        .xEof = at_end,
        .xColumn = column,
        .xRowid = row_id,
    };

    connection->holders++; /* given back also when it fails */
    return sqlite3_create_module_v2(db, "postern_rules", &module, connection,
                                    pn_connection_release);
}
