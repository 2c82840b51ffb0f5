/*
 * Each line of an extended text becomes its tokens with canonical blanks between them,
 * and perhaps a comment. Then neighbours of one kind are aligned: at their colon or
 * equals sign, and at their comments.
 */
#include "analysis/format.h"

#include <string.h>

#include "analysis/format_classic.h"
#include "analysis/token_digest.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "base/vector.h"
#include "compiler/file_kind.h"
#include "grammar/lexer.h"
#include "grammar/parse.h"
#include "grammar/parser.h"

enum {
    INDENT = 4,
    FRONT_MAX =
        44,        /* columns; a wider front is not aligned, and does not move others */
    TEXT_MAX = 72, /* the same for the text before a comment */
    COMMENT_GAP = 2
};

/* Lines are aligned with neighbours of their own kind. */
enum kind {
    KIND_OTHER,
    KIND_BLANK,
    KIND_COMMENT, /* alone on its line; it does not separate neighbours */
    KIND_RULE,
    KIND_DEFINITION,
    KIND_ASSERTION
};

/* A line in the scratch buffer: its front, its tail from the colon or equals sign on,
 * and its comment, one after the other. */
struct line {
    size_t at;
    uint32_t front, tail, comment; /* sizes in bytes */
    uint32_t front_width, tail_width;
    uint8_t kind, indent;
    uint8_t pad; /* blanks after the front that align its tail with others */
};

struct format {
    const struct pn_source *source;
    struct pn_lexer lexer;
    struct pn_token token; /* the next token */
    struct pn_buffer text;
    struct line *lines;
    size_t count, capacity;
    int last; /* the kind of the previous token; NEWLINE at the start of a statement */
    bool in_braces;
    bool separated; /* in braces: a comma must come before the next element */
    bool opened;    /* the previous line ended in a brace */
    bool blank;     /* a blank line comes before the next line */
    bool failed;
};

/* The number of ASCII bytes at the start, counted eight at a time: nearly always most.
 * */
