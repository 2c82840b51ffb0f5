/* The functions of SQL: arguments into a query, a decision into a datum. */
#include "bindings/postgresql/module.h"

#include <sys/socket.h>

#include <access/htup_details.h>
#include <fmgr.h>
#include <funcapi.h>
#include <mb/pg_wchar.h>
#include <utils/builtins.h>
#include <utils/inet.h>
#include <utils/jsonb.h>
#include <utils/tuplestore.h>

#include "bindings/sql/answer.h"

enum { POLICY, CLIENT, HOST, IDENT, NAME }; /* arguments, in order */
enum { VERDICT, STEP, RULE, FILE_NAME, LINE, IDENT_RULE, ENV, COLUMNS };

PG_FUNCTION_INFO_V1(postern_sql_decide);
PG_FUNCTION_INFO_V1(postern_sql_allows);
PG_FUNCTION_INFO_V1(postern_sql_env);
PG_FUNCTION_INFO_V1(postern_sql_trace);

/* An address, and nothing shorter. One that maps an IPv4 address is that. */
static struct postern_addr
address_of(inet *client)
{
    static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    struct postern_addr addr = { 0 };
    const unsigned char *bytes = ip_addr(client);

    if (ip_bits(client) != ip_maxbits(client))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("a client is one address, not a network of %d bits",
                               ip_bits(client))));
    addr.family = ip_family(client) == PGSQL_AF_INET ? 4 : 6;
    if (addr.family == 6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        addr.family = 4;
        bytes += sizeof(mapped);
    }
    memcpy(addr.bytes, bytes, addr.family == 4 ? 4 : 16);
    return addr;
}

/* A text in UTF-8, as names in policies are; NULL is what is not known. */
static struct postern_str
string_of(FunctionCallInfo fcinfo, int argument)
{
    struct postern_str out = POSTERN_STR_INIT;
    text *value;
    char *utf8;

    if (PG_ARGISNULL(argument))
        return out;
    value = PG_GETARG_TEXT_PP(argument);
    out.ptr = VARDATA_ANY(value);
    out.len = VARSIZE_ANY_EXHDR(value);
    utf8 = pg_server_to_any(out.ptr, (int)out.len, PG_UTF8);
    if (utf8 != out.ptr)
        out = (struct postern_str){ utf8, strlen(utf8) };
    return out;
}

/* The text of a policy in the encoding of the database, or 22021. */
static struct postern_str
to_server(struct postern_str text)
{
    char *out = pg_any_to_server(text.ptr, (int)text.len, PG_UTF8);

    return out == text.ptr ? text : (struct postern_str){ out, strlen(out) };
}

static Datum
text_of(struct postern_str text)
{
    text = to_server(text);
    return PointerGetDatum(cstring_to_text_with_len(text.ptr, (int)text.len));
}

static Datum
text_of_c(const char *text)
{
    return PointerGetDatum(cstring_to_text(text));
}

/* A status of a decision as an error: it denies, for it ends the statement. */
static void
must_be_ok(enum postern_status status)
{
    if (status == POSTERN_OK)
        return;
    ereport(ERROR,
            (errcode(status == POSTERN_E_FORMAT    ? ERRCODE_DATA_CORRUPTED
                     : status == POSTERN_E_VERSION ? ERRCODE_FEATURE_NOT_SUPPORTED
                                                   : ERRCODE_INTERNAL_ERROR),
             errmsg("no decision: %s", postern_status_text(status))));
}

/* What is asked; false when there is no policy or no client. */
static bool
query_of(FunctionCallInfo fcinfo, struct postern_query *query)
{
    size_t len;

    if (PG_ARGISNULL(POLICY) || PG_ARGISNULL(CLIENT))
        return false;
    query->remote = address_of(PG_GETARG_INET_PP(CLIENT));
    query->host = string_of(fcinfo, HOST);
    query->ident = string_of(fcinfo, IDENT);
    len = query->host.len + query->ident.len + POSTERN_ADDR_TEXT_SIZE;
    if (len > POSTERN_TEXT_MAX) {
        query->scratch_size = len + 8;
        query->scratch = palloc(query->scratch_size);
    }
    return true;
}

