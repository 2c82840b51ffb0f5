/*
 * Text to tokens (re2c), the extended dialect: targets, a colon, and what they get. A line ends
 * a statement unless its last token is a comma. What a target means is left to compiler/.
 */
#include "grammar/lexer_modes.h"
#include "grammar/parser.h"

/*!re2c
re2c:define:YYCTYPE  = "unsigned char";
re2c:define:YYCURSOR = cursor;
re2c:define:YYLIMIT  = limit;
re2c:define:YYMARKER = marker;
re2c:yyfill:enable   = 0;
re2c:eof             = 0;

blank   = [ \t];
newline = "\r"? "\n";
comment = "#" [^\n]*;
quoted  = ["] ([^"\\\n] | "\\" [^\n])* ["];
open    = ["] ([^"\\\n] | "\\" [^\n])* "\\"? | ['] [^'\n]*;
raw     = ['] [^'\n]* ['];
ident   = ([A-Za-z0-9_.+-]+ | quoted) "@";
v6      = [0-9A-Fa-f]* ":" [0-9A-Fa-f]* ":" [0-9A-Fa-f:.]*;
range6  = v6 "-" v6;
slashed = v6 "/" [0-9]+;
boxed   = "[" [0-9A-Fa-f:.]* "]" ("/" [0-9]+)?;
plain   = [^! \t\r\n,:;#"'{}[\]()] [^ \t\r\n,:;#"'{}[\]()]*;
name    = [A-Za-z_] [A-Za-z0-9_]*;
amount  = "/"? [0-9] [^ \t\r\n,#"']* (",/" [0-9]+)?;
no      = "assuming" blank+ "no" blank+;
*/

/*
 * An IPv6 address takes all colons that follow. One that ends in a single colon has
 * taken the colon of the rule: a blank is missing before that.
 */
static struct pn_token
address6(struct pn_lexer *lexer, uint32_t from, uint32_t to)
{
    const char *text = lexer->source->text;

    if (text[to - 1] == ':' && text[to - 2] != ':')
        return pn_lexer_token(lexer, from, to, PN_TOK_NO_BLANK);
    return pn_lexer_token(lexer, from, to, PN_TOK_WORD);
}

/*
 * A line's end: of a statement, or a gap behind a comma and where nothing was begun. In
 * braces it is a token of its own, and the statement goes on.
 */
static bool
ends_statement(struct pn_lexer *lexer)
{
    bool ends = lexer->last != PN_TOK_COMMA && lexer->last != PN_TOK_NEWLINE;

    if (lexer->in_braces)
        return lexer->last != PN_TOK_NEWLINE;
    lexer->mode = ends ? PN_LEX_EXTENDED_LEFT : lexer->mode;
    return ends;
}

/*
 * A colon in braces, or a word that begins a statement: the set was left open. It is ended
 * before this line, which is read again.
 */
static struct pn_token
brace_missing(struct pn_lexer *lexer, uint32_t at)
{
    uint32_t line = at;
    struct pn_token token;

    while (line > 0 && lexer->source->text[line - 1] != '\n')
        line--;
    lexer->in_braces = false;
    if (lexer->opened_at < line)
        return pn_lexer_token(lexer, line, line, PN_TOK_UNCLOSED);
    token = pn_lexer_token(lexer, at, at + 1, PN_TOK_UNCLOSED);
    while (lexer->at < lexer->source->size && lexer->source->text[lexer->at] != '\n')
        lexer->at++; /* it began on this very line, of which no rule is left */
    return token;
}

static struct pn_token
keyword(struct pn_lexer *lexer, uint32_t from, uint32_t to, int kind)
{
    if (lexer->in_braces && lexer->last == PN_TOK_NEWLINE) /* no element is called so */
        return brace_missing(lexer, from);
    if (lexer->last != PN_TOK_NEWLINE || lexer->in_braces) /* not the first of its statement */
        return pn_lexer_token(lexer, from, to, PN_TOK_WORD);
    if (kind == PN_TOK_SET || kind == PN_TOK_ENV)
        lexer->mode = PN_LEX_EXTENDED_NAME;
    lexer->env = kind == PN_TOK_ENV;
    return pn_lexer_token(lexer, from, to, kind);
}

