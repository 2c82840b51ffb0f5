/*
 * Each edit that people need is a row. What an edit makes of the statement is not
 * argued about: it is parsed.
 */
#include "grammar/mends.h"

#include <string.h>

#include "base/ascii.h"
#include "base/sizes.h"
#include "grammar/parser.h"
#include "grammar/words.h"

/* How much of a statement is parsed again, before the fault and behind its line. */
enum { BACK_MAX = 8192, AHEAD_MAX = 4096 };

/* Proposes an edit by `out`; false when it does not apply. `sign` is that of its row.
 */
typedef bool (*mend_fn)(const struct pn_fault *fault, const char *sign,
                        struct pn_habit *out);

static void
say_meant(struct pn_habit *out, struct pn_str word, const char *meant)
{
    pn_buffer_add_format(&out->message, "\"%.*s\" is no word here; did you mean %s?",
                         (int)word.len, word.ptr, meant);
}

/* The token is a word that stands for an expected one. */
static bool
word_here(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str word = pn_fault_word(f);
    const char *meant = pn_word_of(word, f->expected);

    (void)sign;
    if (!meant || f->kind == PN_TOK_SETTING)
        return false;
    say_meant(out, word, meant);
    pn_habit_mend(out, pn_fault_span(f, word), meant, PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_MISSPELT, pn_fault_span(f, word));
}

/* The statement begins with a word that was read as a target. */
static bool
word_first(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str word = pn_fault_token(f, f->begin);
    const char *meant = pn_word_of(word, pn_words_first());

    (void)sign;
    if (!meant || f->first != PN_TOK_WORD || f->begin == f->token)
        return false;
    say_meant(out, word, meant);
    pn_habit_mend(out, pn_fault_span(f, word), meant, PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_MISSPELT, pn_fault_span(f, word));
}

/* The token before was read as a target, and is the word file. */
static bool
word_before(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_expected list = { 0 };
    struct pn_str word;
    const char *meant;

    (void)sign;
    if (f->kind != PN_TOK_VALUE || f->before != PN_TOK_WORD || f->token == f->begin)
        return false;
    pn_expected_add(&list, PN_TOK_LIST);
    word = pn_fault_token(f, f->token - 1);
    meant = pn_word_of(word, list);
    if (!meant)
        return false;
    say_meant(out, word, meant);
    pn_habit_mend(out, pn_fault_span(f, word), meant, PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_MISSPELT, pn_fault_span(f, word));
}

/* expect ADDRESS deny: what was read as a host is the verdict. */
static bool
verdict_before(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str word;
    const char *verdict;

    (void)sign;
    if (f->before != PN_TOK_WORD || f->token < f->begin + 2 ||
        !pn_expects(f->expected, PN_TOK_COLON))
        return false;
    word = pn_fault_token(f, f->token - 1);
    verdict = pn_verdict_of(word);
    if (!verdict)
        return false;
    pn_buffer_add_text(&out->message, "a colon stands before the verdict");
    pn_habit_mend(out, pn_fault_span(f, word), ": ", pn_str_of_text(verdict), "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, pn_fault_span(f, word));
}

/* allow from TARGET, deny TARGET: the verdict stands first, as in other tools. */
static bool
verdict_first(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str word = pn_fault_token(f, f->begin), rest, front;
    const char *verdict = pn_verdict_of(word), *end = f->text + f->line_end;

    (void)sign;
    if (!verdict || f->first != PN_TOK_WORD || f->begin == f->token)
        return false;
    rest = pn_fault_rest(f);
    rest.len = (size_t)(end - rest.ptr);
    front = pn_fault_word_at(rest.ptr, end);
    if (pn_str_is(front, "from") || pn_str_is(front, "to"))
        rest = pn_str_from(rest, front.len);
    while (rest.len && pn_is_gap(*rest.ptr))
        rest = pn_str_from(rest, 1);
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] == '#')
            rest.len = i;
    while (rest.len && pn_is_gap(rest.ptr[rest.len - 1]))
        rest.len--;
    pn_buffer_add_text(&out->message,
                       "the verdict stands behind the targets and a colon");
    pn_buffer_add(&out->fix, rest.ptr, rest.len);
    pn_buffer_add_text(&out->fix, " : ");
    pn_buffer_add_text(&out->fix, verdict);
    out->mended = (struct pn_span){ (uint32_t)(word.ptr - f->text),
                                    (uint32_t)(rest.ptr + rest.len - word.ptr) };
    out->has_fix = rest.len != 0;
    return out->has_fix &&
           pn_habit_tell(out, PN_DIAG_UNEXPECTED, pn_fault_span(f, word));
}

