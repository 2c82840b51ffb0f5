/* A row for each thing that a person can write, and for what may stand before it. */
#include "grammar/expected.h"

#include "base/sizes.h"
#include "grammar/fault.h"
#include "grammar/parser.h"

enum { KINDS_MAX = 64, ITEMS_MAX = 16 };

_Static_assert(PN_TOK_NO_BLANK - PN_TOK_KEY < KINDS_MAX, "a bit for each token");

static uint64_t
bit_of(int kind)
{
    return kind < PN_TOK_KEY ? 0 : UINT64_C(1) << (unsigned)(kind - PN_TOK_KEY);
}

void
pn_expected_add(struct pn_expected *expected, int kind)
{
    expected->kinds |= bit_of(kind);
}

bool
pn_expects(struct pn_expected expected, int kind)
{
    return (expected.kinds & bit_of(kind)) != 0;
}

enum { ANY = -1, NONE = 0, TAKES_MAX = 12 };

/*
 * Said when `kind` is expected, behind a token `before`, in a statement that begins
 * with `first`; what else it stands for is not said again. The first row that fits
 * counts.
 */
static const struct {
    int kind, before, first;
    const char *words;
    int takes[TAKES_MAX];
} items[] = {
    { PN_TOK_SET,
      ANY,
      ANY,
      "a target, set, env, include, expect or always",
      { PN_TOK_WORD, PN_TOK_LIST, PN_TOK_ENV, PN_TOK_INCLUDE, PN_TOK_EXPECT,
        PN_TOK_ALWAYS, PN_TOK_NEWLINE } },
    { PN_TOK_NAMED, ANY, ANY, "a name", { NONE } },
    { PN_TOK_SIGN, ANY, ANY, "=", { NONE } },
    { PN_TOK_WORD, PN_TOK_EXPECT, ANY, "an address", { PN_TOK_LIST } },
    { PN_TOK_WORD, PN_TOK_BY, ANY, "a target", { PN_TOK_LIST } },
    { PN_TOK_WORD, ANY, PN_TOK_EXPECT, "a host with its =", { PN_TOK_LIST } },
    { PN_TOK_WORD, ANY, ANY, "a target", { PN_TOK_LIST } },
    { PN_TOK_NOT, ANY, ANY, "!", { NONE } },
    { PN_TOK_OPEN, ANY, ANY, "{", { NONE } },
    { PN_TOK_VALUE, PN_TOK_LIST, ANY, "a path in quotes", { NONE } },
    { PN_TOK_VALUE, PN_TOK_INCLUDE, ANY, "a path in quotes", { NONE } },
    { PN_TOK_VALUE, ANY, ANY, "a text in quotes", { NONE } },
    { PN_TOK_AMOUNT, PN_TOK_LIMIT, ANY, "a number", { NONE } },
    { PN_TOK_AMOUNT, PN_TOK_RATE, ANY, "a rate such as 60/min", { NONE } },
    { PN_TOK_AMOUNT, PN_TOK_UNTIL, ANY, "a date such as 2027-03-31", { NONE } },
    { PN_TOK_AMOUNT, PN_TOK_PER, ANY, "/24 or /24,/56", { NONE } },
    { PN_TOK_SIGNAL, ANY, ANY, "a status such as 1-99, or signal", { PN_TOK_AMOUNT } },
    { PN_TOK_AMOUNT, PN_TOK_SIGNAL, ANY, "a number of seconds", { NONE } },
    { PN_TOK_AMOUNT, PN_TOK_AMOUNT, ANY, "a number of seconds", { NONE } },
    { PN_TOK_UNSET,
      ANY,
      ANY,
      "allow, deny, block, NAME=\"value\", !NAME, by, limit, rate, reject, penalty or "
      "assuming",
      { PN_TOK_ALLOW, PN_TOK_DENY, PN_TOK_BLOCK, PN_TOK_SETTING, PN_TOK_BY,
        PN_TOK_LIMIT, PN_TOK_RATE, PN_TOK_REJECT, PN_TOK_NO_HOST, PN_TOK_NO_IDENT,
        PN_TOK_PENALTY, PN_TOK_NO_PENALTY } },
    { PN_TOK_ALLOW, ANY, ANY, "allow, deny or block", { PN_TOK_DENY, PN_TOK_BLOCK } },
    { PN_TOK_UNTIL,
      ANY,
      ANY,
      "NAME=\"value\", $GROUP, limit, rate, reject, penalty, until, owner or ticket",
      { PN_TOK_SETTING, PN_TOK_GROUP, PN_TOK_LIMIT, PN_TOK_RATE, PN_TOK_REJECT,
        PN_TOK_OWNER, PN_TOK_TICKET, PN_TOK_PENALTY, PN_TOK_NO_PENALTY } },
    { PN_TOK_SETTING, ANY, ANY, "NAME=\"value\" or $GROUP", { PN_TOK_GROUP } },
    { PN_TOK_PER, ANY, ANY, "per", { NONE } },
    { PN_TOK_NO_HOST, ANY, ANY, "assuming no host or ident", { PN_TOK_NO_IDENT } },
    { PN_TOK_COMMA, ANY, ANY, "a comma", { NONE } },
    { PN_TOK_COLON, ANY, ANY, "a colon", { NONE } },
    { PN_TOK_CLOSE, ANY, ANY, "}", { PN_TOK_UNCLOSED } },
    { PN_TOK_AT, ANY, ANY, "at least or at most", { NONE } },
    { PN_TOK_LEAST, ANY, ANY, "least or most", { PN_TOK_MOST } },
    { PN_TOK_MOST, ANY, ANY, "most", { NONE } },
    { PN_TOK_COUNT, ANY, ANY, "a number of entries", { NONE } },
    { PN_TOK_EXCEPT, ANY, ANY, "except", { NONE } },
    { PN_TOK_NEWLINE, ANY, ANY, "the end of the line", { NONE } },
};