/* Ends a statement that the end of the file cuts off, so that it can be reported. */
static struct pn_token
at_end(struct pn_lexer *lexer, uint32_t at)
{
    bool cut_off = lexer->last != PN_TOK_NEWLINE;

    if (lexer->in_braces) {
        lexer->in_braces = false;
        lexer->mode = PN_LEX_EXTENDED_LEFT;
        return pn_lexer_token(lexer, at, at, PN_TOK_UNCLOSED);
    }
    return pn_lexer_token(lexer, at, at, cut_off ? PN_TOK_NEWLINE : PN_TOK_END);
}

/* The first sign behind the name is the definition's, whatever follows it. */
struct pn_token
pn_lex_extended_name(struct pn_lexer *lexer)
{
    const unsigned char *text = (const unsigned char *)lexer->source->text;
    const unsigned char *cursor = text + lexer->at, *limit = text + lexer->source->size;
    uint32_t from;
    int kind;

skip:
    from = (uint32_t)(cursor - text);
    /*!re2c
    blank+                    { goto skip; }
    name                      { kind = PN_TOK_NAMED; goto done; }
    "="                       { kind = PN_TOK_SIGN; goto done; }
    newline                   { kind = PN_TOK_NEWLINE; goto done; }
    [^]                       { kind = PN_TOK_BAD; goto done; }
    $                         { return at_end(lexer, from); }
    */
done:
    if (kind != PN_TOK_NAMED)
        lexer->mode = lexer->env && kind == PN_TOK_SIGN ? PN_LEX_EXTENDED_RIGHT
                                                        : PN_LEX_EXTENDED_LEFT;
    return pn_lexer_token(lexer, from, (uint32_t)(cursor - text), kind);
}

struct pn_token
pn_lex_extended_left(struct pn_lexer *lexer)
{
    const unsigned char *text = (const unsigned char *)lexer->source->text;
    const unsigned char *cursor = text + lexer->at, *limit = text + lexer->source->size;
    const unsigned char *marker;
    uint32_t from;
    int kind;

    if (lexer->last == PN_TOK_UNCLOSED)
        return pn_lexer_token(lexer, lexer->at, lexer->at, PN_TOK_NEWLINE);
skip:
    from = (uint32_t)(cursor - text);
    /*!re2c
    blank+ | comment          { goto skip; }
    newline                   { kind = PN_TOK_NEWLINE; goto line_end; }
    ","                       { kind = PN_TOK_COMMA; goto done; }
    ":"                       { kind = PN_TOK_COLON; goto done; }
    "{"                       { kind = PN_TOK_OPEN; goto done; }
    "}"                       { kind = PN_TOK_CLOSE; goto done; }
    "set"                     { kind = PN_TOK_SET; goto word; }
    "env"                     { kind = PN_TOK_ENV; goto word; }
    "include"                 { kind = PN_TOK_INCLUDE; goto word; }
    "expect"                  { kind = PN_TOK_EXPECT; goto word; }
    "always"                  { kind = PN_TOK_ALWAYS; goto word; }
    "!"                       { kind = PN_TOK_NOT; goto done; }
    "file"                    { kind = PN_TOK_LIST; goto done; }
    "except"                  { kind = PN_TOK_EXCEPT; goto done; }
    quoted | raw              { kind = PN_TOK_VALUE; goto done; }
    open                      { kind = PN_TOK_NO_END_QUOTE; goto done; }
    ident? (v6 | range6)      { return address6(lexer, from, (uint32_t)(cursor - text)); }
    ident? (slashed | boxed | plain) { kind = PN_TOK_WORD; goto done; }
    [^]                       { kind = PN_TOK_BAD; goto done; }
    $                         { return at_end(lexer, from); }
    */
word:
    return keyword(lexer, from, (uint32_t)(cursor - text), kind);
line_end:
    if (!ends_statement(lexer))
        goto skip;
done:
    if (kind == PN_TOK_WORD)
        kind = pn_lex_word(lexer, from, (uint32_t)(cursor - text));
    if (kind == PN_TOK_COLON && lexer->in_braces)
        return brace_missing(lexer, from);
    if (kind == PN_TOK_COLON)
        lexer->mode = PN_LEX_EXTENDED_RIGHT;
    if (kind == PN_TOK_OPEN || kind == PN_TOK_CLOSE)
        lexer->in_braces = kind == PN_TOK_OPEN;
    if (kind == PN_TOK_OPEN)
        lexer->opened_at = from;
    return pn_lexer_token(lexer, from, (uint32_t)(cursor - text), kind);
}

