/* Words in the place of a target, and those that are plainly one. */
#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/literal.h"

bool
pn_literal_anything(struct pn_str word)
{
    static const char *const words[] = { "all",      "any",       "anyone", "anywhere",
                                         "everyone", "everybody", "world",  "default" };
    char lower[16];

    if (word.len >= sizeof(lower))
        return false;
    for (size_t i = 0; i < word.len; i++)
        lower[i] = pn_lower(word.ptr[i]);
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_str_is((struct pn_str){ lower, word.len }, words[i]))
            return true;
    return pn_str_is(word, "0/0");
}

/* Digits up to 255, without leading zeros: behind them; NULL for anything else. */
static inline const char *
digits_read(const char *at, const char *end, unsigned *out)
{
    const char *from = at;
    unsigned value = 0, digit;

    while (at < end && (digit = (unsigned)(*at - '0')) <= 9 && at - from < 3) {
        value = value * 10 + digit;
        at++;
    }
    *out = value;
    return at == from || (*from == '0' && at - from > 1) || value > 255 ? NULL : at;
}

bool
pn_literal_plain(struct pn_str word, struct pn_plain *out)
{
    const char *at = word.ptr, *end = word.ptr + word.len;
    unsigned octet, length = 32;
    uint32_t first = 0;
    bool is_address;

    for (int i = 0; i < 4; i++) {
        if (i && (at == end || *at++ != '.'))
            return false;
        at = digits_read(at, end, &octet);
        if (!at)
            return false;
        first = first << 8 | octet;
    }
    is_address = at == end;
    if (!is_address && *at == '/')
        at = digits_read(at + 1, end, &length);
    if (at != end || length > 32 || first & (uint32_t)pn_host_mask(4, length))
        return false;
    *out = (struct pn_plain){ first, (uint8_t)length, is_address };
    return true;
}