/* What stood before. */
static const struct {
    int kind;
    const char *words;
} befores[] = {
    { PN_TOK_WORD, "a target" },
    { PN_TOK_COMMA, "a comma" },
    { PN_TOK_COLON, "the colon" },
    { PN_TOK_ALLOW, "allow" },
    { PN_TOK_DENY, "deny" },
    { PN_TOK_BLOCK, "block" },
    { PN_TOK_SET, "set" },
    { PN_TOK_ENV, "env" },
    { PN_TOK_INCLUDE, "include" },
    { PN_TOK_EXPECT, "expect" },
    { PN_TOK_ALWAYS, "always" },
    { PN_TOK_LIST, "file" },
    { PN_TOK_AT, "at" },
    { PN_TOK_LEAST, "at least" },
    { PN_TOK_MOST, "at most" },
    { PN_TOK_COUNT, "a number" },
    { PN_TOK_EXCEPT, "except" },
    { PN_TOK_OPEN, "{" },
    { PN_TOK_CLOSE, "}" },
    { PN_TOK_NAMED, "a name" },
    { PN_TOK_SIGN, "=" },
    { PN_TOK_SETTING, "NAME=" },
    { PN_TOK_GROUP, "a group" },
    { PN_TOK_VALUE, "a text in quotes" },
    { PN_TOK_NOT, "!" },
    { PN_TOK_UNSET, "!NAME" },
    { PN_TOK_BY, "by" },
    { PN_TOK_NO_HOST, "an assumption" },
    { PN_TOK_NO_IDENT, "an assumption" },
    { PN_TOK_LIMIT, "limit" },
    { PN_TOK_RATE, "rate" },
    { PN_TOK_PER, "per" },
    { PN_TOK_REJECT, "reject" },
    { PN_TOK_UNTIL, "until" },
    { PN_TOK_OWNER, "owner" },
    { PN_TOK_TICKET, "ticket" },
    { PN_TOK_PENALTY, "penalty" },
    { PN_TOK_NO_PENALTY, "no penalty" },
    { PN_TOK_SIGNAL, "signal" },
    { PN_TOK_AMOUNT, "an amount" },
    { PN_TOK_HEADER, "the header" },
};

