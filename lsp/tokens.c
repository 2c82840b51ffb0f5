/* Semantic tokens: what each word is, for colours. */
#include "base/sizes.h"
#include "grammar/parser.h"
#include "lsp/cursor.h"

/* In the order of PN_LSP_TOKEN_TYPES. */
enum type {
    TYPE_COMMENT,
    TYPE_KEYWORD,
    TYPE_STRING,
    TYPE_NUMBER,
    TYPE_OPERATOR,
    TYPE_VARIABLE,
    TYPE_PROPERTY,
    TYPE_ENUM_MEMBER,
    TYPE_TYPE,
    TYPE_MACRO,
    TYPE_NONE
};

enum { DECLARED = 1 };

/* What a token of a kind is; a WORD is looked at, and so is a KEY. */
static const struct {
    int kind;
    uint8_t type, modifiers;
} types[] = {
    { PN_TOK_ALLOW, TYPE_ENUM_MEMBER, 0 },
    { PN_TOK_DENY, TYPE_ENUM_MEMBER, 0 },
    { PN_TOK_BLOCK, TYPE_ENUM_MEMBER, 0 },
    { PN_TOK_NAME, TYPE_PROPERTY, 0 },
    { PN_TOK_SETTING, TYPE_PROPERTY, 0 },
    { PN_TOK_UNSET, TYPE_PROPERTY, 0 },
    { PN_TOK_VALUE, TYPE_STRING, 0 },
    { PN_TOK_NO_END_QUOTE, TYPE_STRING, 0 }, /* while it is typed */
    { PN_TOK_NO_BLANK, TYPE_NUMBER, 0 },
    { PN_TOK_HEADER, TYPE_MACRO, 0 },
    { PN_TOK_SET, TYPE_KEYWORD, 0 },
    { PN_TOK_ENV, TYPE_KEYWORD, 0 },
    { PN_TOK_INCLUDE, TYPE_KEYWORD, 0 },
    { PN_TOK_LIST, TYPE_KEYWORD, 0 },
    { PN_TOK_AT, TYPE_KEYWORD, 0 },
    { PN_TOK_LEAST, TYPE_KEYWORD, 0 },
    { PN_TOK_MOST, TYPE_KEYWORD, 0 },
    { PN_TOK_COUNT, TYPE_NUMBER, 0 },
    { PN_TOK_EXCEPT, TYPE_KEYWORD, 0 },
    { PN_TOK_EXPECT, TYPE_KEYWORD, 0 },
    { PN_TOK_ALWAYS, TYPE_KEYWORD, 0 },
    { PN_TOK_NO_HOST, TYPE_KEYWORD, 0 },
    { PN_TOK_NO_IDENT, TYPE_KEYWORD, 0 },
    { PN_TOK_BY, TYPE_KEYWORD, 0 },
    { PN_TOK_LIMIT, TYPE_KEYWORD, 0 },
    { PN_TOK_RATE, TYPE_KEYWORD, 0 },
    { PN_TOK_PER, TYPE_KEYWORD, 0 },
    { PN_TOK_REJECT, TYPE_KEYWORD, 0 },
    { PN_TOK_UNTIL, TYPE_KEYWORD, 0 },
    { PN_TOK_OWNER, TYPE_KEYWORD, 0 },
    { PN_TOK_TICKET, TYPE_KEYWORD, 0 },
    { PN_TOK_PENALTY, TYPE_KEYWORD, 0 },
    { PN_TOK_NO_PENALTY, TYPE_KEYWORD, 0 },
    { PN_TOK_SIGNAL, TYPE_KEYWORD, 0 },
    { PN_TOK_NAMED, TYPE_VARIABLE, DECLARED },
    { PN_TOK_GROUP, TYPE_VARIABLE, 0 },
    { PN_TOK_AMOUNT, TYPE_NUMBER, 0 },
    { PN_TOK_NOT, TYPE_OPERATOR, 0 },
    { PN_TOK_SIGN, TYPE_OPERATOR, 0 },
};

/* Tokens as they are sent: each counted from the one before. */
struct sent {
    const struct pn_cursor *cursor;
    json_t *data;
    struct pn_span wanted;
    struct pn_place last;
    bool good;
};

/* The target of a word, without its ident: a set, a host, or addresses. */
static enum type
type_of_word(struct pn_str word)
{
    const char *at = memchr(word.ptr, '@', word.len);

    if (at && (size_t)(at - word.ptr) + 1 < word.len)
        word = pn_str_from(word, (size_t)(at - word.ptr) + 1);
    switch (word.len ? word.ptr[0] : '\0') {
    case '$':
        return TYPE_VARIABLE;
    case '=':
        return TYPE_TYPE;
    case '*':
        return TYPE_OPERATOR;
    default:
        return TYPE_NUMBER;
    }
}

