/*
 * What libpostern answers, in the form of README.md beside this: a line for the file,
 * and one for each query on standard input. `--time N` decides all queries N times
 * instead, and prints how many a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "postern/postern.h"

enum { MOST_QUERIES = 1 << 21 };

static const char *const status_names[] = {
    [POSTERN_OK] = "ok",
    [POSTERN_E_ARG] = "arg",
    [POSTERN_E_NOMEM] = "nomem",
    [POSTERN_E_IO] = "io",
    [POSTERN_E_FORMAT] = "format",
    [POSTERN_E_BUSY] = "busy",
    [POSTERN_E_VERSION] = "version",
};

/* A query with the memory that its texts are in. */
struct asked {
    struct postern_query query;
    char *line;
};

static void
put_text(const char *text, size_t size)
{
    putchar('"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void
put_member(const char *name, struct postern_str text)
{
    if (!text.ptr)
        return;
    printf(",\"%s\":", name);
    put_text(text.ptr, text.len);
}

static void
put_env(struct postern_env_iter iter)
{
    struct postern_env env;
    const char *before = "";

    fputs(",\"env\":[", stdout);
    for (; postern_env_next(&iter, &env); before = ",") {
        printf("%s[", before);
        put_text(env.name.ptr, env.name.len);
        putchar(',');
        if (env.value.ptr)
            put_text(env.value.ptr, env.value.len);
        else
            fputs("null", stdout);
        putchar(']');
    }
    putchar(']');
}

static void
put_origin(const struct postern_rules *rules, uint32_t rule)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status = postern_rules_origin(rules, rule, &origin);

    printf(",\"rule\":%u", rule);
    if (status != POSTERN_OK) {
        printf(",\"origin\":\"%s\"", status_names[status]);
        return;
    }
    printf(",\"identity\":\"%016llx\"", (unsigned long long)origin.identity);
    put_member("target", origin.target);
    put_member("file", origin.file);
    if (origin.line)
        printf(",\"line\":%u", origin.line);
    put_member("owner", origin.owner);
    put_member("ticket", origin.ticket);
    if (origin.until)
        printf(",\"until\":%u", origin.until);
}

/* The first, and all of them where there are more. */
static void
put_limits(const struct postern_decision *d)
{
    struct postern_limit_iter more = d->more_limits;
    struct postern_limit limit = d->limit;

    if (!limit.n)
        return;
    printf(",\"limit\":[%u,%u,%u]", limit.n, limit.per.v4, limit.per.v6);
    if (!postern_limit_next(&more, &limit))
        return;
    printf(",\"limits\":[[%u,%u,%u]", d->limit.n, d->limit.per.v4, d->limit.per.v6);
    do
        printf(",[%u,%u,%u]", limit.n, limit.per.v4, limit.per.v6);
    while (postern_limit_next(&more, &limit));
    putchar(']');
}

static void
put_penalties(struct postern_penalty_iter iter)
{
    struct postern_penalty penalty;

    if (!postern_penalty_next(&iter, &penalty))
        return;
    printf(",\"penalties\":[[%u,%u,%u]", penalty.first, penalty.last, penalty.seconds);
    while (postern_penalty_next(&iter, &penalty))
        printf(",[%u,%u,%u]", penalty.first, penalty.last, penalty.seconds);
    putchar(']');
}

static void
put_decision(const struct postern_rules *rules, const struct postern_decision *d)
{
    printf(",\"verdict\":\"%s\",\"step\":\"%s\",\"ident_rule\":%s",
           d->verdict == POSTERN_ALLOW ? "allow" : "deny",
           postern_step_text((enum postern_step)d->step),
           d->ident_rule ? "true" : "false");
    put_env(d->env);
    put_limits(d);
    if (d->rate.n)
        printf(",\"rate\":[%u,%u,%u,%u]", d->rate.n, d->rate.seconds, d->rate.per.v4,
               d->rate.per.v6);
    put_member("reject", d->reject);
    put_penalties(d->penalties);
    if (d->rule != POSTERN_RULE_NONE)
        put_origin(rules, d->rule);
}

static void
answer(const struct postern_rules *rules, const struct postern_query *query)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    enum postern_status status = postern_rules_decide(rules, query, &decision);
    uint32_t needs;

    printf("{\"status\":\"%s\"", status_names[status]);
    if (status == POSTERN_OK)
        put_decision(rules, &decision);
    if (query->remote.family) {
        status = postern_rules_needs(rules, &query->remote, &needs);
        if (status == POSTERN_OK)
            printf(",\"needs\":%u", needs);
        else
            printf(",\"needs\":\"%s\"", status_names[status]);
    }
    puts("}");
}

