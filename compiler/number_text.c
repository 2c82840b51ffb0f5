/* Digits, grouped. */
#include "compiler/number_text.h"

enum { DIGITS_MAX = 40, READ_BITS = 64 };

void
pn_digits_write(struct pn_buffer *out, struct pn_str digits, const char *group)
{
    for (size_t left = digits.len; left; digits.ptr++) {
        pn_buffer_add(out, digits.ptr, 1);
        if (--left && left % 3 == 0)
            pn_buffer_add_text(out, group);
    }
}

void
pn_number_write_grouped(struct pn_buffer *out, pn_number number, const char *group)
{
    char digits[DIGITS_MAX];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + (unsigned)(number % 10));
    while ((number /= 10) > 0);
    pn_digits_write(out, (struct pn_str){ digits + at, sizeof(digits) - at }, group);
}

void
pn_number_write(struct pn_buffer *out, pn_number number)
{
    pn_number_write_grouped(out, number, ",");
}

void
pn_number_write_addresses(struct pn_buffer *out, pn_number first, pn_number last)
{
    pn_number less_one = last - first;
    unsigned bits = 0;

    if (less_one >> READ_BITS == 0) {
        pn_number_write(out, less_one + 1);
        pn_buffer_add_text(out, less_one ? " addresses" : " address");
        return;
    }
    while (bits < 128 && less_one >> bits)
        bits++;
    if (less_one & (less_one + 1)) { /* not all ones: no power by itself */
        pn_buffer_add_text(out, "more than ");
        bits--;
    }
    pn_buffer_add_format(out, "2^%u addresses", bits);
}
