/* P1: classic keys that no look-up asks for, or only for some of the clients that they
 * seem to be for. */
#include "analysis/lint/keys.h"

#include <string.h>

#include "analysis/lint/classic_key.h"
#include "analysis/lint/classic_key_fixes.h"
#include "analysis/lint/endings.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/spelling.h"
#include "base/sizes.h"
#include "compiler/expand.h"

enum { TEXT_MAX = 64, OCTETS = 4 };

/* An IPv4 address that the author had in mind; false for none. */
static bool
meant(struct pn_str key, struct pn_witness *out)
{
    char text[TEXT_MAX];
    struct pn_expansion x;
    struct postern_addr addr;
    size_t size = 0, octets = 0;

    if (!pn_expand(key, &x) || pn_expansion_size(&x) > TEXT_MAX - 2 * OCTETS)
        return false;
    if (pn_expansion_count(&x))
        size = pn_expansion_key(&x, 0, text);
    for (size_t i = 0; i < size; i++)
        if (text[i] == '/')
            size = i;
    while (size && text[size - 1] == '.')
        size--;
    for (size_t i = 0; i < size; i++)
        octets += text[i] == '.';
    for (octets++; size && octets < OCTETS; octets++) {
        text[size++] = '.';
        text[size++] = octets == OCTETS - 1 ? '1' : '0';
    }
    if (!size || !postern_addr_parse(text, size, &addr) || addr.family != 4)
        return false;
    *out = (struct pn_witness){ pn_number_from(&addr), 4, PN_RULE_NONE };
    return true;
}

/* Is the replacement of a faulty key without another fault? */
static bool
is_asked_for(const struct pn_buffer *key)
{
    struct pn_str text = { key->size ? key->bytes : "", key->size };

    return !key->failed && (!key->size || pn_classic_key_fault(text) == PN_CHECK_NONE);
}

void
pn_lint_key_edits(struct pn_lint *lint, struct pn_finding *f, uint32_t item,
                  enum pn_check check)
{
    struct pn_buffer alternatives[PN_KEY_ALTERNATIVES_MAX] = { { 0 } };
    size_t count =
        pn_classic_key_alternatives(check, pn_lint_text(lint, item), alternatives);
    uint32_t fallback = lint->policy->space.groups[PN_GROUP_NO_IDENT].fallback;

    for (unsigned i = 0; i < PN_KEY_ALTERNATIVES_MAX; i++) {
        bool second = i < count && !alternatives[i].size && fallback != PN_RULE_NONE &&
                      pn_lint_is_written(lint, fallback);

        lint->failed |= alternatives[i].failed;
        if (second && f)
            f->help = pn_report_format(lint->report, "everybody is the empty address, "
                                                     "and a rule is for it already");
        if (i < count && !second && is_asked_for(&alternatives[i]))
            pn_lint_replace(lint, f, pn_lint_file(lint, item), pn_lint_span(lint, item),
                            pn_str_of(&alternatives[i]), i);
        pn_buffer_free(&alternatives[i]);
    }
}

/* Offers octets that mean the same as a length, if there are any. */
static void
length_help(struct pn_lint *lint, struct pn_finding *f, struct pn_str key)
{
    struct pn_buffer alternatives[PN_KEY_ALTERNATIVES_MAX] = { { 0 } };
    size_t count =
        pn_classic_key_alternatives(PN_CHECK_CIDR_IN_CLASSIC, key, alternatives);
    bool one = count == 1 && !alternatives[0].failed && alternatives[0].size;

    f->help = pn_report_format(lint->report,
                               "make the file an extended one, or write octets and "
                               "ranges of them%s%.*s",
                               one ? ": " : "", one ? (int)alternatives[0].size : 0,
                               one ? alternatives[0].bytes : "");
    for (size_t i = 0; i < PN_KEY_ALTERNATIVES_MAX; i++) {
        lint->failed |= alternatives[i].failed;
        pn_buffer_free(&alternatives[i]);
    }
}

static void
key_lint(struct pn_lint *lint, uint32_t item)
{
    struct pn_str key = pn_lint_text(lint, item);
    enum pn_check check = pn_classic_key_fault(key);
    struct pn_witness witness;
    struct pn_finding *f;

    if (check == PN_CHECK_NONE || check < PN_CHECK_MISSING_DOT)
        return;
    if (pn_lint_file(lint, item) != 0 && memchr(key.ptr, ':', key.len) &&
        !memchr(key.ptr, '@', key.len))
        return; /* the compiler reports it in an included file */
    if (pn_lint_is_marked(lint, pn_lint_file(lint, item), pn_lint_span(lint, item)))
        return;
    f = pn_lint_add(lint, check, item);
    if (!f)
        return;
    if (meant(key, &witness))
        pn_lint_query(lint, f, &witness, PN_HOST_NONE, PN_GROUP_NO_IDENT);
    if (check == PN_CHECK_CIDR_IN_CLASSIC)
        length_help(lint, f, key);
    pn_lint_key_edits(lint, f, item, check);
}

/* In an extended policy an ident may be written with escapes. */
static void
ident_lint(struct pn_lint *lint, uint32_t item)
{
    struct pn_str ident = pn_lint_ident(lint, lint->survey.infos[item].group);

    for (size_t i = 0; i < ident.len; i++)
        if (!pn_is_ident_byte(ident.ptr[i])) {
            pn_lint_add(lint, PN_CHECK_IDENT_BYTE, item);
            return;
        }
}

void
pn_lint_keys(struct pn_lint *lint)
{
    bool idents = lint->policy->space.group_count > PN_NATIVE_FIRST_GROUPS;

    for (uint32_t t = 0; idents && t < lint->policy->item_count; t++)
        if (pn_lint_is_written(lint, t) && !pn_lint_is_classic(lint, t))
            ident_lint(lint, t);
    for (uint32_t t = 0; lint->has_classic && t < lint->policy->item_count; t++)
        if (pn_lint_is_written(lint, t) && pn_lint_is_classic(lint, t)) {
            key_lint(lint, t);
            pn_spelling_lint(lint, t);
        }
}