/* The rules that decided, or NULL when there is nothing to decide. */
static const struct postern_rules *
decide(FunctionCallInfo fcinfo, struct postern_decision *out)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    const struct postern_rules *rules;

    if (!query_of(fcinfo, &query))
        return NULL;
    rules = pn_policy_rules(PG_GETARG_TEXT_PP(POLICY));
    must_be_ok(postern_rules_decide(rules, &query, out));
    return rules;
}

PGDLLEXPORT Datum
postern_sql_allows(PG_FUNCTION_ARGS)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;

    if (!decide(fcinfo, &decision))
        PG_RETURN_NULL();
    PG_RETURN_BOOL(decision.verdict == POSTERN_ALLOW);
}

PGDLLEXPORT Datum
postern_sql_env(PG_FUNCTION_ARGS)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_str value;

    if (PG_ARGISNULL(NAME) || !decide(fcinfo, &decision) ||
        !pn_answer_env(&decision, string_of(fcinfo, NAME), &value))
        PG_RETURN_NULL();
    PG_RETURN_DATUM(text_of(value));
}

/* Of two variables with one name the later counts, as in an environment. */
static Datum
env_of(const struct postern_decision *decision)
{
    JsonbParseState *state = NULL;
    struct postern_env_iter iter = decision->env;
    struct postern_env env;
    JsonbValue *object;

    pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
    while (postern_env_next(&iter, &env)) {
        struct postern_str name = to_server(env.name);
        JsonbValue key = { .type = jbvString }, value = { .type = jbvNull };

        key.val.string.val = unconstify(char *, name.ptr);
        key.val.string.len = (int)name.len;
        if (env.value.ptr) {
            struct postern_str text = to_server(env.value);

            value.type = jbvString;
            value.val.string.val = unconstify(char *, text.ptr);
            value.val.string.len = (int)text.len;
        }
        pushJsonbValue(&state, WJB_KEY, &key);
        pushJsonbValue(&state, WJB_VALUE, &value);
    }
    object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
    return JsonbPGetDatum(JsonbValueToJsonb(object));
}

static void
origin_fill(const struct postern_rules *rules, uint32_t rule, Datum *values,
            bool *nulls)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    nulls[RULE] = nulls[FILE_NAME] = nulls[LINE] = true;
    if (rule == POSTERN_RULE_NONE)
        return;
    must_be_ok(postern_rules_origin(rules, rule, &origin));
    nulls[RULE] = !origin.target.ptr;
    nulls[FILE_NAME] = !origin.file.ptr;
    nulls[LINE] = !origin.line;
    if (origin.target.ptr)
        values[RULE] = text_of(origin.target);
    if (origin.file.ptr)
        values[FILE_NAME] = text_of(origin.file);
    values[LINE] = Int32GetDatum((int32)origin.line);
}

PGDLLEXPORT Datum
postern_sql_decide(PG_FUNCTION_ARGS)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    const struct postern_rules *rules = decide(fcinfo, &decision);
    Datum values[COLUMNS] = { 0 };
    bool nulls[COLUMNS] = { false };
    TupleDesc row;

    if (!rules)
        PG_RETURN_NULL();
    if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE ||
        row->natts != COLUMNS)
        elog(ERROR, "postern_decision is not the type that this library was made for");
    origin_fill(rules, decision.rule, values, nulls);
    values[VERDICT] = text_of_c(decision.verdict == POSTERN_ALLOW ? "allow" : "deny");
    values[STEP] = text_of_c(postern_step_text(decision.step));
    values[IDENT_RULE] = BoolGetDatum(decision.ident_rule);
    values[ENV] = env_of(&decision);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values, nulls)));
}

/* Called by the matcher, which holds nothing: an error may leave through it. */
static void
trace_row(void *payload, const struct postern_trace_event *event)
{
    ReturnSetInfo *result = payload;
    Datum values[] = { text_of_c(postern_step_text(event->step)),
                       BoolGetDatum(event->ident_rule), text_of(event->key),
                       BoolGetDatum(event->found) };
    bool nulls[lengthof(values)] = { false };

    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PGDLLEXPORT Datum
postern_sql_trace(PG_FUNCTION_ARGS)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_query query = POSTERN_QUERY_INIT;

    InitMaterializedSRF(fcinfo, 0);
    if (query_of(fcinfo, &query))
        must_be_ok(postern_rules_trace(pn_policy_rules(PG_GETARG_TEXT_PP(POLICY)),
                                       &query, trace_row, fcinfo->resultinfo,
                                       &decision));
    PG_RETURN_VOID();
}