/* The token before, on the same line; ptr NULL for none. */
static struct pn_str
token_before(const struct pn_fault *f)
{
    struct pn_str before = { NULL, 0 };

    if (f->token > f->begin)
        before = pn_fault_token(f, f->token - 1);
    if (before.ptr && before.ptr < f->text + f->line)
        before.ptr = NULL;
    return before;
}

static struct pn_span
from_before(const struct pn_fault *f, struct pn_str before, struct pn_str last)
{
    return (struct pn_span){ (uint32_t)(before.ptr - f->text),
                             (uint32_t)(last.ptr + last.len - before.ptr) };
}

static bool
is_address_byte(char c)
{
    return pn_hex_value(c) >= 0 || c == '.' || c == ':';
}

static bool
is_address_like(struct pn_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_address_byte(word.ptr[i]))
            return false;
    return word.len && (pn_is_digit(*word.ptr) || memchr(word.ptr, ':', word.len));
}

/* A - B, A to B, A -B: a range or a length that has blanks in it. */
static bool
glue(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    static const char *const dashes[] = { "-", "to", "\u2013", "\u2014", ".." };
    const char *end = f->text + f->line_end;
    struct pn_str before = token_before(f), word, next;
    size_t i = 0;

    (void)sign;
    word = pn_fault_bare_at(f->text + f->span.offset, end);
    if (!before.ptr || f->before != PN_TOK_WORD || !word.len)
        return false;
    if (pn_str_is(before, "=") || *word.ptr == '@') {
        pn_habit_mend(out, from_before(f, before, word), "", before, "");
        pn_buffer_add(&out->fix, word.ptr, word.len);
        pn_buffer_add_text(&out->message, *word.ptr == '@'
                                              ? "an ident has no blank before its @"
                                              : "a host has no blank behind its =");
        return word.len > 1 && pn_habit_tell(out, PN_DIAG_UNEXPECTED, out->mended);
    }
    if (!is_address_like(before))
        return false;
    if (word.len > 1 && (*word.ptr == '-' || *word.ptr == '/')) {
        pn_habit_mend(out, from_before(f, before, word), "", before, "");
        pn_buffer_add(&out->fix, word.ptr, word.len);
        pn_buffer_add_text(&out->message, "a range and a prefix have no blank in them");
        return pn_habit_tell(out, PN_DIAG_UNEXPECTED, pn_fault_span(f, word));
    }
    while (i < PN_COUNT_OF(dashes) && !pn_str_is(word, dashes[i]))
        i++;
    next.ptr = word.ptr + word.len;
    while (next.ptr < end && pn_is_gap(*next.ptr))
        next.ptr++;
    for (next.len = 0;
         next.ptr + next.len < end && is_address_byte(next.ptr[next.len]);)
        next.len++;
    while (next.len && next.ptr[next.len - 1] == ':')
        next.len--; /* the rule's */
    if (i == PN_COUNT_OF(dashes) || !is_address_like(next))
        return false;
    pn_habit_mend(out, from_before(f, before, next), "", before, "-");
    pn_buffer_add(&out->fix, next.ptr, next.len);
    pn_buffer_add_text(&out->message, "a range and a prefix have no blank in them");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, pn_fault_span(f, word));
}

/* A text in quotes where an amount or a target is wanted, or the path of a list. */
static bool
unquote(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str text = pn_fault_token(f, f->token), inner;

    (void)sign;
    if (f->kind != PN_TOK_VALUE || text.len < 3)
        return false;
    inner = (struct pn_str){ text.ptr + 1, text.len - 2 };
    if (pn_expects(f->expected, PN_TOK_AMOUNT) || is_address_like(inner) ||
        strchr("=*$[", *inner.ptr) ||
        memchr(inner.ptr, '/', inner.len > 8 ? 0 : inner.len))
        pn_habit_mend(out, f->span, "", inner, "");
    else if (pn_expects(f->expected, PN_TOK_LIST))
        pn_habit_mend(out, f->span, "file ", text, "");
    return out->has_fix;
}

/* set NAME == A */
static bool
second_sign(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str before = token_before(f);

    (void)sign;
    if (!before.ptr || f->token < f->begin + 2 || !pn_str_is(before, "=") ||
        pn_fault_kind(f, f->token - 2) != PN_TOK_SIGN)
        return false;
    pn_habit_mend(out, from_before(f, pn_fault_token(f, f->token - 2), before), "=",
                  PN_STR(""), "");
    pn_buffer_add_text(&out->message, "one = follows the name");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, pn_fault_span(f, before));
}

