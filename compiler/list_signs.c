/* Dashes, blanks and words that go on with an entry, in all their spellings. */
#include "compiler/list_signs.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
begins(struct pn_str text, const char *front)
{
    size_t len = strlen(front);

    return text.len >= len && memcmp(text.ptr, front, len) == 0;
}

static bool
is_word(struct pn_str text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

bool
pn_list_is_among(struct pn_str text, const char *const *words)
{
    for (; *words; words++)
        if (is_word(text, *words))
            return true;
    return false;
}

/* Some of these signs, none of them ASCII; where the first one stands. */
static bool
find_among(struct pn_str text, const char *const *signs, struct pn_str *at)
{
    for (size_t i = 0; i < text.len; i++)
        for (const char *const *s = signs; *s && text.ptr[i] & 0x80; s++) {
            struct pn_str tail = { text.ptr + i, text.len - i };

            if (begins(tail, *s)) {
                *at = (struct pn_str){ tail.ptr, strlen(*s) };
                return true;
            }
        }
    return false;
}

/* En dash, em dash and similar characters, as UTF-8. */
static const char *const dashes[] = { "\xe2\x80\x90", "\xe2\x80\x91",
                                      "\xe2\x80\x92", "\xe2\x80\x93",
                                      "\xe2\x80\x94", "\xe2\x80\x95",
                                      "\xe2\x88\x92", NULL };

/* No-break and thin spaces, those of no width, the ideographic one; a BOM within. */
static const char *const blanks[] = {
    "\xc2\xa0",     "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
    "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
    "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d",
    "\xe2\x80\xaf", "\xe2\x81\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", NULL
};

static const char *const range_signs[] = { "to",   "through", "thru", "until", "till",
                                           "upto", "bis",     "..",   "...",   "~",
                                           "->",   "=>",      NULL };

bool
pn_list_is_range_sign(const struct pn_list_words *words, unsigned number)
{
    struct pn_str word = words->items[number], at;

    if (words->count <= number || words->apart[number] != ' ' || !word.len)
        return false;
    return *word.ptr == '-' || pn_list_is_among(word, range_signs) ||
           (find_among(word, dashes, &at) && at.ptr == word.ptr);
}

bool
pn_list_is_length(const struct pn_list_words *words, const struct pn_target *entry)
{
    struct pn_str digits = words->items[1];
    bool slash = words->count > 1 && digits.len && *digits.ptr == '/';
    unsigned length;

    if (slash)
        digits = (struct pn_str){ digits.ptr + 1, digits.len - 1 };
    return words->count > 1 && entry->kind == PN_TARGET_ADDRESSES &&
           entry->count == 1 && pn_list_number_read(digits, &length) &&
           length < pn_family_bits(entry->family) &&
           (slash || !(entry->first & pn_host_mask(entry->family, length)));
}

bool
pn_list_is_slash(const struct pn_list_words *words, unsigned number)
{
    struct pn_str word = words->items[number];

    return words->count > number && words->apart[number] == ' ' && word.len &&
           *word.ptr == '/' && (word.len == 1 || is_digit(word.ptr[1]));
}

bool
pn_list_blank_find(struct pn_str text, struct pn_str *at)
{
    return find_among(text, blanks, at);
}

bool
pn_list_dash_find(struct pn_str text, struct pn_str *at)
{
    return find_among(text, dashes, at);
}