/* How a statement is written, by what it begins with. */
static const struct {
    int first;
    const char *help;
} forms[] = {
    { PN_TOK_SET,
      "a set is written set NAME = TARGET, TARGET, on lines of their own in "
      "{ and }, or set NAME = file \"path\"" },
    { PN_TOK_ENV, "a group is written env NAME = NAME=\"value\", NAME=\"value\"" },
    { PN_TOK_INCLUDE, "write include \"path\", alone on its line" },
    { PN_TOK_EXPECT,
      "an expectation is written expect ADDRESS : allow, NAME=\"value\", "
      "or expect ADDRESS =HOST : deny" },
    { PN_TOK_ALWAYS,
      "a proof is written always TARGET, TARGET : deny, or always !TARGET "
      ": !NAME" },
    { PN_TOK_HEADER, "the header postern: 1 stands alone on its line" },
};

/* Signs that say themselves why they do not fit. */
static const char *
sign_text(const struct pn_fault *fault)
{
    if (fault->kind == PN_TOK_CLOSE && !fault->in_braces)
        return "no brace is open that this one could close";
    if (fault->kind == PN_TOK_OPEN)
        return fault->in_braces ? "braces do not stand within braces"
                                : "a brace stands only behind set NAME =";
    return NULL;
}

static size_t
items_find(const struct pn_fault *fault, const char *found[ITEMS_MAX])
{
    struct pn_expected left = fault->expected;
    size_t count = 0;

    for (size_t i = 0; i < PN_COUNT_OF(items) && count < ITEMS_MAX; i++) {
        if (!pn_expects(left, items[i].kind) ||
            (items[i].before != ANY && items[i].before != fault->before) ||
            (items[i].first != ANY && items[i].first != fault->first))
            continue;
        found[count++] = items[i].words;
        left.kinds &= ~bit_of(items[i].kind);
        for (size_t k = 0; k < TAKES_MAX && items[i].takes[k]; k++)
            left.kinds &= ~bit_of(items[i].takes[k]);
    }
    return count;
}

/* "after a target", and nothing where a statement begins. */
static void
before_text(const struct pn_fault *fault, struct pn_buffer *out)
{
    for (size_t i = 0; i < PN_COUNT_OF(befores); i++)
        if (befores[i].kind == fault->before) {
            pn_buffer_add_text(out, "after ");
            pn_buffer_add_text(out, befores[i].words);
            pn_buffer_add_text(out, " comes ");
            return;
        }
    pn_buffer_add_text(out, fault->in_braces ? "a line in braces begins with "
                                             : "a statement begins with ");
}

void
pn_expected_text(const struct pn_fault *fault, struct pn_buffer *out)
{
    const char *found[ITEMS_MAX];
    size_t count = items_find(fault, found);
    const char *sign = sign_text(fault);

    if (sign)
        pn_buffer_add_text(out, sign);
    if (sign || !count)
        return;
    if (fault->kind == PN_TOK_NEWLINE || fault->kind == PN_TOK_END)
        pn_buffer_add_text(out, "the line ends too soon: ");
    before_text(fault, out);
    for (size_t i = 0; i < count; i++) {
        if (i)
            pn_buffer_add_text(out, i + 1 < count ? ", " : " or ");
        pn_buffer_add_text(out, found[i]);
    }
}

const char *
pn_expected_help(const struct pn_fault *fault)
{
    for (size_t i = 0; i < PN_COUNT_OF(forms); i++)
        if (forms[i].first == fault->first)
            return forms[i].help;
    return NULL;
}
