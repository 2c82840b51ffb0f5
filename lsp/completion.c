/* What may stand at the cursor: words of the language, and names that the policy has.
 */
#include <string.h>

#include "analysis/lint/checks.h"
#include "analysis/lint/variables.h"
#include "base/ascii.h"
#include "base/intern.h"
#include "base/sizes.h"
#include "grammar/parser.h"
#include "lsp/names.h"
#include "lsp/terms.h"

/* So many are offered; whoever types on is asked for again. */
enum { OFFERED_MAX = 200, CHECKED_MAX = 200000 };

/* Numbers of the protocol. */
enum item_kind {
    ITEM_FUNCTION = 3,
    ITEM_VARIABLE = 6,
    ITEM_VALUE = 12,
    ITEM_KEYWORD = 14,
    ITEM_REFERENCE = 18,
    ITEM_ENUM_MEMBER = 20,
    ITEM_CONSTANT = 21
};

/* Where the cursor is in its statement. */
enum slot {
    SLOT_NOTHING,
    SLOT_FIRST,   /* a statement begins */
    SLOT_TARGET,  /* left of the colon */
    SLOT_VERDICT, /* first behind it */
    SLOT_SETTING, /* behind a comma there */
    SLOT_CLAIM,   /* in what a claim says */
    SLOT_UNSET,   /* there, behind ! */
    SLOT_PER,     /* behind how many */
    SLOT_BITS,    /* behind per */
    SLOT_CLASSIC_VERDICT,
    SLOT_CLASSIC_SETTING,
    SLOT_IGNORED /* names of findings, in a comment */
};

struct completion {
    struct pn_lsp *server;
    struct pn_rpc_call *call;
    struct pn_cursor cursor;
    enum slot slot;
    struct pn_span word; /* that is replaced: up to the cursor */
    struct pn_str begun; /* its text */
    struct pn_intern known;
    json_t *items;
    bool is_cut, failed;
};

static bool
begins(struct pn_str text, struct pn_str front)
{
    if (front.len > text.len)
        return false;
    for (size_t i = 0; i < front.len; i++)
        if (pn_lower(text.ptr[i]) != pn_lower(front.ptr[i]))
            return false;
    return true;
}

/* Offers a text, once, if it begins with what was typed. */
static void
offer(struct completion *c, struct pn_str text, enum item_kind kind, const char *detail)
{
    size_t before = c->known.count;
    uint32_t number;
    json_t *item;

    if (c->failed || c->is_cut || !begins(text, c->begun))
        return;
    if (!pn_intern_add(&c->known, text.ptr, text.len, &number)) {
        c->failed = true;
        return;
    }
    if (c->known.count == before)
        return;
    if (json_array_size(c->items) >= OFFERED_MAX) {
        c->is_cut = true;
        return;
    }
    item = json_pack("{s:o, s:i, s:o}", "label", pn_json_text(text), "kind", (int)kind,
                     "textEdit", pn_json_edit(&c->cursor.view, c->word, text));
    if (item && detail)
        (void)pn_json_set(item, "detail", json_string(detail));
    c->failed = !pn_json_add(c->items, item);
}

/* A text that is put together. */
static void
offer_made(struct completion *c, const char *front, struct pn_str name,
           const char *back, enum item_kind kind)
{
    struct pn_buffer text = { 0 };

    pn_buffer_add_text(&text, front);
    pn_buffer_add_str(&text, name);
    pn_buffer_add_text(&text, back);
    c->failed |= text.failed;
    if (!text.failed)
        offer(c, pn_str_of(&text), kind, NULL);
    pn_buffer_free(&text);
}