/* The key of a classic rule, with its colon: a host, addresses, or all that is left. */
static enum type
type_of_key(struct pn_str key)
{
    if (key.len == 1)
        return TYPE_OPERATOR;
    return type_of_word(key) == TYPE_TYPE ? TYPE_TYPE : TYPE_NUMBER;
}

static void
number_send(struct sent *sent, uint32_t number)
{
    sent->good = sent->good && pn_json_add(sent->data, json_integer(number));
}

/* One that lies in one line, as all do but what a quote has left open. */
static void
send(struct sent *sent, struct pn_span span, enum type type, unsigned modifiers)
{
    const struct pn_lsp_view *view = &sent->cursor->view;
    struct pn_place from, to;

    if (span.offset < sent->wanted.offset ||
        span.offset + span.size > sent->wanted.offset + sent->wanted.size)
        return;
    from = pn_lines_place(view->lines, view->text, view->encoding, span.offset);
    to = pn_lines_place(view->lines, view->text, view->encoding,
                        span.offset + span.size);
    if (from.line != to.line || from.character == to.character)
        return;
    number_send(sent, from.line - sent->last.line);
    number_send(sent, from.line == sent->last.line
                          ? from.character - sent->last.character
                          : from.character);
    number_send(sent, to.character - from.character);
    number_send(sent, type);
    number_send(sent, modifiers);
    sent->last = from;
}

/* Comments stand between tokens of an extended text, and are lines of a classic one. */
static void
comments_send(struct sent *sent, uint32_t from, uint32_t to)
{
    struct pn_str text = sent->cursor->view.text;

    for (uint32_t at = from; at < to; at++) {
        uint32_t end = at;

        if (text.ptr[at] != '#')
            continue;
        while (end < to && text.ptr[end] != '\n' && text.ptr[end] != '\r')
            end++;
        send(sent, (struct pn_span){ at, end - at }, TYPE_COMMENT, 0);
        at = end;
    }
}

static void
token_send(struct sent *sent, struct pn_token token)
{
    struct pn_span span = pn_token_span(token);
    struct pn_str text = pn_source_slice(sent->cursor->document->tree.source, span);

    if (token.kind == PN_TOK_WORD)
        send(sent, span, type_of_word(text), 0);
    if (token.kind == PN_TOK_KEY) {
        span.size -= span.size > 1;
        send(sent, span, type_of_key(text), 0);
    }
    for (size_t i = 0; i < PN_COUNT_OF(types); i++)
        if (types[i].kind == token.kind) {
            /* a classic name has its comma in front, and both have their sign */
            if (token.kind == PN_TOK_NAME && span.size > 2)
                span = (struct pn_span){ span.offset + 1, span.size - 2 };
            else if (token.kind == PN_TOK_SETTING && span.size > 1)
                span.size--;
            send(sent, span, types[i].type, types[i].modifiers);
            return;
        }
}

static void
tokens_send(struct pn_rpc_call *call, const struct pn_cursor *cursor,
            struct pn_span wanted)
{
    const struct pn_tree *tree = &cursor->document->tree;
    struct sent sent = { cursor, json_array(), wanted, { 0, 0 }, true };
    uint32_t from = 0;

    for (size_t i = 0; i < tree->token_count && sent.good; i++) {
        struct pn_token token = tree->tokens[i];

        if (token.offset < from)
            continue; /* behind a fault a line is read again */
        if (token.offset > from)
            comments_send(&sent, from, token.offset);
        if (token.offset >= from) /* a line that a set left open is read again */
            token_send(&sent, token);
        if (token.offset + token.size > from)
            from = token.offset + token.size;
    }
    if (tree->token_count || cursor->document->dialect == PN_CLASSIC)
        comments_send(&sent, from, (uint32_t)cursor->view.text.len);
    if (sent.data && sent.good)
        call->result = json_pack("{s:o}", "data", sent.data);
    else
        json_decref(sent.data);
    if (!call->result)
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
}

void
pn_lsp_tokens(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;

    if (pn_cursor_document(payload, call, &cursor))
        tokens_send(call, &cursor,
                    (struct pn_span){ 0, (uint32_t)cursor.view.text.len });
}

void
pn_lsp_tokens_range(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;
    struct pn_span span;

    if (!pn_cursor_document(payload, call, &cursor))
        return;
    if (pn_json_read_span(&cursor.view, json_object_get(call->params, "range"), &span))
        tokens_send(call, &cursor, span);
    else
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a range is wanted");
}