/* Takes the escapes out of a field; *at is NULL behind the last one. NULL for "-". */
static struct postern_str
field(char **at)
{
    char *text = *at, *from = text, *to = text, hex[3] = "";
    bool none = !text || (text[0] == '-' && (!text[1] || text[1] == '\t'));

    if (!text)
        return (struct postern_str){ NULL, 0 };
    while (*from && *from != '\t') {
        if (strncmp(from, "\\x", 2) == 0 && from[2] && from[3]) {
            memcpy(hex, from + 2, 2);
            *to++ = (char)strtoul(hex, NULL, 16);
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *at = *from ? from + 1 : NULL;
    return (struct postern_str){ none ? NULL : text, (size_t)(to - text) };
}

/* ADDRESS, HOST, IDENT and TEXT with tabs between. */
static struct postern_query
query_read(char *line, size_t size)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_str address = field(&line);

    if (address.ptr)
        (void)postern_addr_parse(address.ptr, address.len, &query.remote);
    query.host = field(&line);
    query.ident = field(&line);
    query.remote_text = field(&line);
    query.scratch_size = size + 64;
    query.scratch = malloc(query.scratch_size);
    return query;
}

/* Reads a query; false at the end. The texts are in *line, which is the caller's. */
static bool
query_next(char **line, size_t *room, struct postern_query *out)
{
    ssize_t size = getline(line, room, stdin);

    if (size <= 0)
        return false;
    (*line)[strcspn(*line, "\n")] = '\0';
    *out = query_read(*line, (size_t)size);
    return true;
}

static int
answer_all(const struct postern_rules *rules)
{
    struct postern_query query;
    char *line = NULL;
    size_t room = 0;

    while (query_next(&line, &room, &query)) {
        answer(rules, &query);
        free(query.scratch);
    }
    free(line);
    return fflush(stdout) == 0 ? 0 : 111;
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int
time_all(const struct postern_rules *rules, unsigned times)
{
    struct asked *all = calloc(MOST_QUERIES, sizeof(*all));
    size_t count = 0, room = 0, denied = 0;
    double start;

    if (!all)
        return 111;
    while (count < MOST_QUERIES &&
           query_next(&all[count].line, &room, &all[count].query)) {
        count++;
        room = 0;
    }
    start = now();
    for (unsigned i = 0; i < times; i++)
        for (size_t k = 0; k < count; k++) {
            struct postern_decision decision = POSTERN_DECISION_INIT;

            (void)postern_rules_decide(rules, &all[k].query, &decision);
            denied += decision.verdict == POSTERN_DENY;
        }
    printf("%.0f a second, %zu denied\n", (double)count * times / (now() - start),
           denied);
    for (size_t k = 0; k < count; k++) {
        free(all[k].query.scratch);
        free(all[k].line);
    }
    free(all);
    return 0;
}

/* The line of the file itself. */
static void
put_opened(const char *path, enum postern_status status,
           const struct postern_rules *rules)
{
    struct postern_info info = POSTERN_INFO_INIT;
    char lacking[256];

    printf("{\"open\":\"%s\"", status_names[status]);
    if (status == POSTERN_E_VERSION) {
        fputs(",\"lacking\":", stdout);
        put_text(lacking, postern_rules_lacking(path, lacking, sizeof(lacking)));
    } else if (status == POSTERN_OK) {
        (void)postern_rules_info(rules, &info);
        printf(",\"format\":\"%s\",\"rules\":%llu,\"needs\":%u",
               info.format == POSTERN_FORMAT_NATIVE ? "native" : "classic",
               (unsigned long long)info.records, info.needs);
    }
    puts("}");
}

int
main(int argc, char **argv)
{
    struct postern_rules *rules = NULL;
    uint32_t flags = 0;
    unsigned times = 0;
    enum postern_status status;
    int result = 0;

    for (; argc > 2; argc--, argv++) {
        if (strcmp(argv[1], "--verify") == 0)
            flags = POSTERN_OPEN_CHECK;
        else
            times = (unsigned)strtoul(argv[1] + sizeof("--time"), NULL, 10);
    }
    if (argc < 2)
        return 100;
    status = postern_rules_open(argv[1], flags, &rules);
    if (!times)
        put_opened(argv[1], status, rules);
    if (status == POSTERN_OK)
        result = times ? time_all(rules, times) : answer_all(rules);
    postern_rules_close(rules);
    return result;
}
