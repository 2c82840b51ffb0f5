/*
 * The engine as it is called from JavaScript: the runtime without its files. A caller
 * writes a query into pn_js_query() and its texts behind one another into memory of
 * pn_js_room(), calls, and reads numbers from pn_js_answer(). Nothing here calls back
 * but a trace, and that asks nothing; so one place for each is enough, however many
 * files are open.
 */
#include <stdlib.h>
#include <string.h>

#include "postern/rules.h"
#include "runtime/format/native.h"

#ifdef __wasm__
#define IMPORT(name) __attribute__((import_module("postern"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(#name))) name
#else /* for checkers of code, which read it as of this machine */
#define IMPORT(name)
#define EXPORT(name) name
#endif

enum { KEY_MARKS = 8, LACKING_SIZE = 1024, NO_TEXT = -1, WIDEST = 16 };

/* A text has its size, or NO_TEXT. They follow one another from `texts` on. */
struct query {
    int32_t family; /* 0: no address; 4 or 6: its bytes come first */
    char *texts;
    int32_t address_size, host_size, ident_size, text_size;
};

struct handle {
    struct postern_rules *rules;
    void *bytes;
};

static struct query query;
static uint32_t answer[24];

extern void IMPORT("trace") pn_js_trace(uint32_t step, uint32_t ident_rule,
                                        uint32_t found, const char *key, size_t size);

struct query *EXPORT(pn_js_query)(void);
struct query *
pn_js_query(void)
{
    return &query;
}

uint32_t *EXPORT(pn_js_answer)(void);
uint32_t *
pn_js_answer(void)
{
    return answer;
}

void *EXPORT(pn_js_room)(size_t size);
void *
pn_js_room(size_t size)
{
    return malloc(size ? size : 1);
}

void EXPORT(pn_js_free)(void *room);
void
pn_js_free(void *room)
{
    free(room);
}

static void
put_text(size_t at, const char *text, size_t size)
{
    answer[at] = (uint32_t)(uintptr_t)text;
    answer[at + 1] = (uint32_t)size;
}

/* The names of unknown features of an image, for its caller to free. */
static void
put_lacking(const uint8_t *bytes, size_t size)
{
    char *names = malloc(LACKING_SIZE);
    uint32_t requires;
    size_t at, names_size, used = 0;

    if (names && pn_native_features(bytes, size, &requires, &at, &names_size) &&
        at < size)
        used = pn_native_lacking(requires, bytes + at,
                                 names_size < size - at ? names_size : size - at, names,
                                 LACKING_SIZE);
    put_text(1, names, used);
}

/* Takes the room over; it is freed when the open fails, and else by the close. */
uint32_t EXPORT(pn_js_open)(void *bytes, size_t size, uint32_t flags);
uint32_t
pn_js_open(void *bytes, size_t size, uint32_t flags)
{
    struct handle *handle = malloc(sizeof(*handle));
    enum postern_status status = POSTERN_E_NOMEM;

    if (handle)
        status = postern_rules_open_memory(bytes, size, flags, &handle->rules);
    if (status == POSTERN_OK) {
        handle->bytes = bytes;
        answer[0] = (uint32_t)(uintptr_t)handle;
        return status;
    }
    if (status == POSTERN_E_VERSION)
        put_lacking(bytes, size);
    free(handle);
    free(bytes);
    return status;
}

void EXPORT(pn_js_close)(struct handle *handle);
void
pn_js_close(struct handle *handle)
{
    postern_rules_close(handle->rules);
    free(handle->bytes);
    free(handle);
}

static struct postern_str
next_text(char **at, int32_t size)
{
    struct postern_str text = { *at, (size_t)size };

    if (size == NO_TEXT)
        return (struct postern_str){ NULL, 0 };
    *at += size;
    return text;
}

static struct postern_query
query_make(void)
{
    struct postern_query made = POSTERN_QUERY_INIT;
    char *at = query.texts;

    if (query.family) {
        made.remote.family = (uint8_t)query.family;
        memcpy(made.remote.bytes, at, (size_t)query.address_size);
        at += query.address_size;
    }
    made.host = next_text(&at, query.host_size);
    made.ident = next_text(&at, query.ident_size);
    made.remote_text = next_text(&at, query.text_size);
    return made;
}

static void
see(void *payload, const struct postern_trace_event *event)
{
    (void)payload;
    pn_js_trace(event->step, event->ident_rule, event->found, event->key.ptr,
                event->key.len);
}

/* Memory for keys is needed beside long texts only; *needs where the query has an
 * address. */
uint32_t EXPORT(pn_js_decide)(const struct handle *handle, uint32_t trace);
uint32_t
pn_js_decide(const struct handle *handle, uint32_t trace)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_query asked = query_make();
    size_t size = asked.host.len + asked.ident.len + asked.remote_text.len;
    enum postern_status status;

    if (size + POSTERN_ADDR_TEXT_SIZE > POSTERN_TEXT_MAX) {
        asked.scratch_size = size + POSTERN_ADDR_TEXT_SIZE + KEY_MARKS;
        asked.scratch = malloc(asked.scratch_size);
        if (!asked.scratch)
            return POSTERN_E_NOMEM;
    }
    status = trace ? postern_rules_trace(handle->rules, &asked, see, NULL, &decision)
                   : postern_rules_decide(handle->rules, &asked, &decision);
    free(asked.scratch);
    answer[0] = decision.rule;
    answer[1] = decision.step;
    answer[2] = decision.ident_rule;
    answer[3] = decision.verdict;
    return status;
}