static uint32_t
ascii_front(const char *bytes, size_t size)
{
    uint64_t word;
    size_t at = 0;

    for (; size - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    return (uint32_t)at;
}

/* The width in columns, one for each UTF-8 character and each byte that is none. */
static uint32_t
width_of(const char *bytes, size_t size)
{
    uint32_t width = ascii_front(bytes, size), code;

    for (size_t at = width; at < size; width++) {
        size_t len = (unsigned char)bytes[at] < 0x80
                         ? 1
                         : pn_utf8_decode(bytes + at, size - at, &code);

        at += len ? len : 1;
    }
    return width;
}

static enum kind
kind_of(int token)
{
    switch (token) {
    case PN_TOK_SET:
    case PN_TOK_ENV:
        return KIND_DEFINITION;
    case PN_TOK_EXPECT:
    case PN_TOK_ALWAYS:
        return KIND_ASSERTION;
    case PN_TOK_HEADER:
    case PN_TOK_INCLUDE:
        return KIND_OTHER;
    default:
        return KIND_RULE;
    }
}

static bool
is_glued(int before, int token)
{
    return before == PN_TOK_NEWLINE || token == PN_TOK_COMMA || before == PN_TOK_NOT ||
           (before == PN_TOK_SETTING && token == PN_TOK_VALUE);
}

/* The version stays as it is, also one that is not known here. */
static void
header_write(struct format *f, struct pn_str header)
{
    size_t at = header.len;

    while (at && header.ptr[at - 1] >= '0' && header.ptr[at - 1] <= '9')
        at--;
    pn_buffer_add_text(&f->text, memchr(header.ptr, 'd', header.len) ? "postern:deny "
                                                                     : "postern: ");
    pn_buffer_add_str(&f->text, pn_str_from(header, at));
}

static void
token_write(struct format *f, struct pn_token token)
{
    const char *text = f->source->text + token.offset;

    if (token.kind == PN_TOK_HEADER)
        header_write(f, (struct pn_str){ text, token.size });
    else if (token.kind == PN_TOK_NO_HOST)
        pn_buffer_add_text(&f->text, "assuming no host");
    else if (token.kind == PN_TOK_NO_IDENT)
        pn_buffer_add_text(&f->text, "assuming no ident");
    else if (token.kind == PN_TOK_NO_PENALTY)
        pn_buffer_add_text(&f->text, "no penalty");
    else
        pn_buffer_add(&f->text, text, token.size);
}

/* Appends a token to the current line. In braces, commas are written between elements
 * and nowhere else. */
static void
token_add(struct format *f, size_t *tail_at, bool first)
{
    struct pn_token token = f->token;
    bool splits = token.kind == PN_TOK_COLON || token.kind == PN_TOK_SIGN;

    if (f->in_braces && token.kind == PN_TOK_COMMA) {
        f->separated = !first;
        return;
    }
    if (f->in_braces && f->separated && token.kind != PN_TOK_CLOSE && !first)
        pn_buffer_add_text(&f->text, ",");
    f->separated = false;
    if (splits && !*tail_at)
        *tail_at = f->text.size;
    else if (!first && !is_glued(f->last, token.kind))
        pn_buffer_add_text(&f->text, " ");
    token_write(f, token);
    if (token.kind == PN_TOK_OPEN || token.kind == PN_TOK_CLOSE)
        f->in_braces = token.kind == PN_TOK_OPEN;
}

/* The comment of a line, which comes after its last token. NULL for none. */
static const char *
comment_find(const char *from, const char *end)
{
    return from < end ? memchr(from, '#', (size_t)(end - from)) : NULL;
}

static const char *
trimmed(const char *from, const char *end)
{
    while (end > from && strchr(" \t\r", end[-1]))
        end--;
    return end;
}

static struct line *
line_push(struct format *f)
{
    if (!pn_vector_reserve(&f->lines, &f->capacity, f->count + 2, sizeof(*f->lines))) {
        f->failed = true;
        return NULL;
    }
    if (f->blank && f->count)
        f->lines[f->count++] = (struct line){ .kind = KIND_BLANK };
    f->blank = false;
    f->lines[f->count] = (struct line){ .at = f->text.size };
    return &f->lines[f->count++];
}

/* Takes the tokens that begin on the line; returns where the last of them ends. */
static const char *
tokens_take(struct format *f, struct line *line, const char *from, const char *end)
{
    const char *text = f->source->text, *behind = from;
    bool starts = f->last == PN_TOK_NEWLINE && !f->in_braces;
    bool goes_on = f->last == PN_TOK_COMMA || f->in_braces, first = true;
    size_t tail_at = 0, at = f->text.size;
    enum kind kind = starts ? kind_of(f->token.kind) : KIND_OTHER;

    line->indent = goes_on && f->token.kind != PN_TOK_CLOSE ? INDENT : 0;
    f->separated = false;
    f->opened = false;
    while (f->token.kind != PN_TOK_END && f->token.kind != PN_TOK_NEWLINE &&
           text + f->token.offset < end) {
        f->opened = f->token.kind == PN_TOK_OPEN;
        token_add(f, &tail_at, first);
        first &= f->text.size == at;
        behind = text + f->token.offset + f->token.size;
        f->last = f->token.kind;
        f->token = pn_lexer_next(&f->lexer);
    }
    if (f->token.kind == PN_TOK_NEWLINE && text + f->token.offset <= end) {
        f->last = PN_TOK_NEWLINE;
        f->token = pn_lexer_next(&f->lexer);
    }
    line->kind = (uint8_t)(tail_at ? kind : KIND_OTHER);
    line->front = (uint32_t)((tail_at ? tail_at : f->text.size) - at);
    line->tail = (uint32_t)(tail_at ? f->text.size - tail_at : 0);
    return behind;
}

/* One line of the source, without its newline. */
static void
line_take(struct format *f, const char *from, const char *end)
{
    bool tokens = f->token.kind != PN_TOK_END &&
                  f->source->text + f->token.offset < end &&
                  f->token.kind != PN_TOK_NEWLINE;
    bool blank = f->blank && !f->opened;
    const char *comment = tokens ? NULL : comment_find(from, end);
    size_t at = f->text.size;
    struct line *line;

    if (!tokens && f->token.kind == PN_TOK_NEWLINE &&
        f->source->text + f->token.offset <= end) {
        f->last = PN_TOK_NEWLINE; /* an empty line in braces */
        f->token = pn_lexer_next(&f->lexer);
    }
    if (!tokens && !comment) {
        f->blank = trimmed(from, end) == from ? true : f->blank;
        return;
    }
    f->blank = blank && f->token.kind != PN_TOK_CLOSE;
    line = line_push(f);
    if (!line)
        return;
    line->kind = KIND_COMMENT;
    line->indent = f->last == PN_TOK_COMMA || f->in_braces ? INDENT : 0;
    if (tokens)
        comment = comment_find(tokens_take(f, line, from, end), end);
    if (comment)
        pn_buffer_add(&f->text, comment, (size_t)(trimmed(comment, end) - comment));
    line->comment = (uint32_t)(f->text.size - at) - line->front - line->tail;
    if (!f->text.failed && f->text.size == at)
        f->count--; /* there were only commas, in braces */
    if (f->text.failed)
        return;
    line->front_width = line->indent + width_of(f->text.bytes + at, line->front);
    line->tail_width = width_of(f->text.bytes + at + line->front, line->tail);
}

static void
lines_take(struct format *f)
{
    const char *at = f->source->text, *end = at + f->source->size;

    if (f->source->size >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    pn_lexer_begin(&f->lexer, f->source, PN_EXTENDED);
    f->last = PN_TOK_NEWLINE;
    f->token = pn_lexer_next(&f->lexer);
    while (at < end && !f->failed && !f->text.failed) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline ? newline : end;

        line_take(f, at, line_end);
        at = line_end + 1;
    }
}

/* The width of the fronts of a run that begins at `first`. *end is where it ends. */
static uint32_t
front_column(const struct format *f, size_t first, size_t *end)
{
    uint8_t kind = f->lines[first].kind;
    uint32_t width = 0;
    size_t i = first;

    for (; i < f->count; i++) {
        const struct line *line = &f->lines[i];

        if (line->kind != kind && line->kind != KIND_COMMENT)
            break;
        if (line->kind == kind && line->front_width <= FRONT_MAX &&
            line->front_width > width)
            width = line->front_width;
    }
    *end = i;
    return width;
}

static void
fronts_align(struct format *f)
{
    for (size_t i = 0, end; i < f->count; i = end) {
        uint32_t width;

        end = i + 1;
        if (f->lines[i].kind < KIND_RULE)
            continue;
        width = front_column(f, i, &end);
        for (size_t k = i; k < end; k++)
            if (f->lines[k].kind >= KIND_RULE && f->lines[k].front_width < width)
                f->lines[k].pad = (uint8_t)(width - f->lines[k].front_width);
    }
}

/* The width in columns of what comes before a comment, with aligned fronts. */
static uint32_t
text_width(const struct line *line)
{
    return line->front_width + line->pad + (line->tail ? 1 + line->tail_width : 0);
}

static bool
is_commented(const struct line *line)
{
    return line->comment && (line->front || line->tail);
}

static void
blanks(struct pn_buffer *out, size_t count)
{
    static const char some[] = "                ";

    for (; count > sizeof(some) - 1; count -= sizeof(some) - 1)
        pn_buffer_add(out, some, sizeof(some) - 1);
    pn_buffer_add(out, some, count);
}

/* The column for the comments of a run of lines that all have one. *end is where it
 * ends. */
static uint32_t
comment_column(const struct format *f, size_t first, size_t *end)
{
    uint32_t width = 0;
    size_t i = first;

    for (; i < f->count && is_commented(&f->lines[i]); i++) {
        uint32_t text = text_width(&f->lines[i]);

        if (text <= TEXT_MAX && text > width)
            width = text;
    }
    *end = i;
    return width + COMMENT_GAP;
}

static void
line_write(const struct format *f, const struct line *line, uint32_t column,
           struct pn_buffer *out)
{
    const char *at = f->text.bytes + line->at;
    size_t start = line->front || line->tail || line->comment ? line->indent : 0;

    blanks(out, start);
    pn_buffer_add(out, at, line->front);
    if (line->tail) {
        blanks(out, (size_t)line->pad + 1);
        pn_buffer_add(out, at + line->front, line->tail);
    }
    if (is_commented(line)) {
        uint32_t text = text_width(line);

        blanks(out, column > text + COMMENT_GAP ? column - text : COMMENT_GAP);
    }
    pn_buffer_add(out, at + line->front + line->tail, line->comment);
    pn_buffer_add(out, "\n", 1);
}

static void
lines_write(const struct format *f, struct pn_buffer *out)
{
    uint32_t column = 0;

    for (size_t i = 0, end = 0; i < f->count; i++) {
        if (i >= end && is_commented(&f->lines[i]))
            column = comment_column(f, i, &end);
        line_write(f, &f->lines[i], column, out);
    }
}

static void
format_extended(const struct pn_source *source, struct pn_buffer *out)
{
    struct format f = { .source = source };

    lines_take(&f);
    if (!f.failed && !f.text.failed) {
        fronts_align(&f);
        lines_write(&f, out);
    }
    out->failed |= f.failed || f.text.failed;
    pn_buffer_free(&f.text);
    pn_free(f.lines);
}

/* A pn_statement_fn that does nothing: the question is only whether the text parses. */
static bool
statement_pass(void *payload, const struct pn_tree *tree,
               const struct pn_node *statement)
{
    (void)payload;
    (void)tree;
    (void)statement;
    return true;
}

struct pn_format_half
pn_format_parse(const struct pn_source *source, struct pn_diags *diags)
{
    struct pn_diags whole = { .limit = 1 };
    enum pn_dialect dialect = pn_dialect_of(source, NULL);
    bool good = pn_parse_stream(source, dialect, diags, statement_pass, NULL);

    if (dialect == PN_CLASSIC)
        pn_file_kind_tell(source, &whole);
    good = good && !whole.failed;
    if (diags->errors || pn_file_kind_is_no_text(&whole))
        pn_diags_become(diags, &whole);
    pn_diags_clear(&whole);
    if (!good)
        return (struct pn_format_half){ .result = PN_FORMAT_MEMORY };
    if (diags->errors)
        return (struct pn_format_half){ .result = PN_FORMAT_REFUSED };
    return (struct pn_format_half){ PN_FORMAT_OK, pn_token_digest_of(source) };
}

struct pn_format_half
pn_format_layout(const struct pn_source *source, struct pn_buffer *out)
{
    const struct pn_format_half no_memory = { .result = PN_FORMAT_MEMORY };
    size_t start = out->size;
    struct pn_source after;

    if (!pn_buffer_reserve(out, source->size + source->size / 4 + 1))
        return no_memory;
    if (pn_dialect_of(source, NULL) == PN_EXTENDED)
        format_extended(source, out);
    else
        pn_format_classic(source, out);
    pn_buffer_add(out, "", 1); /* a NUL, where the lexer stops */
    if (out->failed)
        return no_memory;
    out->size--;
    after = (struct pn_source){ .name = source->name,
                                .text = out->bytes + start,
                                .size = out->size - start };
    return (struct pn_format_half){ PN_FORMAT_OK, pn_token_digest_of(&after) };
}

enum pn_format_result
pn_format_both(struct pn_format_half parsed, struct pn_format_half laid)
{
    if (parsed.result != PN_FORMAT_OK)
        return parsed.result;
    if (laid.result != PN_FORMAT_OK)
        return laid.result;
    return parsed.tokens == laid.tokens ? PN_FORMAT_OK : PN_FORMAT_MISMATCH;
}

enum pn_format_result
pn_format_text(const struct pn_source *source, struct pn_diags *diags,
               struct pn_buffer *out)
{
    struct pn_format_half parsed = pn_format_parse(source, diags);

    if (parsed.result != PN_FORMAT_OK)
        return parsed.result;
    return pn_format_both(parsed, pn_format_layout(source, out));
}
