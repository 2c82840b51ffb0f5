/* Each form of key has a function; a key of no form matches nobody. */
#include "analysis/lint/classic_key.h"

#include <string.h>

#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/classic_rule.h"
#include "compiler/expand.h"
#include "postern/types.h"

enum { KEY_MAX = 512, OCTETS = 4, LABEL_MAX = 63, NAME_MAX_BYTES = 253 };

bool
pn_is_digits_and(struct pn_str text, const char *others)
{
    for (size_t i = 0; i < text.len; i++)
        if (!pn_is_digit(text.ptr[i]) && !(text.ptr[i] && strchr(others, text.ptr[i])))
            return false;
    return text.len > 0;
}

/* Can the answer of a name server hold this byte? Others are printed as \ooo. */
static bool
is_host_byte(char c)
{
    return pn_is_letter(c) || pn_is_digit(c) || c == '-' || c == '_' || c == '.' ||
           c == '\\';
}

static enum pn_check
length_fault(struct pn_str name)
{
    size_t label = 0;

    if (name.len > (size_t)NAME_MAX_BYTES + (name.len && name.ptr[0] == '.' ? 1 : 0))
        return PN_CHECK_NAME_TOO_LONG;
    for (size_t i = 0; i < name.len; i++) {
        label = name.ptr[i] == '.' ? 0 : label + 1;
        if (label > LABEL_MAX)
            return PN_CHECK_NAME_TOO_LONG;
    }
    return PN_CHECK_NONE;
}

enum pn_check
pn_host_name_fault(struct pn_str name)
{
    struct pn_str rest = name;

    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z')
            return PN_CHECK_UPPER_CASE_HOST;
    if (name.len > 1 && name.ptr[name.len - 1] == '.' && name.ptr[name.len - 2] != '.')
        return PN_CHECK_HOST_TRAILING_DOT;
    for (size_t i = 0; i < name.len; i++)
        if (!is_host_byte(name.ptr[i]))
            return PN_CHECK_HOST_BYTE;
    if (rest.len && rest.ptr[0] == '.')
        rest = pn_str_from(rest, 1);
    if (name.len && !rest.len)
        return PN_CHECK_EMPTY_LABEL;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] == '.' &&
            (i == 0 || i + 1 == rest.len || rest.ptr[i + 1] == '.'))
            return PN_CHECK_EMPTY_LABEL;
    return length_fault(name);
}

static enum pn_check
host_fault(struct pn_str name)
{
    if (pn_str_has(name, '*'))
        return PN_CHECK_FOREIGN_PATTERN;
    if (pn_str_has(name, '-') && pn_str_has(name, '.') && pn_is_digits_and(name, ".-"))
        return PN_CHECK_RANGE_NOT_EXPANDED;
    return pn_host_name_fault(name);
}

/* Checks octets with dots between them: how many there are, and each of them. */
static enum pn_check
octets_fault(struct pn_str key)
{
    size_t octets = 0, digits = 0;
    unsigned value = 0;
    bool zero = false, large = false, empty = false, dot = false;

    for (size_t i = 0; i <= key.len; i++) {
        if (i < key.len && pn_is_digit(key.ptr[i])) {
            zero |= digits == 1 && key.ptr[i - 1] == '0';
            value = value > 255 ? value : value * 10 + (unsigned)(key.ptr[i] - '0');
            large |= value > 255;
            digits++;
            continue;
        }
        dot = i == key.len && !digits && octets;
        if (i < key.len || digits)
            octets++;
        empty |= !digits && !dot;
        value = 0;
        digits = 0;
    }
    if (empty || octets > OCTETS)
        return PN_CHECK_NEVER_MATCHES;
    if (octets < OCTETS && !dot)
        return PN_CHECK_MISSING_DOT;
    if (octets == OCTETS && dot)
        return PN_CHECK_DOT_AFTER_ADDRESS;
    if (large)
        return PN_CHECK_OCTET_RANGE;
    return zero ? PN_CHECK_LEADING_ZERO : PN_CHECK_NONE;
}

