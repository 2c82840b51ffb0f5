/*
 * Text to tokens (re2c). The classic dialect: a line is a key, a colon, allow or deny, and
 * assignments. What a key or a value means is left to compiler/.
 */
#include <string.h>

#include "grammar/dialect.h"
#include "grammar/lexer_modes.h"
#include "grammar/parser.h"

/*!re2c
re2c:define:YYCTYPE  = "unsigned char";
re2c:define:YYCURSOR = cursor;
re2c:define:YYLIMIT  = limit;
re2c:define:YYMARKER = marker;
re2c:define:YYCTXMARKER = context;
re2c:yyfill:enable   = 0;
re2c:eof             = 0;

blank   = [ \t];
verdict = "allow" | "deny";
*/

void
pn_lexer_begin(struct pn_lexer *lexer, const struct pn_source *source,
               enum pn_dialect dialect)
{
    *lexer = (struct pn_lexer){
        .source = source,
        .mode = dialect == PN_CLASSIC ? PN_LEX_CLASSIC_LINE : PN_LEX_EXTENDED_HEADER,
        .last = PN_TOK_NEWLINE,
    };
}

/* The end of the current line without trailing blanks; computed once for a line. */
static uint32_t
line_end(struct pn_lexer *lexer)
{
    const char *text = lexer->source->text, *at = text + lexer->at, *end;

    if (lexer->line_end)
        return lexer->line_end;
    end = memchr(at, '\n', lexer->source->size - lexer->at);
    if (!end)
        end = text + lexer->source->size;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return lexer->line_end = (uint32_t)(end - text);
}

static struct pn_token
rest_of_line(struct pn_lexer *lexer, uint32_t from, int kind)
{
    return pn_lexer_token(lexer, from, line_end(lexer), kind);
}

static struct pn_token
at_end(struct pn_lexer *lexer, uint32_t at)
{
    return pn_lexer_token(lexer, at, at, PN_TOK_END);
}

/*
 * A line without a usable colon. The original skips it when it holds no colon at all, and
 * refuses it otherwise.
 */
static struct pn_token
no_key(struct pn_lexer *lexer, uint32_t from, bool colon)
{
    lexer->at = from;
    lexer->line_end = 0;
    if (line_end(lexer) == from)
        return at_end(lexer, from); /* blanks at the end of the file */
    lexer->mode = PN_LEX_CLASSIC_REST;
    return rest_of_line(lexer, from, colon ? PN_TOK_NO_VERDICT : PN_TOK_SKIPPED);
}

/*
 * The key ends at the first colon that allow or deny follows. Comments and lines of blanks
 * are gaps; a # further right is a byte of the key.
 */
static struct pn_token
classic_line(struct pn_lexer *lexer)
{
    const unsigned char *text = (const unsigned char *)lexer->source->text;
    const unsigned char *cursor = text + lexer->at, *limit = text + lexer->source->size;
    const unsigned char *marker, *context, *start;
    bool colon = false;

line:
    start = cursor;
    /*!re2c
    "#" [^\n]* "\n"?    { goto line; }
    blank* "\n"         { goto line; }
    blank+              { goto key; }
    ":" / verdict       { goto found; }
    ":"                 { colon = true; goto key; }
    [^:#\n \t]          { goto key; }
    $                   { return at_end(lexer, (uint32_t)(start - text)); }
    */
key:
    /*!re2c
    ":" / verdict       { goto found; }
    ":"                 { colon = true; goto key; }
    [^:\n]+             { goto key; }
    "\n"                { return no_key(lexer, (uint32_t)(start - text), colon); }
    $                   { return no_key(lexer, (uint32_t)(start - text), colon); }
    */
found:
    lexer->mode = PN_LEX_CLASSIC_REST;
    lexer->line_end = 0;
    return pn_lexer_token(lexer, (uint32_t)(start - text), (uint32_t)(cursor - text), PN_TOK_KEY);
}

/*
 * Mode of a value: the byte that opens it closes it, before the trailing blanks of the
 * line.
 */
static struct pn_token
classic_value(struct pn_lexer *lexer)
{
    uint32_t from = lexer->at, end = line_end(lexer);
    const char *text = lexer->source->text, *close;

    lexer->mode = PN_LEX_CLASSIC_REST;
    if (from >= end)
        return pn_lexer_token(lexer, from, from, PN_TOK_NO_VALUE);
    close = memchr(text + from + 1, text[from], end - from - 1);
    if (!close)
        return rest_of_line(lexer, from, PN_TOK_NO_END_QUOTE);
    return pn_lexer_token(lexer, from, (uint32_t)(close + 1 - text), PN_TOK_VALUE);
}

/* Mode behind the key. What fits nowhere is one token up to the end of the line. */
static struct pn_token
classic_rest(struct pn_lexer *lexer)
{
    const unsigned char *text = (const unsigned char *)lexer->source->text;
    const unsigned char *cursor = text + lexer->at, *limit = text + lexer->source->size;
    const unsigned char *marker;
    uint32_t from = lexer->at;
    int kind;

    /*!re2c
    "allow"             { kind = PN_TOK_ALLOW; goto done; }
    "deny"              { kind = PN_TOK_DENY; goto done; }
    "," [^=\n]* "="     { kind = PN_TOK_NAME; lexer->mode = PN_LEX_CLASSIC_VALUE; goto done; }
    "," [^=\n]*         { return rest_of_line(lexer, from, PN_TOK_NO_SIGN); }
    blank* "\n"         { kind = PN_TOK_NEWLINE; lexer->mode = PN_LEX_CLASSIC_LINE; goto done; }
    blank               { goto blanks; }
    [^]                 { return rest_of_line(lexer, from, PN_TOK_NO_COMMA); }
    $                   { kind = PN_TOK_NEWLINE; lexer->mode = PN_LEX_CLASSIC_LINE; goto done; }
    */
blanks: /* at the end of a file without a last newline, or before a stray byte */
    if (line_end(lexer) > from)
        return rest_of_line(lexer, from, PN_TOK_NO_COMMA);
    cursor = limit;
    kind = PN_TOK_NEWLINE;
    lexer->mode = PN_LEX_CLASSIC_LINE;
done:
    return pn_lexer_token(lexer, from, (uint32_t)(cursor - text), kind);
}

/* The header is found where the dialect is. */
struct pn_token
pn_lex_extended_header(struct pn_lexer *lexer)
{
    struct pn_header header;

    (void)pn_dialect_of(lexer->source, &header);
    lexer->mode = PN_LEX_EXTENDED_LEFT;
    return pn_lexer_token(lexer, header.span.offset, header.span.offset + header.span.size,
                          PN_TOK_HEADER);
}

struct pn_token
pn_lexer_next(struct pn_lexer *lexer)
{
    static struct pn_token (*const modes[])(struct pn_lexer *) = {
        [PN_LEX_CLASSIC_LINE] = classic_line,
        [PN_LEX_CLASSIC_REST] = classic_rest,
        [PN_LEX_CLASSIC_VALUE] = classic_value,
        [PN_LEX_EXTENDED_HEADER] = pn_lex_extended_header,
        [PN_LEX_EXTENDED_LEFT] = pn_lex_extended_left,
        [PN_LEX_EXTENDED_RIGHT] = pn_lex_extended_right,
        [PN_LEX_EXTENDED_NAME] = pn_lex_extended_name,
        [PN_LEX_EXTENDED_BY] = pn_lex_extended_by,
    };
    struct pn_token token = modes[lexer->mode](lexer);

    lexer->last = token.kind;
    return token;
}
