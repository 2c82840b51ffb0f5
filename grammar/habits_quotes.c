/* Quotes that are none. */
#include <string.h>

#include "base/sizes.h"
#include "grammar/habits_extended.h"

static const char *const quotes[] = {
    "\u201c", "\u201d", "\u201e", "\u201f", "\u2018", "\u2019", "\u201a", "\u00ab",
    "\u00bb", "\u2039", "\u203a", "\u2033", "\u300c", "\u300d", "\uff02"
};

/* The size of the typographic quote that a text begins with; 0 for none. */
static size_t
quote_size(const char *at, const char *end)
{
    if ((unsigned char)*at < 0x80)
        return 0;
    for (size_t i = 0; i < PN_COUNT_OF(quotes); i++) {
        size_t size = strlen(quotes[i]);

        if ((size_t)(end - at) >= size && memcmp(at, quotes[i], size) == 0)
            return size;
    }
    return 0;
}

/* The quote that opens the value, path or word that the token belongs to. */
static const char *
quote_find(const struct pn_fault *p)
{
    const char *end = p->text + p->line_end;

    for (const char *at = p->text + p->line; at < end; at++) {
        const char *back = at;

        if (!quote_size(at, end))
            continue;
        while (back > p->text + p->line && pn_is_gap(back[-1]))
            back--;
        if (back == p->text + p->line)
            return NULL;
        return back[-1] == '=' || back < at ? at : NULL;
    }
    return NULL;
}

bool
pn_habit_typographic(const struct pn_fault *p, struct pn_habit *out)
{
    const char *end = p->text + p->line_end, *open = quote_find(p), *at;
    struct pn_str value;

    if (!open)
        return false;
    value.ptr = open + quote_size(open, end);
    for (at = value.ptr; at < end && !quote_size(at, end) && *at != '"'; at++)
        continue;
    value.len = (size_t)(at - value.ptr);
    if (at < end) {
        size_t close = *at == '"' ? 1 : quote_size(at, end);

        pn_habit_mend(out,
                      (struct pn_span){ (uint32_t)(open - p->text),
                                        (uint32_t)(at + close - open) },
                      "\"", value, "\"");
    }
    return pn_habit_tell(out, PN_DIAG_TYPOGRAPHIC_QUOTE,
                         (struct pn_span){ (uint32_t)(open - p->text),
                                           (uint32_t)quote_size(open, end) });
}
