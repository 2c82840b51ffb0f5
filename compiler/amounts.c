/* Units by what they are called elsewhere; dates by the order of their parts. */
#include "compiler/amounts.h"

#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/dates.h"

enum { UNIT_MAX = 8, PARTS = 3, YEAR_DIGITS = 4, DATE_DIGITS = 8 };

static const struct {
    const char *word, *unit;
} units[] = {
    { "s", "sec" },     { "secs", "sec" },    { "second", "sec" }, { "seconds", "sec" },
    { "sec", "sec" },   { "m", "min" },       { "mins", "min" },   { "minute", "min" },
    { "min", "min" },   { "minutes", "min" }, { "h", "hour" },     { "hr", "hour" },
    { "hour", "hour" }, { "hours", "hour" },
};

static bool
is_number(struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!pn_is_digit(text.ptr[i]))
            return false;
    return text.len > 0;
}

/* 10/minute, 10/1m, 10/S */
static bool
rate_meant(struct pn_str text, struct pn_buffer *out)
{
    struct pn_str unit = text, number = pn_str_cut(&unit, '/');
    char lower[UNIT_MAX];

    if (unit.len > 1 && *unit.ptr == '1')
        unit = pn_str_from(unit, 1);
    if (!is_number(number) || !unit.len || unit.len > UNIT_MAX)
        return false;
    for (size_t i = 0; i < unit.len; i++)
        lower[i] = pn_lower(unit.ptr[i]);
    unit.ptr = lower;
    for (size_t i = 0; i < PN_COUNT_OF(units); i++)
        if (pn_str_is(unit, units[i].word)) {
            pn_buffer_add_str(out, number);
            pn_buffer_add_text(out, "/");
            pn_buffer_add_text(out, units[i].unit);
            return true;
        }
    return false;
}

/* The year first or last: with dots the day is before the month, with a slash who
 * knows. */
static bool
date_parts(struct pn_str text, struct pn_str parts[PARTS])
{
    char sign = text.len > DATE_DIGITS ? '-' : '\0';

    if (text.len == DATE_DIGITS && is_number(text)) {
        parts[0] = pn_str_to(text, YEAR_DIGITS);
        parts[1] = (struct pn_str){ text.ptr + YEAR_DIGITS, 2 };
        parts[2] = (struct pn_str){ text.ptr + YEAR_DIGITS + 2, 2 };
        return true;
    }
    if (pn_str_has(text, '.') || pn_str_has(text, '/'))
        sign = pn_str_has(text, '.') ? '.' : '/';
    for (size_t i = 0; i < PARTS; i++)
        parts[i] = i + 1 < PARTS ? pn_str_cut(&text, sign) : text;
    if (parts[2].len == YEAR_DIGITS && sign == '.') {
        struct pn_str day = parts[0];

        parts[0] = parts[2];
        parts[2] = day;
    }
    return parts[0].len == YEAR_DIGITS;
}

static bool
date_meant(struct pn_str text, struct pn_buffer *out)
{
    struct pn_str parts[PARTS];
    size_t start = out->size;

    if (!date_parts(text, parts))
        return false;
    for (size_t i = 0; i < PARTS; i++) {
        if (!is_number(parts[i]) || (i && parts[i].len > 2))
            return false;
        pn_buffer_add_text(out, i ? "-" : "");
        pn_buffer_add_text(out, i && parts[i].len == 1 ? "0" : "");
        pn_buffer_add_str(out, parts[i]);
    }
    return out->failed ||
           pn_date_read((struct pn_str){ out->bytes + start, out->size - start }) != 0;
}

bool
pn_amount_meant(enum pn_term term, struct pn_str text, struct pn_buffer *out)
{
    return (term == PN_TERM_RATE && rate_meant(text, out)) ||
           (term == PN_TERM_UNTIL && date_meant(text, out));
}

bool
pn_amount_per_meant(struct pn_str text, struct pn_buffer *out)
{
    struct pn_str six = text, four = pn_str_cut(&six, ',');

    if (six.len && *six.ptr == '/')
        six = pn_str_from(six, 1);
    if (four.len && *four.ptr == '/')
        four = pn_str_from(four, 1);
    if (!is_number(four) || (six.len && !is_number(six)) || four.len > 2 || six.len > 3)
        return false;
    pn_buffer_add_text(out, "/");
    pn_buffer_add_str(out, four);
    pn_buffer_add_text(out, six.len ? ",/" : "");
    pn_buffer_add_str(out, six);
    return true;
}