/* Words of the language, by where they stand; helped by terms.c. */
static const struct {
    enum slot slot;
    uint8_t kind;
    const char *text;
} words[] = {
    { SLOT_FIRST, ITEM_KEYWORD, "set" },
    { SLOT_FIRST, ITEM_KEYWORD, "env" },
    { SLOT_FIRST, ITEM_KEYWORD, "include" },
    { SLOT_FIRST, ITEM_KEYWORD, "expect" },
    { SLOT_FIRST, ITEM_KEYWORD, "always" },
    { SLOT_TARGET, ITEM_KEYWORD, "file" },
    { SLOT_TARGET, ITEM_KEYWORD, "except" },
    { SLOT_TARGET, ITEM_CONSTANT, "*" },
    { SLOT_VERDICT, ITEM_ENUM_MEMBER, "allow" },
    { SLOT_VERDICT, ITEM_ENUM_MEMBER, "deny" },
    { SLOT_VERDICT, ITEM_ENUM_MEMBER, "block" },
    { SLOT_CLASSIC_VERDICT, ITEM_ENUM_MEMBER, "allow" },
    { SLOT_CLASSIC_VERDICT, ITEM_ENUM_MEMBER, "deny" },
    { SLOT_SETTING, ITEM_KEYWORD, "limit" },
    { SLOT_SETTING, ITEM_KEYWORD, "rate" },
    { SLOT_SETTING, ITEM_KEYWORD, "reject" },
    { SLOT_SETTING, ITEM_KEYWORD, "until" },
    { SLOT_SETTING, ITEM_KEYWORD, "owner" },
    { SLOT_SETTING, ITEM_KEYWORD, "ticket" },
    { SLOT_SETTING, ITEM_KEYWORD, "penalty" },
    { SLOT_SETTING, ITEM_KEYWORD, "no penalty" },
    { SLOT_CLAIM, ITEM_ENUM_MEMBER, "allow" },
    { SLOT_CLAIM, ITEM_ENUM_MEMBER, "deny" },
    { SLOT_CLAIM, ITEM_ENUM_MEMBER, "block" },
    { SLOT_CLAIM, ITEM_KEYWORD, "by" },
    { SLOT_CLAIM, ITEM_KEYWORD, "limit" },
    { SLOT_CLAIM, ITEM_KEYWORD, "rate" },
    { SLOT_CLAIM, ITEM_KEYWORD, "reject" },
    { SLOT_CLAIM, ITEM_KEYWORD, "penalty" },
    { SLOT_CLAIM, ITEM_KEYWORD, "no penalty" },
    { SLOT_CLAIM, ITEM_KEYWORD, "assuming no host" },
    { SLOT_CLAIM, ITEM_KEYWORD, "assuming no ident" },
    { SLOT_UNSET, ITEM_KEYWORD, "limit" },
    { SLOT_UNSET, ITEM_KEYWORD, "rate" },
    { SLOT_UNSET, ITEM_KEYWORD, "reject" },
    { SLOT_UNSET, ITEM_KEYWORD, "penalty" },
    { SLOT_PER, ITEM_KEYWORD, "per" },
    { SLOT_BITS, ITEM_VALUE, "/32,/128" },
    { SLOT_BITS, ITEM_VALUE, "/32,/64" },
    { SLOT_BITS, ITEM_VALUE, "/24,/56" },
    { SLOT_BITS, ITEM_VALUE, "/24,/48" },
};

static const char *
help_of(const char *word)
{
    const struct pn_signature *row;

    for (size_t i = 0; (row = pn_signature_at(i)); i++)
        if (strcmp(row->word, word) == 0)
            return row->help;
    return NULL;
}

static void
offer_words(struct completion *c)
{
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (words[i].slot == c->slot ||
            (c->slot == SLOT_FIRST && words[i].slot == SLOT_TARGET &&
             strcmp(words[i].text, "except") != 0))
            offer(c, pn_str_of_text(words[i].text), words[i].kind,
                  help_of(words[i].text));
}

static bool
is_left(const struct completion *c)
{
    return c->slot == SLOT_FIRST || c->slot == SLOT_TARGET;
}

/* What follows a variable: behind ! it is the name alone. */
static const char *
value_of(const struct completion *c)
{
    return c->slot == SLOT_UNSET ? "" : "=\"\"";
}