/* One token that is a sign, or a word that other languages have for one. */
static bool
is_sign(const struct pn_fault *f, struct pn_str word)
{
    static const char *const words[] = { "and", "or", "then", "is" };

    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_str_is(word, words[i]))
            return true;
    for (size_t i = 0; i < word.len; i++)
        if (pn_is_digit(word.ptr[i]) || pn_is_letter(word.ptr[i]) ||
            strchr("*$\"'\n\r", word.ptr[i]))
            return false;
    return word.len && f->kind != PN_TOK_NEWLINE && f->kind != PN_TOK_END;
}

static int
kind_of_sign(const char *sign)
{
    switch (*sign) {
    case ',':
        return PN_TOK_COMMA;
    case ':':
        return PN_TOK_COLON;
    case '=':
        return PN_TOK_SIGN;
    default:
        return PN_TOK_CLOSE;
    }
}

/* The token is a sign, and another one is meant. */
static bool
other_sign(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str token = pn_fault_token(f, f->token), before = token_before(f);

    if (!pn_expects(f->expected, kind_of_sign(sign)) || !is_sign(f, token) ||
        !before.ptr || pn_str_is(token, sign))
        return false;
    before.len = (size_t)(token.ptr - before.ptr); /* with the blanks between */
    pn_habit_mend(out, from_before(f, before, token), "", before, sign);
    return true;
}

static bool
drop_sign(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str token = pn_fault_token(f, f->token), before = token_before(f);
    const char *behind = token.ptr + token.len;

    (void)sign;
    while (behind < f->text + f->line_end && pn_is_gap(*behind))
        behind++;
    if (!is_sign(f, token) || *token.ptr == '!' || /* it would say the opposite */
        (f->first == PN_TOK_EXPECT && f->kind == PN_TOK_COMMA && *behind != '='))
        return false; /* of two addresses one is not a host */
    if (before.ptr)
        pn_habit_mend(out, from_before(f, before, token), "", before, "");
    else
        pn_habit_mend(out, f->span, "", PN_STR(""), "");
    return true;
}

/* Does a token stand on a later line than the one before it? */
static bool
is_on_next_line(const struct pn_fault *f, uint32_t token)
{
    struct pn_span before = pn_token_span(f->tree->tokens[token - 1]);
    uint32_t from = before.offset + before.size, to = f->tree->tokens[token].offset;

    /* the end of an open set is read before a line of which tokens were read already */
    return to > from && memchr(f->text + from, '\n', to - from);
}

/* Nothing follows a comma, and so the next line was taken for more of this one. */
static bool
drop_comma(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    uint32_t at = f->token;
    struct pn_span comma;

    (void)sign;
    while (at > f->begin && f->before != PN_TOK_COMMA &&
           !(pn_fault_kind(f, at - 1) == PN_TOK_COMMA && is_on_next_line(f, at)))
        at--;
    if (at == f->begin || f->kind == PN_TOK_COMMA || f->in_braces)
        return false;
    comma = pn_token_span(f->tree->tokens[at - 1]);
    pn_buffer_add_text(&out->message, "nothing follows this comma");
    out->help = "a comma at the end of a line continues the statement on the next one";
    pn_habit_mend(out, comma, "", PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, comma);
}

/* A remark that begins as in other languages. */
static bool
comment(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str rest = pn_fault_rest(f);
    struct pn_span span = pn_fault_span(f, rest);

    if (!pn_expects(f->expected, PN_TOK_NEWLINE) || !pn_str_begins(rest, sign))
        return false;
    pn_buffer_add_text(&out->message, "a comment begins with #");
    span.size = (uint32_t)strlen(sign);
    pn_habit_mend(out, span, "#", PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, span);
}

/* A sign is missing between two tokens. */
static bool
insert_sign(const struct pn_fault *f, const char *sign, struct pn_habit *out)
{
    struct pn_str before = token_before(f), here = pn_fault_token(f, f->token);
    struct pn_str bare = pn_fault_bare_at(here.ptr, f->text + f->line_end);

    if (f->kind == PN_TOK_BAD && bare.len > here.len)
        here = bare; /* to be shown whole */
    if (!pn_expects(f->expected, kind_of_sign(sign)) || !before.ptr ||
        f->kind == PN_TOK_NEWLINE || f->kind == PN_TOK_END ||
        pn_str_begins(here, "255.") || /* a mask */
        (f->before == PN_TOK_WORD && f->kind == PN_TOK_WORD &&
         (before.ptr + before.len == here.ptr || /* one word that was torn apart */
          (*sign == ',' && !pn_fault_are_targets(before, here)))))
        return false;
    pn_habit_mend(out, from_before(f, before, here), "", before,
                  *sign == ',' ? "" : " ");
    pn_buffer_add_text(&out->fix, sign);
    pn_buffer_add_text(&out->fix, " ");
    pn_buffer_add(&out->fix, here.ptr, here.len);
    return true;
}

