/* Queries in TSV and in logs. */
#define _GNU_SOURCE /* memrchr */
#include "tools/input/query.h"

#include <string.h>

#include "tools/input/query_daemons.h"
#include "tools/input/query_json.h"

/* What a server writes of a host or an ident, before it cuts. */
enum { LOG_FIELD_MOST = 100 };

static struct postern_str
public_str(struct pn_str text)
{
    return (struct postern_str){ text.ptr, text.len };
}

/* Cuts the text at the first `byte`: what stands before it is returned. */
static struct pn_str
cut(struct pn_str *text, char byte)
{
    const char *at = text->len ? memchr(text->ptr, byte, text->len) : NULL;
    struct pn_str front = *text;

    if (at) {
        front.len = (size_t)(at - text->ptr);
        text->ptr = at + 1;
        text->len -= front.len + 1;
    } else {
        text->ptr += text->len;
        text->len = 0;
    }
    return front;
}

static struct postern_str
tsv_field(struct pn_str *line)
{
    bool there = line->len > 0;
    struct pn_str field = cut(line, '\t');

    if (!there || (field.len == 1 && field.ptr[0] == '-'))
        return (struct postern_str){ NULL, 0 };
    return public_str(field);
}

static void
parse_tsv(struct pn_query_line *out, struct pn_str line)
{
    pn_query_address(out, cut(&line, '\t'));
    if (out->kind != PN_QUERY_READ)
        return;
    out->query.host = tsv_field(&line);
    out->query.ident = tsv_field(&line);
    if (line.len) {
        out->kind = PN_QUERY_FAULTY;
        out->fault = "there are more than three fields";
    }
}

/* Is a text what was looked up, and not one with "?" for bytes, or one that was cut? */
static bool
is_exact(struct postern_str text)
{
    static const char cut_off[] = "...";
    const size_t size = sizeof(cut_off) - 1;

    return !text.len || (!memchr(text.ptr, '?', text.len) &&
                         !(text.len == LOG_FIELD_MOST + size &&
                           memcmp(text.ptr + text.len - size, cut_off, size) == 0));
}

/*
 * HOST:ADDRESS:IDENT:PORT, where an IPv6 address and an ident may hold colons too: the
 * port stands behind the last one, and the address is the longest text that is one. The
 * log writes nothing both for an empty ident and for none; it is taken for none. The
 * server looked up what it wrote: a classic file is asked with that text. What it could
 * not write as it was would be another client's.
 */
static void
parse_remote(struct pn_query_line *out, struct pn_str field)
{
    const char *end = memrchr(field.ptr, ':', field.len), *at;
    struct pn_str host;

    out->kind = PN_QUERY_FAULTY;
    out->fault = "this log line has no remote host and address";
    if (!end)
        return;
    field.len = (size_t)(end - field.ptr);
    host = cut(&field, ':');
    at = field.ptr + field.len;
    while ((at = memrchr(field.ptr, ':', (size_t)(at - field.ptr)))) {
        pn_query_address(out, (struct pn_str){ field.ptr, (size_t)(at - field.ptr) });
        if (out->kind == PN_QUERY_READ)
            break;
    }
    if (out->kind != PN_QUERY_READ)
        return;
    out->query.remote_text.ptr = field.ptr;
    out->query.remote_text.len = (size_t)(at - field.ptr);
    if (host.len)
        out->query.host = public_str(host);
    if (at + 1 < end)
        out->query.ident = (struct postern_str){ at + 1, (size_t)(end - at - 1) };
    if (!is_exact(out->query.host) || !is_exact(out->query.ident)) {
        out->kind = PN_QUERY_FAULTY;
        out->fault = "this log line does not tell the host or the ident as it was";
    }
}

/* `line` is what follows "tcpserver: ": ok PID LOCAL REMOTE, or deny PID LOCAL REMOTE.
 */
static void
parse_log(struct pn_query_line *out, struct pn_str line)
{
    struct pn_str word = cut(&line, ' ');
    bool is_connection = (word.len == 2 && memcmp(word.ptr, "ok", 2) == 0) ||
                         (word.len == 4 && memcmp(word.ptr, "deny", 4) == 0);

    if (!is_connection)
        return;
    out->was_denied = word.len == 4;
    cut(&line, ' ');
    cut(&line, ' ');
    parse_remote(out, cut(&line, ' '));
}

/* Do these bytes in front of a colon name our server, or the original? */
static bool
is_server(const char *name)
{
    return memcmp(name + 3, "server", 6) == 0 &&
           (memcmp(name, "tcp", 3) == 0 || memcmp(name, "udp", 3) == 0);
}

/*
 * What follows "tcpserver: " or "udpserver: ", or NULL. Colons are few where that
 * stands, so that it is looked for from one to the next. `*first` is the first colon
 * with a blank behind it, or NULL.
 */
static const char *
log_find(struct pn_str line, const char **first)
{
    const ptrdiff_t front = 9; /* what stands before the colon */
    const char *at = line.ptr, *end = line.ptr + line.len;

    *first = NULL;
    for (; (at = memchr(at, ':', (size_t)(end - at))); at++) {
        if (end - at < 2 || at[1] != ' ')
            continue;
        if (!*first)
            *first = at;
        if (at - line.ptr >= front && is_server(at - front))
            return at + 2;
    }
    return NULL;
}

/*
 * Where an object of a server's log begins, or NULL. A logger may have put a time in
 * front, but no program that wrote what looks like a line of the other kind.
 */
static const char *
object_find(struct pn_str line)
{
    static const char mark[] = "{\"event\": \"";
    const char *at = memchr(line.ptr, '{', line.len), *colon;
    size_t front = at ? (size_t)(at - line.ptr) : 0;

    if (!at || line.len - front < sizeof(mark) - 1 ||
        memcmp(at, mark, sizeof(mark) - 1) != 0 ||
        log_find((struct pn_str){ line.ptr, front }, &colon))
        return NULL;
    return at;
}

static void
line_parse(struct pn_query_line *out, struct pn_str line)
{
    const char *log, *object, *colon;

    out->kind = PN_QUERY_NONE;
    out->is_log = out->was_denied = out->is_start = false;
    out->writer = PN_LOG_SERVER;
    out->service = (struct pn_str){ "", 0 };
    out->fault = NULL;
    out->query = (struct postern_query)POSTERN_QUERY_INIT;
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (!line.len || line.ptr[0] == '#')
        return;
    object = line.ptr[0] == '{' ? line.ptr : out->no_objects ? NULL : object_find(line);
    if (object) {
        pn_query_parse_json(
            out, (struct pn_str){ object, line.len - (size_t)(object - line.ptr) });
        return;
    }
    log = log_find(line, &colon);
    if (log) {
        out->is_log = true;
        parse_log(out, (struct pn_str){ log, line.len - (size_t)(log - line.ptr) });
    } else if (!colon ||
               !pn_query_parse_daemon(out, line, (size_t)(colon - line.ptr))) {
        parse_tsv(out, line);
    }
}

void
pn_query_parse(struct pn_query_line *out, struct pn_str line)
{
    line_parse(out, line);
    if (out->kind == PN_QUERY_READ &&
        out->query.host.len + out->query.ident.len > PN_QUERY_TEXT_MAX) {
        out->kind = PN_QUERY_FAULTY;
        out->fault = "the host or the ident is too long";
    }
}