/* What a token of the policy offers at the slot. */
static void
offer_token(struct completion *c, const struct pn_tree *tree, uint32_t number)
{
    struct pn_token token = tree->tokens[number];
    struct pn_str text = pn_token_text(tree, number);
    bool takes_variables = c->slot == SLOT_SETTING || c->slot == SLOT_CLAIM ||
                           c->slot == SLOT_UNSET || c->slot == SLOT_CLASSIC_SETTING;
    const char *value = value_of(c);

    if (token.offset + token.size >= c->cursor.offset &&
        token.offset <= c->cursor.offset && tree == &c->cursor.document->tree)
        return; /* it is what is being typed */
    if (token.kind == PN_TOK_NAMED) {
        bool is_set = number && tree->tokens[number - 1].kind == PN_TOK_SET;

        if (is_set ? is_left(c) : c->slot == SLOT_SETTING)
            offer_made(c, "$", text, "", ITEM_REFERENCE);
    } else if (token.kind == PN_TOK_WORD && is_left(c) && text.len &&
               text.ptr[0] == '=')
        offer(c, text, ITEM_VALUE, NULL);
    else if (token.kind == PN_TOK_SETTING && takes_variables && text.len)
        offer_made(c, "", pn_str_to(text, text.len - 1), value, ITEM_VARIABLE);
    else if (token.kind == PN_TOK_NAME && takes_variables && text.len > 1)
        offer_made(c, "", pn_str_from(pn_str_to(text, text.len - 1), 1), value,
                   ITEM_VARIABLE);
}

static void
offer_tree(struct completion *c, const struct pn_tree *tree)
{
    for (uint32_t i = 0; i < tree->token_count && i < CHECKED_MAX; i++)
        offer_token(c, tree, i);
}

/*
 * What the document has, and the other files of its policy, as they were loaded last:
 * a keystroke does not wait for them.
 */
static void
offer_names(struct completion *c)
{
    offer_tree(c, &c->cursor.document->tree);
    for (size_t r = 0; r < c->server->roots.count; r++) {
        const struct pn_lsp_root *root = c->server->roots.items[r];

        for (uint32_t i = 0; root->is_loaded && i < root->loaded.unit.count; i++)
            if (strcmp(pn_unit_source(&root->loaded.unit, i)->name,
                       c->cursor.document->path) != 0)
                offer_tree(c, pn_unit_tree(&root->loaded.unit, i));
    }
}

/* Variables that mean something to servers. */
static void
offer_variables(struct completion *c)
{
    struct pn_str name;

    for (enum pn_effect e = PN_EFFECT_GRANTS; e < PN_EFFECT_NOTHING; e++)
        for (size_t i = 0; pn_variable_by_effect(e, i, &name); i++)
            offer_made(c, "", name, value_of(c), ITEM_VARIABLE);
}

static void
offer_checks(struct completion *c)
{
    for (size_t i = 0; i < PN_CHECK_NONE; i++) {
        offer(c, pn_str_of_text(pn_check_info[i].name), ITEM_CONSTANT,
              pn_check_info[i].text);
        offer(c, pn_str_of_text(pn_check_info[i].code), ITEM_CONSTANT,
              pn_check_info[i].text);
    }
}

/* The line up to the cursor. */
static struct pn_str
line_front(const struct pn_cursor *cursor)
{
    uint32_t line = pn_lines_line(cursor->view.lines, cursor->offset);
    uint32_t from = cursor->view.lines->starts[line];

    return (struct pn_str){ cursor->view.text.ptr + from, cursor->offset - from };
}

/* Is the end of a line's front within quotes, or a comment? */
static bool
is_quoted(struct pn_str front, bool *is_comment)
{
    char quote = '\0';

    *is_comment = false;
    for (size_t i = 0; i < front.len; i++) {
        char byte = front.ptr[i];

        if (quote) {
            i += byte == '\\' && quote == '"';
            quote = byte == quote ? '\0' : quote;
        } else if (byte == '#') {
            *is_comment = true;
            return false;
        } else if (byte == '"' || byte == '\'')
            quote = byte;
    }
    return quote != '\0';
}