/* By how likely they are: those of one tier are as likely as each other. */
static const struct {
    unsigned tier;
    mend_fn propose;
    const char *sign;
} mends[] = {
    { 0, word_here, "" },     { 0, word_first, "" },     { 0, word_before, "" },
    { 1, verdict_first, "" }, { 1, verdict_before, "" }, { 2, glue, "" },
    { 2, unquote, "" },       { 2, second_sign, "" },    { 2, drop_comma, "" },
    { 3, other_sign, ":" },   { 3, other_sign, "," },    { 3, other_sign, "=" },
    { 4, drop_sign, "" },     { 5, comment, "//" },      { 5, comment, ";" },
    { 5, comment, "--" },     { 5, comment, "/*" },      { 6, insert_sign, ":" },
    { 6, insert_sign, "," },  { 6, insert_sign, "=" },   { 6, insert_sign, "}" },
};

/* The statement with the edit in it: in braces its line alone, as a set of its own. */
static bool
statement_edit(const struct pn_fault *f, const struct pn_habit *edit,
               struct pn_buffer *out, uint32_t *upto)
{
    static const char open[] = "set x = {\n", close[] = "\n}\n";
    uint32_t from = f->tree->tokens[f->begin].offset, to = f->line_end;
    uint32_t mended = edit->mended.offset + edit->mended.size;
    const struct pn_source *source = f->tree->source;

    bool alone = f->in_braces && from < f->line;

    if (alone)
        from = f->line;
    if (edit->mended.offset < from || f->span.offset - from > BACK_MAX)
        return false;
    if (to < mended)
        to = mended;
    if (!alone) {
        uint32_t limit =
            source->size - to > AHEAD_MAX ? to + AHEAD_MAX : (uint32_t)source->size;

        while (limit > to && limit < source->size && source->text[limit - 1] != '\n')
            limit--;
        to = limit;
    }
    pn_buffer_add_text(out, alone ? open : "");
    pn_buffer_add(out, f->text + from, edit->mended.offset - from);
    pn_buffer_add(out, edit->fix.bytes, edit->fix.size);
    *upto = (uint32_t)out->size;
    if (f->span.offset > mended)
        *upto += f->span.offset - mended;
    pn_buffer_add(out, f->text + mended, to - mended);
    pn_buffer_add_text(out, alone ? close : "");
    return true;
}

static enum pn_parse_trial
edit_try(const struct pn_fault *fault, pn_trial_fn trial, const struct pn_habit *edit)
{
    struct pn_buffer text = { 0 };
    struct pn_source source = { 0 };
    enum pn_parse_trial result = PN_TRIAL_MEMORY;
    uint32_t upto = 0;

    if (edit->fix.failed || edit->message.failed)
        return PN_TRIAL_MEMORY;
    if (!statement_edit(fault, edit, &text, &upto))
        result = text.failed ? PN_TRIAL_MEMORY : PN_TRIAL_WRONG;
    else if (!text.failed &&
             pn_source_from_text(&source, "", (struct pn_str){ text.bytes, text.size }))
        result = trial(&source, upto);
    pn_source_clear(&source);
    pn_buffer_free(&text);
    return result;
}

/* How many of a tier make the statement correct; the first of them in *out. */
static size_t
tier_try(const struct pn_fault *fault, pn_trial_fn trial, unsigned tier,
         struct pn_habit *out)
{
    size_t count = 0;
    bool failed = false;

    for (size_t i = 0; i < PN_COUNT_OF(mends); i++) {
        struct pn_habit edit = { .id = PN_DIAG_NONE };
        enum pn_parse_trial result = PN_TRIAL_WRONG;

        if (mends[i].tier == tier && mends[i].propose(fault, mends[i].sign, &edit))
            result = edit_try(fault, trial, &edit);
        count += result == PN_TRIAL_GOOD;
        failed |= result == PN_TRIAL_MEMORY || edit.fix.failed;
        if (result == PN_TRIAL_GOOD && count == 1) {
            pn_habit_clear(out);
            *out = edit;
        } else {
            pn_habit_clear(&edit);
        }
    }
    out->fix.failed |= failed;
    return count;
}

void
pn_mend_find(const struct pn_fault *fault, pn_trial_fn trial, struct pn_habit *out)
{
    unsigned last = mends[PN_COUNT_OF(mends) - 1].tier;
    size_t count = 0;

    *out = (struct pn_habit){ .id = PN_DIAG_NONE };
    for (unsigned tier = 0; tier <= last && !count && !out->fix.failed; tier++)
        count = tier_try(fault, trial, tier, out);
    if (count > 1) {
        bool failed = out->fix.failed;

        pn_habit_clear(out);
        *out = (struct pn_habit){ .id = PN_DIAG_NONE, .fix.failed = failed };
    }
}
