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

/* Digits up to 255, without leading zeros; 256 for anything else. */
static unsigned
digits_read(const char **at, const char *end)
{
    unsigned value = 0;
    const char *from = *at;

    for (; *at < end && *at - from < 3 && **at >= '0' && **at <= '9'; ++*at)
        value = value * 10 + (unsigned)(**at - '0');
    return *at == from || (*from == '0' && *at - from > 1) || value > 255 ? 256 : value;
}

bool
pn_literal_plain(struct pn_str word, struct pn_target *out)
{
    const char *at = word.ptr, *end = word.ptr + word.len;
    bool slashed;
    unsigned length = 32;
    uint32_t first = 0;

    for (int i = 0; i < 4; i++) {
        unsigned octet = digits_read(&at, end);

        if (octet > 255 || (i < 3 && (at == end || *at++ != '.')))
            return false;
        first = first << 8 | octet;
    }
    slashed = at < end && *at == '/';
    if (slashed) {
        at++;
        length = digits_read(&at, end);
    }
    if (at < end || length > 32 || first & (uint32_t)pn_host_mask(4, length))
        return false;
    *out =
        (struct pn_target){ .kind = slashed ? PN_TARGET_PREFIXES : PN_TARGET_ADDRESSES,
                            .family = 4,
                            .length = (uint8_t)(slashed ? length : 0),
                            .count = 1,
                            .first = first };
    return true;
}