/* Right of the colon, or of the sign of a group: a term begins behind a comma, and is
 * otherwise gone on with. */
static enum slot
slot_of_term(enum slot begun, int last, int before)
{
    switch (last) {
    case PN_TOK_COMMA:
    case PN_TOK_COLON:
    case PN_TOK_SIGN:
    case PN_TOK_NOT:
    case PN_TOK_UNSET: /* which is being typed */
        return begun;
    case PN_TOK_AMOUNT:
        return before == PN_TOK_LIMIT || before == PN_TOK_RATE ? SLOT_PER
                                                               : SLOT_NOTHING;
    case PN_TOK_PER:
        return SLOT_BITS;
    default:
        return SLOT_NOTHING;
    }
}

/* The tokens of the statement before the word: what it begins with, and what is last.
 */
static enum slot
slot_of_tokens(const struct completion *c)
{
    const struct pn_tree *tree = &c->cursor.document->tree;
    int first = PN_TOK_NEWLINE, last = PN_TOK_NEWLINE, before = PN_TOK_NEWLINE;
    bool colon = false, sign = false, braces = false;

    for (size_t i = 0; i < tree->token_count; i++) {
        struct pn_token token = tree->tokens[i];

        if (token.offset >= c->word.offset || token.kind == PN_TOK_END)
            break;
        if (token.kind == PN_TOK_OPEN || token.kind == PN_TOK_CLOSE ||
            token.kind == PN_TOK_UNCLOSED)
            braces = token.kind == PN_TOK_OPEN;
        if (token.kind == PN_TOK_NEWLINE && !braces) {
            first = last = PN_TOK_NEWLINE;
            colon = sign = false;
            continue;
        }
        if (first == PN_TOK_NEWLINE)
            first = token.kind;
        before = last;
        last = token.kind;
        colon |= token.kind == PN_TOK_COLON;
        sign |= token.kind == PN_TOK_SIGN;
    }
    if (first == PN_TOK_NEWLINE)
        return SLOT_FIRST;
    if (first == PN_TOK_KEY)
        return last == PN_TOK_KEY ? SLOT_CLASSIC_VERDICT : SLOT_CLASSIC_SETTING;
    if (first == PN_TOK_ENV)
        return sign ? slot_of_term(SLOT_SETTING, last, before) : SLOT_NOTHING;
    if (first == PN_TOK_SET)
        return sign ? SLOT_TARGET : SLOT_NOTHING;
    if (!colon)
        return first == PN_TOK_INCLUDE || first == PN_TOK_HEADER ? SLOT_NOTHING
                                                                 : SLOT_TARGET;
    if (first == PN_TOK_EXPECT || first == PN_TOK_ALWAYS)
        return last == PN_TOK_BY ? SLOT_TARGET : slot_of_term(SLOT_CLAIM, last, before);
    return last == PN_TOK_COLON ? SLOT_VERDICT
                                : slot_of_term(SLOT_SETTING, last, before);
}

/* A classic line is looked at as text: half a line has tokens of another kind. */
static enum slot
slot_of_classic(struct pn_str front)
{
    const char *colon = front.len ? memchr(front.ptr, ':', front.len) : NULL;

    if (!colon)
        return SLOT_NOTHING;
    return memchr(colon, ',', front.len - (size_t)(colon - front.ptr))
               ? SLOT_CLASSIC_SETTING
               : SLOT_CLASSIC_VERDICT;
}