struct pn_token
pn_lex_extended_right(struct pn_lexer *lexer)
{
    const unsigned char *text = (const unsigned char *)lexer->source->text;
    const unsigned char *cursor = text + lexer->at, *limit = text + lexer->source->size;
    const unsigned char *marker;
    uint32_t from;
    int kind;

skip:
    from = (uint32_t)(cursor - text);
    /*!re2c
    blank+ | comment          { goto skip; }
    newline                   { kind = PN_TOK_NEWLINE; goto line_end; }
    ","                       { kind = PN_TOK_COMMA; goto done; }
    "allow"                   { kind = PN_TOK_ALLOW; goto done; }
    "deny"                    { kind = PN_TOK_DENY; goto done; }
    "block"                   { kind = PN_TOK_BLOCK; goto done; }
    name "=" / ["']           { kind = PN_TOK_SETTING; goto done; }
    "$" name                  { kind = PN_TOK_GROUP; goto done; }
    "!" name                  { kind = PN_TOK_UNSET; goto done; }
    "by"                      { kind = PN_TOK_BY; goto done; }
    no "host"                 { kind = PN_TOK_NO_HOST; goto done; }
    no "ident"                { kind = PN_TOK_NO_IDENT; goto done; }
    "limit"                   { kind = PN_TOK_LIMIT; goto done; }
    "rate"                    { kind = PN_TOK_RATE; goto done; }
    "per"                     { kind = PN_TOK_PER; goto done; }
    "reject"                  { kind = PN_TOK_REJECT; goto done; }
    "until"                   { kind = PN_TOK_UNTIL; goto done; }
    "owner"                   { kind = PN_TOK_OWNER; goto done; }
    "ticket"                  { kind = PN_TOK_TICKET; goto done; }
    "penalty"                 { kind = PN_TOK_PENALTY; goto done; }
    "no" blank+ "penalty"     { kind = PN_TOK_NO_PENALTY; goto done; }
    "signal"                  { kind = PN_TOK_SIGNAL; goto done; }
    amount                    { kind = PN_TOK_AMOUNT; goto done; }
    name                      { kind = PN_TOK_BAD; goto done; }
    quoted | raw              { kind = PN_TOK_VALUE; goto done; }
    open                      { kind = PN_TOK_NO_END_QUOTE; goto done; }
    [^]                       { kind = PN_TOK_BAD; goto done; }
    $                         { return at_end(lexer, from); }
    */
line_end:
    if (!ends_statement(lexer))
        goto skip;
done:
    if (kind == PN_TOK_BY)
        lexer->mode = PN_LEX_EXTENDED_BY;
    return pn_lexer_token(lexer, from, (uint32_t)(cursor - text), kind);
}

/* One target, as on the left; a line that ends here has left this mode itself. */
struct pn_token
pn_lex_extended_by(struct pn_lexer *lexer)
{
    struct pn_token token = pn_lex_extended_left(lexer);

    if (lexer->mode == PN_LEX_EXTENDED_BY)
        lexer->mode = PN_LEX_EXTENDED_RIGHT;
    return token;
}