static enum pn_check
address_fault(struct pn_str key)
{
    static const char *const foreign[] = {
        "ALL", "all", "any", "ANY", "0/0", "default"
    };
    bool letters = false, host = true;
    struct pn_str front;

    for (size_t i = 0; i < PN_COUNT_OF(foreign); i++)
        if (pn_str_is(key, foreign[i]))
            return PN_CHECK_FOREIGN_PATTERN;
    if (pn_str_has(key, '*') || pn_literal_wildcard(key, &front))
        return PN_CHECK_FOREIGN_PATTERN;
    if (pn_str_has(key, ':'))
        return pn_str_has(key, '/')           ? PN_CHECK_CIDR_IN_CLASSIC
               : pn_classic_key_is_asked(key) ? PN_CHECK_NONE
                                              : PN_CHECK_NEVER_MATCHES;
    if (pn_str_has(key, '/'))
        return pn_is_digits_and(key, "./") ? PN_CHECK_CIDR_IN_CLASSIC
                                           : PN_CHECK_NEVER_MATCHES;
    if (pn_is_digits_and(key, "."))
        return octets_fault(key);
    for (size_t i = 0; i < key.len; i++) {
        letters |= pn_is_letter(key.ptr[i]);
        host &= is_host_byte(key.ptr[i]);
    }
    return letters && host ? PN_CHECK_MISSING_EQUALS : PN_CHECK_NEVER_MATCHES;
}

bool
pn_is_ident_byte(char c)
{
    return c && c != '\n' && c != '\r';
}

static enum pn_check
ident_fault(struct pn_str ident, struct pn_str rest)
{
    enum pn_check fault;

    for (size_t i = 0; i < ident.len; i++)
        if (!pn_is_ident_byte(ident.ptr[i]))
            return PN_CHECK_IDENT_BYTE;
    if (pn_str_has(rest, '-') && pn_is_digits_and(rest, ".-"))
        return PN_CHECK_RANGE_NOT_EXPANDED;
    if (!rest.len || pn_str_is(rest, "=") ||
        (rest.len > 1 && rest.ptr[0] == '=' && rest.ptr[1] == '.'))
        return PN_CHECK_IDENT_PREFIX_IN_CLASSIC;
    fault = rest.ptr[0] == '=' ? host_fault(pn_str_from(rest, 1)) : address_fault(rest);
    if (rest.ptr[0] != '=' &&
        (fault == PN_CHECK_MISSING_DOT ||
         (fault == PN_CHECK_NONE &&
          (rest.ptr[rest.len - 1] == '.' || rest.ptr[rest.len - 1] == ':'))))
        return PN_CHECK_IDENT_PREFIX_IN_CLASSIC;
    return fault == PN_CHECK_NONE && !ident.len ? PN_CHECK_EMPTY_IDENT : fault;
}

/* Does a server look up one of the keys that a key of a line stands for? */
static bool
is_asked(struct pn_str key)
{
    struct pn_expansion expansion;
    char text[KEY_MAX];

    if (!pn_expand(key, &expansion) || pn_expansion_size(&expansion) > sizeof(text))
        return false;
    if (!pn_expansion_count(&expansion))
        return true; /* a range that ends before it begins */
    for (size_t i = 0; i < pn_expansion_count(&expansion); i++)
        if (pn_classic_key_is_asked(
                (struct pn_str){ text, pn_expansion_key(&expansion, i, text) }))
            return true;
    return false;
}

/* The fault of the form that a key has, whether or not it is looked up. */
static enum pn_check
form_fault(struct pn_str key)
{
    const char *at = key.len ? memchr(key.ptr, '@', key.len) : NULL;
    struct pn_expansion expansion;
    char text[KEY_MAX];

    if (pn_str_has(key, ' ') || pn_str_has(key, '\t'))
        return PN_CHECK_SPACE_IN_KEY;
    if (at) {
        size_t size = (size_t)(at - key.ptr);

        return ident_fault((struct pn_str){ key.ptr, size },
                           pn_str_from(key, size + 1));
    }
    if (!key.len)
        return PN_CHECK_NONE;
    if (key.ptr[0] == '=')
        return host_fault(pn_str_from(key, 1));
    if (!pn_expand(key, &expansion) || !expansion.ranged)
        return address_fault(key);
    if (pn_str_has(expansion.front, '-') || pn_str_has(expansion.back, '-'))
        return PN_CHECK_SECOND_RANGE;
    if (pn_expansion_size(&expansion) > sizeof(text))
        return PN_CHECK_NEVER_MATCHES;
    if (!pn_expansion_count(&expansion))
        return PN_CHECK_NONE; /* a range that ends before it begins */
    return address_fault(
        (struct pn_str){ text, pn_expansion_key(&expansion, 0, text) });
}

enum pn_check
pn_classic_key_fault(struct pn_str key)
{
    enum pn_check form = form_fault(key);

    if (!is_asked(key))
        return form == PN_CHECK_NONE ? PN_CHECK_NEVER_MATCHES : form;
    if (form == PN_CHECK_RANGE_NOT_EXPANDED || form == PN_CHECK_EMPTY_IDENT)
        return form; /* it is looked up, but not for the clients that the author meant
                      */
    return PN_CHECK_NONE;
}