/* The slot, and the word that is begun there. */
static void
slot_find(struct completion *c)
{
    static const char mark[] = "postern: ignore";
    struct pn_str front = line_front(&c->cursor);
    size_t size = 0;
    bool is_comment, quoted = is_quoted(front, &is_comment);

    while (size < front.len &&
           !strchr(" \t,:{}\"'[]()#!@", front.ptr[front.len - size - 1]))
        size++;
    c->word = (struct pn_span){ c->cursor.offset - (uint32_t)size, (uint32_t)size };
    c->begun = pn_str_from(front, front.len - size);
    if (is_comment) {
        for (size_t i = 0; i + sizeof(mark) - 1 <= front.len; i++)
            if (memcmp(front.ptr + i, mark, sizeof(mark) - 1) == 0)
                c->slot = SLOT_IGNORED;
    } else if (quoted)
        c->slot = SLOT_NOTHING;
    else if (c->cursor.document->dialect == PN_CLASSIC)
        c->slot = slot_of_classic(front);
    else
        c->slot = slot_of_tokens(c);
    if (c->slot == SLOT_CLAIM && front.len > size &&
        front.ptr[front.len - size - 1] == '!')
        c->slot = SLOT_UNSET;
}

/* A text that is empty yet may become an extended one. */
static void
offer_header(struct completion *c)
{
    const struct pn_tree *tree = &c->cursor.document->tree;

    if (c->cursor.document->dialect == PN_CLASSIC && !tree->file->children.head)
        offer(c, PN_STR("postern: 1"), ITEM_KEYWORD, "an extended rule file");
}

void
pn_lsp_complete(void *payload, struct pn_rpc_call *call)
{
    struct completion c = { .server = payload, .call = call, .items = json_array() };

    if (pn_cursor_read(payload, call, &c.cursor)) {
        slot_find(&c);
        offer_header(&c);
        if (c.slot == SLOT_IGNORED)
            offer_checks(&c);
        else if (c.slot != SLOT_NOTHING) {
            offer_words(&c);
            offer_names(&c);
        }
        if (c.slot == SLOT_SETTING || c.slot == SLOT_CLASSIC_SETTING ||
            c.slot == SLOT_UNSET)
            offer_variables(&c);
        if (c.failed || !c.items)
            pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
        else
            call->result = json_pack("{s:b, s:O}", "isIncomplete", (int)c.is_cut,
                                     "items", c.items);
    }
    json_decref(c.items);
    pn_intern_clear(&c.known);
}

/* The last word before the cursor, in its statement, that has a signature. */
static const struct pn_signature *
signature_before(const struct pn_cursor *cursor, uint32_t *behind)
{
    const struct pn_tree *tree = &cursor->document->tree;
    const struct pn_signature *found = NULL, *row;

    *behind = 0;
    for (uint32_t i = 0; i < tree->token_count; i++) {
        struct pn_token token = tree->tokens[i];
        struct pn_str text = pn_token_text(tree, i);

        if (token.offset + token.size >= cursor->offset || token.kind == PN_TOK_END)
            break;
        *behind += token.kind != PN_TOK_COLON && token.kind != PN_TOK_COMMA;
        if (token.kind == PN_TOK_NEWLINE)
            found = NULL;
        if (token.kind == PN_TOK_VALUE || token.kind == PN_TOK_NAMED)
            continue;
        for (size_t k = 0; (row = pn_signature_at(k)); k++)
            if (pn_str_is(text, row->word) && strcmp(row->word, "per") != 0) {
                found = row;
                *behind = 0;
            }
    }
    return found;
}

void
pn_lsp_signature(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;
    const struct pn_signature *found;
    json_t *parts = json_array();
    uint32_t behind;
    size_t count = 0;

    if (!pn_cursor_read(payload, call, &cursor) ||
        !(found = signature_before(&cursor, &behind))) {
        json_decref(parts);
        return;
    }
    for (; count < PN_COUNT_OF(found->parts) && found->parts[count]; count++)
        (void)pn_json_add(parts, json_pack("{s:s}", "label", found->parts[count]));
    if (behind >= count)
        behind = count ? (uint32_t)count - 1 : 0;
    call->result =
        json_pack("{s:[{s:s, s:s, s:o}], s:i, s:i}", "signatures", "label",
                  found->label, "documentation", found->help, "parameters", parts,
                  "activeSignature", 0, "activeParameter", (int)behind);
}
