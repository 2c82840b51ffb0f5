/* The calendar as it is now: years from 1 to 9999. */
#include "compiler/dates.h"

#include "base/ascii.h"

bool
pn_digits_read(struct pn_str text, uint32_t max, uint32_t *out)
{
    uint64_t value = 0;

    if (!text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!pn_is_digit(text.ptr[i]))
            return false;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
        if (value > max)
            return false;
    }
    *out = (uint32_t)value;
    return true;
}

uint32_t
pn_date_read(struct pn_str text)
{
    static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    uint32_t year, month, day;
    bool leap;

    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !pn_digits_read((struct pn_str){ text.ptr, 4 }, 9999, &year) ||
        !pn_digits_read((struct pn_str){ text.ptr + 5, 2 }, 12, &month) ||
        !pn_digits_read((struct pn_str){ text.ptr + 8, 2 }, 31, &day) || !year ||
        !month || !day || day > days[month - 1])
        return 0;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return 0;
    return year * 10000 + month * 100 + day;
}
