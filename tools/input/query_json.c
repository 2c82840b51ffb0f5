/*
 * A query as one JSON object (RFC 8259) of strings; other members are read and left. An
 * object of a server's log (docs/schema/log.json) is a query when it tells of a
 * connection that its rules have decided.
 */
#include "tools/input/query_json.h"

#include <string.h>

#include "base/utf8.h"

enum { DEPTH_MAX = 32 };

/* What is left of the line, and the first thing that is wrong with it. */
struct scan {
    const char *at, *end;
    const char *fault;
    struct pn_buffer *decoded;
};

static void
fail(struct scan *scan, const char *fault)
{
    if (!scan->fault)
        scan->fault = fault;
    scan->at = scan->end;
}

static char
peek(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
        scan->at++;
    if (scan->at < scan->end)
        return *scan->at;
    return '\0';
}

static bool
take(struct scan *scan, char byte)
{
    if (peek(scan) != byte)
        return false;
    scan->at++;
    return true;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static uint32_t
hex4(struct scan *scan)
{
    uint32_t code = 0;

    for (int i = 0; i < 4; i++) {
        int digit = scan->at < scan->end ? hex_digit(*scan->at) : -1;
        if (digit < 0) {
            fail(scan, "\\u wants four hexadecimal digits");
            return 0;
        }
        code = code << 4 | (uint32_t)digit;
        scan->at++;
    }
    return code;
}

/* \udc80 to \udcff alone is a byte that was no UTF-8; a pair is one character. */
static void
decode_unicode(struct scan *scan)
{
    uint32_t code = hex4(scan);
    char bytes[4];

    if (code >= 0xdc80 && code <= 0xdcff) {
        unsigned char byte = (unsigned char)code;

        pn_buffer_add(scan->decoded, &byte, 1);
        return;
    }
    if (code >= 0xd800 && code < 0xdc00 && scan->end - scan->at >= 2 &&
        scan->at[0] == '\\' && scan->at[1] == 'u') {
        uint32_t low;

        scan->at += 2;
        low = hex4(scan);
        if (low < 0xdc00 || low > 0xdfff)
            fail(scan, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
    }
    if (code >= 0xd800 && code < 0xe000)
        fail(scan, "half of a surrogate pair");
    if (!scan->fault)
        pn_buffer_add(scan->decoded, bytes, pn_utf8_encode(code, bytes));
}

static void
decode_escape(struct scan *scan)
{
    static const char letters[] = "\"\\/nrtbf", values[] = "\"\\/\n\r\t\b\f";
    char letter = '\0';
    const char *at;

    if (scan->at < scan->end)
        letter = *scan->at++;
    at = letter ? strchr(letters, letter) : NULL;
    if (letter == 'u')
        decode_unicode(scan);
    else if (at)
        pn_buffer_add(scan->decoded, &values[at - letters], 1);
    else
        fail(scan, "an escape that JSON does not know");
}

/* A string, decoded; its place in the buffer, which may still move. */
static struct pn_span
string(struct scan *scan)
{
    uint32_t start = (uint32_t)scan->decoded->size;

    if (!take(scan, '"'))
        fail(scan, "a string is wanted here");
    while (scan->at < scan->end && *scan->at != '"') {
        if ((unsigned char)*scan->at < 0x20) {
            fail(scan, "a control byte in a string");
        } else if (*scan->at == '\\') {
            scan->at++;
            decode_escape(scan);
        } else {
            pn_buffer_add(scan->decoded, scan->at++, 1);
        }
    }
    if (scan->at >= scan->end)
        fail(scan, "a string without its end");
    else
        scan->at++;
    return (struct pn_span){ start, (uint32_t)scan->decoded->size - start };
}

/* Skips an unknown value: strings are parsed, anything else by its brackets. */
static void
skip_value(struct scan *scan)
{
    size_t depth = 0;

    do {
        char c = peek(scan);

        if (c == '"') {
            string(scan);
        } else if (c == '{' || c == '[') {
            depth++;
            scan->at++;
        } else if (c == '}' || c == ']') {
            if (!depth--) {
                fail(scan, "a value is wanted here");
                return;
            }
            scan->at++;
        } else if (c) {
            scan->at++;
        }
        if (!c || depth > DEPTH_MAX)
            fail(scan, "a value without its end, or nested too deep");
        c = peek(scan);
        if (!depth && (c == ',' || c == '}'))
            return;
    } while (scan->at < scan->end);
}

static bool
take_null(struct scan *scan)
{
    if (peek(scan) != 'n' || scan->end - scan->at < 4 ||
        memcmp(scan->at, "null", 4) != 0)
        return false;
    scan->at += 4;
    return true;
}

/* The first three are of every query, the others of a log. */
enum { ADDRESS, HOST, IDENT, HOST_CUT, IDENT_CUT, EVENT, VERDICT, CLOCK, FIELDS };

static int
field_find(const struct pn_buffer *decoded, struct pn_span name)
{
    static const char *const names[FIELDS] = {
        [ADDRESS] = "address",   [HOST] = "host",           [IDENT] = "ident",
        [HOST_CUT] = "host_cut", [IDENT_CUT] = "ident_cut", [EVENT] = "event",
        [VERDICT] = "verdict",   [CLOCK] = "monotonic_us",
    };

    for (int i = 0; i < FIELDS; i++)
        if (name.size == strlen(names[i]) &&
            memcmp(decoded->bytes + name.offset, names[i], name.size) == 0)
            return i;
    return FIELDS;
}

static void
member(struct scan *scan, struct pn_span *fields, bool *there)
{
    struct pn_span name = string(scan);
    int field = scan->fault ? FIELDS : field_find(scan->decoded, name);

    if (!take(scan, ':'))
        fail(scan, "a : is wanted here");
    if (field == FIELDS) {
        skip_value(scan);
    } else if (field > IDENT && peek(scan) != '"') {
        skip_value(scan);
        there[field] = field == CLOCK;
    } else if (take_null(scan)) {
        there[field] = false;
    } else {
        fields[field] = string(scan);
        there[field] = true;
    }
}

static struct postern_str
field_text(const struct scan *scan, struct pn_span span, bool there)
{
    if (!there)
        return (struct postern_str){ NULL, 0 };
    if (!span.size) /* an empty answer is an answer: not NULL */
        return (struct postern_str){ "", 0 };
    return (struct postern_str){ scan->decoded->bytes + span.offset, span.size };
}

static bool
field_is(const struct scan *scan, struct pn_span span, const char *word)
{
    return span.size == strlen(word) &&
           memcmp(scan->decoded->bytes + span.offset, word, span.size) == 0;
}

/*
 * Of a log, as of the classic one: what a limit or a rate has refused is no query. A
 * host or an ident that was cut would be another client's. False when the line is none.
 */
static bool
log_take(struct pn_query_line *out, const struct scan *scan,
         const struct pn_span *fields, const bool *there)
{
    out->is_log = there[EVENT] && there[CLOCK];
    if (!out->is_log)
        return true;
    out->kind = PN_QUERY_NONE;
    if (!field_is(scan, fields[EVENT], "connection") || !there[VERDICT] ||
        (!field_is(scan, fields[VERDICT], "allow") &&
         !field_is(scan, fields[VERDICT], "deny")))
        return false;
    out->kind = PN_QUERY_FAULTY;
    out->fault = "this log line does not tell the host or the ident as it was";
    return !there[HOST_CUT] && !there[IDENT_CUT];
}

void
pn_query_parse_json(struct pn_query_line *out, struct pn_str line)
{
    struct scan scan = { line.ptr, line.ptr + line.len, NULL, &out->decoded };
    struct pn_span fields[FIELDS] = { { 0, 0 } };
    bool there[FIELDS] = { false };
    struct postern_str address;

    out->decoded.size = 0;
    if (!take(&scan, '{'))
        fail(&scan, "a { is wanted here");
    if (!take(&scan, '}')) {
        do
            member(&scan, fields, there);
        while (!scan.fault && take(&scan, ','));
        if (!take(&scan, '}'))
            fail(&scan, "a } is wanted here");
    }
    if (peek(&scan))
        fail(&scan, "something follows the object");
    if (out->decoded.failed)
        fail(&scan, "out of memory");
    out->kind = PN_QUERY_FAULTY;
    out->fault = scan.fault;
    if (scan.fault || !log_take(out, &scan, fields, there))
        return;
    address = field_text(&scan, fields[ADDRESS], there[ADDRESS]);
    pn_query_address(out, (struct pn_str){ address.ptr, address.len });
    if (out->is_log) /* a classic file was asked with this text */
        out->query.remote_text = address;
    out->query.host = field_text(&scan, fields[HOST], there[HOST]);
    out->query.ident = field_text(&scan, fields[IDENT], there[IDENT]);
}
