/* Each word is a row. */
#include "grammar/words.h"

#include <string.h>

#include "base/ascii.h"
#include "base/nearest.h"
#include "base/sizes.h"
#include "grammar/parser.h"

enum { WORD_MIN = 2, BYTES_PER_EDIT = 3 };

static bool
is_any_case(struct pn_str text, const char *word)
{
    if (text.len != strlen(word))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (pn_lower(text.ptr[i]) != word[i])
            return false;
    return true;
}

static const struct {
    const char *word;
    int kind;
} words[] = {
    { "allow", PN_TOK_ALLOW },      { "deny", PN_TOK_DENY },
    { "block", PN_TOK_BLOCK },      { "set", PN_TOK_SET },
    { "env", PN_TOK_ENV },          { "include", PN_TOK_INCLUDE },
    { "expect", PN_TOK_EXPECT },    { "always", PN_TOK_ALWAYS },
    { "file", PN_TOK_LIST },        { "except", PN_TOK_EXCEPT },
    { "limit", PN_TOK_LIMIT },      { "rate", PN_TOK_RATE },
    { "per", PN_TOK_PER },          { "reject", PN_TOK_REJECT },
    { "until", PN_TOK_UNTIL },      { "owner", PN_TOK_OWNER },
    { "ticket", PN_TOK_TICKET },    { "by", PN_TOK_BY },
    { "assuming", PN_TOK_NO_HOST }, { "assuming", PN_TOK_NO_IDENT },
    { "penalty", PN_TOK_PENALTY },  { "signal", PN_TOK_SIGNAL },
};

/* Of firewalls, hosts.allow, postfix, Sendmail, nginx, routers and other languages. */
static const struct {
    const char *word;
    int kind;
} foreign[] = {
    { "accept", PN_TOK_ALLOW },    { "permit", PN_TOK_ALLOW },
    { "pass", PN_TOK_ALLOW },      { "ok", PN_TOK_ALLOW },
    { "yes", PN_TOK_ALLOW },       { "relay", PN_TOK_ALLOW },
    { "allowed", PN_TOK_ALLOW },   { "grant", PN_TOK_ALLOW },
    { "reject", PN_TOK_DENY },     { "refuse", PN_TOK_DENY },
    { "no", PN_TOK_DENY },         { "denied", PN_TOK_DENY },
    { "forbid", PN_TOK_DENY },     { "discard", PN_TOK_DENY },
    { "drop", PN_TOK_DENY },       { "ban", PN_TOK_BLOCK },
    { "blocked", PN_TOK_BLOCK },   { "blacklist", PN_TOK_BLOCK },
    { "blocklist", PN_TOK_BLOCK }, { "acl", PN_TOK_SET },
    { "define", PN_TOK_SET },      { "ipset", PN_TOK_SET },
    { "group", PN_TOK_SET },       { "let", PN_TOK_SET },
    { "list", PN_TOK_SET },        { "table", PN_TOK_SET },
    { "var", PN_TOK_ENV },         { "setenv", PN_TOK_ENV },
    { "export", PN_TOK_ENV },      { "import", PN_TOK_INCLUDE },
    { "source", PN_TOK_INCLUDE },  { "load", PN_TOK_INCLUDE },
    { "assert", PN_TOK_EXPECT },   { "check", PN_TOK_EXPECT },
    { "test", PN_TOK_EXPECT },     { "prove", PN_TOK_ALWAYS },
    { "ensure", PN_TOK_ALWAYS },   { "invariant", PN_TOK_ALWAYS },
    { "but", PN_TOK_EXCEPT },      { "without", PN_TOK_EXCEPT },
    { "minus", PN_TOK_EXCEPT },    { "unless", PN_TOK_EXCEPT },
    { "not", PN_TOK_EXCEPT },      { "max", PN_TOK_LIMIT },
    { "maxconn", PN_TOK_LIMIT },   { "connlimit", PN_TOK_LIMIT },
    { "ratelimit", PN_TOK_RATE },  { "throttle", PN_TOK_RATE },
    { "message", PN_TOK_REJECT },  { "banner", PN_TOK_REJECT },
    { "expire", PN_TOK_UNTIL },    { "expires", PN_TOK_UNTIL },
    { "till", PN_TOK_UNTIL },      { "for", PN_TOK_PER },
    { "each", PN_TOK_PER },        { "given", PN_TOK_NO_HOST },
};

static const char *
word_of_kind(int kind)
{
    size_t i = 0;

    while (i + 1 < PN_COUNT_OF(words) && words[i].kind != kind)
        i++;
    return words[i].word;
}

bool
pn_is_word(struct pn_str word)
{
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_str_is(word, words[i].word))
            return true;
    return false;
}

bool
pn_is_plain_word(struct pn_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!pn_is_letter(word.ptr[i]) && word.ptr[i] != '_')
            return false;
    return word.len > 1;
}

const char *
pn_word_of(struct pn_str word, struct pn_expected expected)
{
    struct pn_nearest nearest;
    size_t longer;

    if (!pn_is_plain_word(word))
        return NULL;
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_expects(expected, words[i].kind) && is_any_case(word, words[i].word))
            return words[i].word;
    for (size_t i = 0; i < PN_COUNT_OF(foreign); i++)
        if (pn_expects(expected, foreign[i].kind) && is_any_case(word, foreign[i].word))
            return word_of_kind(foreign[i].kind);
    if (word.len < WORD_MIN || pn_is_word(word)) /* in another place */
        return NULL;
    pn_nearest_begin(&nearest, word);
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_expects(expected, words[i].kind))
            pn_nearest_offer(&nearest, pn_str_of_text(words[i].word));
    /* a shortened word is as likely something else: "all", "de" of an address */
    longer = word.len > nearest.best.len ? word.len : nearest.best.len;
    return nearest.best.ptr && nearest.edits * BYTES_PER_EDIT <= longer
               ? nearest.best.ptr
               : NULL;
}

const char *
pn_verdict_of(struct pn_str word)
{
    struct pn_expected verdicts = { 0 };

    pn_expected_add(&verdicts, PN_TOK_ALLOW);
    pn_expected_add(&verdicts, PN_TOK_DENY);
    pn_expected_add(&verdicts, PN_TOK_BLOCK);
    return pn_word_of(word, verdicts);
}

struct pn_expected
pn_words_first(void)
{
    struct pn_expected first = { 0 };

    pn_expected_add(&first, PN_TOK_SET);
    pn_expected_add(&first, PN_TOK_ENV);
    pn_expected_add(&first, PN_TOK_INCLUDE);
    pn_expected_add(&first, PN_TOK_EXPECT);
    pn_expected_add(&first, PN_TOK_ALWAYS);
    return first;
}