uint32_t EXPORT(pn_js_needs)(const struct handle *handle);
uint32_t
pn_js_needs(const struct handle *handle)
{
    struct postern_query asked = query_make();

    return postern_rules_needs(handle->rules, &asked.remote, answer);
}

/* Many addresses of one family, which stand in the room with room for briefs behind. */
uint32_t EXPORT(pn_js_many)(const struct handle *handle, uint32_t family,
                            const uint8_t *addresses, size_t count);
uint32_t
pn_js_many(const struct handle *handle, uint32_t family, const uint8_t *addresses,
           size_t count)
{
    struct postern_brief *briefs = (void *)(uintptr_t)(addresses + count * WIDEST);
    enum postern_status status =
        postern_rules_decide_addresses(handle->rules, family, addresses, count, briefs);

    for (size_t i = 0; i < count && status == POSTERN_OK; i++)
        status = (enum postern_status)briefs[i].status;
    return status;
}

uint32_t EXPORT(pn_js_outcome)(const struct handle *handle, uint32_t rule);
uint32_t
pn_js_outcome(const struct handle *handle, uint32_t rule)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    enum postern_status status = postern_rules_outcome(handle->rules, rule, &decision);

    answer[0] = decision.verdict;
    put_text(1, (const char *)decision.env.at,
             (size_t)(decision.env.end - decision.env.at));
    put_text(3, decision.reject.ptr, decision.reject.len);
    answer[5] = decision.limit.n;
    answer[6] = decision.limit.per.v4;
    answer[7] = decision.limit.per.v6;
    answer[8] = decision.rate.n;
    answer[9] = decision.rate.seconds;
    answer[10] = decision.rate.per.v4;
    answer[11] = decision.rate.per.v6;
    put_text(12, (const char *)decision.more_limits.at,
             (size_t)(decision.more_limits.end - decision.more_limits.at));
    put_text(16, (const char *)decision.penalties.at,
             (size_t)(decision.penalties.end - decision.penalties.at));
    return status;
}

/* The next of the penalties: answer[16] and [17] are where it goes on. */
uint32_t EXPORT(pn_js_penalty_next)(const uint8_t *at, size_t size);
uint32_t
pn_js_penalty_next(const uint8_t *at, size_t size)
{
    struct postern_penalty_iter iter = { at, at + size };
    struct postern_penalty penalty;

    if (!postern_penalty_next(&iter, &penalty))
        return 0;
    put_text(16, (const char *)iter.at, (size_t)(iter.end - iter.at));
    answer[18] = penalty.first;
    answer[19] = penalty.last;
    answer[20] = penalty.seconds;
    return 1;
}

/* The next of the further limits: answer[12] and [13] are where it goes on. */
uint32_t EXPORT(pn_js_limit_next)(const uint8_t *at, size_t size);
uint32_t
pn_js_limit_next(const uint8_t *at, size_t size)
{
    struct postern_limit_iter iter = { at, at + size };
    struct postern_limit limit;

    if (!postern_limit_next(&iter, &limit))
        return 0;
    put_text(12, (const char *)iter.at, (size_t)(iter.end - iter.at));
    answer[5] = limit.n;
    answer[6] = limit.per.v4;
    answer[7] = limit.per.v6;
    return 1;
}

/* The next assignment of an environment: answer[1] and [2] are where it goes on. */
uint32_t EXPORT(pn_js_env_next)(const uint8_t *at, size_t size);
uint32_t
pn_js_env_next(const uint8_t *at, size_t size)
{
    struct postern_env_iter iter = { at, at + size };
    struct postern_env env;

    if (!postern_env_next(&iter, &env))
        return 0;
    put_text(1, (const char *)iter.at, (size_t)(iter.end - iter.at));
    put_text(12, env.name.ptr, env.name.len);
    put_text(14, env.value.ptr, env.value.len);
    return 1;
}

uint32_t EXPORT(pn_js_origin)(const struct handle *handle, uint32_t rule);
uint32_t
pn_js_origin(const struct handle *handle, uint32_t rule)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status = postern_rules_origin(handle->rules, rule, &origin);

    put_text(0, origin.target.ptr, origin.target.len);
    put_text(2, origin.file.ptr, origin.file.len);
    put_text(4, origin.owner.ptr, origin.owner.len);
    put_text(6, origin.ticket.ptr, origin.ticket.len);
    answer[8] = origin.line;
    answer[9] = origin.until;
    answer[10] = (uint32_t)origin.identity;
    answer[11] = (uint32_t)(origin.identity >> 32);
    return status;
}

void EXPORT(pn_js_info)(const struct handle *handle);
void
pn_js_info(const struct handle *handle)
{
    struct postern_info info = POSTERN_INFO_INIT;

    (void)postern_rules_info(handle->rules, &info);
    answer[0] = info.format;
    answer[1] = (uint32_t)info.size;
    answer[2] = (uint32_t)info.records;
    answer[3] = info.needs;
}

/* Reads an address: 4, 6 or 0, and its bytes at the beginning of the answer. */
uint32_t EXPORT(pn_js_parse)(const char *text, size_t size);
uint32_t
pn_js_parse(const char *text, size_t size)
{
    struct postern_addr addr;

    if (!postern_addr_parse(text, size, &addr))
        return 0;
    memcpy(answer, addr.bytes, sizeof(addr.bytes));
    return addr.family;
}
