/* Digits, grouped. */
#include "compiler/number_text.h"

enum { DIGITS_MAX = 64, READ_BITS = 64 };

void
pn_number_write(struct pn_buffer *out, pn_number number)
{
    char digits[DIGITS_MAX];
    size_t at = sizeof(digits), count = 0;

    do {
        if (count && count % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (char)('0' + (int)(number % 10));
        number /= 10;
        count++;
    } while (number);
    pn_buffer_add(out, digits + at, sizeof(digits) - at);
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
