/* Digits, grouped. */
#include "compiler/number_text.h"

enum {
    HUNDREDTHS = 10000, /* of a percent, in the whole */
    HUNDREDTHS_BITS = 16,
    DIGITS_MAX = 40,
    READ_BITS = 64,
    PEOPLE_BITS = 40,  /* numbers of so many are read in digits */
    PREFIX_POWER = 64, /* a /64 is the least that is worth its name */
    PREFIXES_MAX = 99,
    NEARLY_BITS = 8
};

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

/* The number of the highest bit that is set; the number is not 0. */
static unsigned
highest_bit(pn_number number)
{
    unsigned bit = 0;

    while (number >>= 1)
        bit++;
    return bit;
}

/* A multiple of a large power of two, as prefixes of that size. */
static void
prefixes_write(struct pn_buffer *out, unsigned count, unsigned power)
{
    if (count > 1)
        pn_buffer_add_format(out, "%u * ", count);
    pn_buffer_add_format(out, "2^%u", power);
    if (power < PREFIX_POWER)
        return;
    pn_buffer_add_text(out, " (");
    if (count == 1)
        pn_buffer_add_text(out, "one");
    else
        pn_buffer_add_format(out, "%u", count);
    pn_buffer_add_format(out, " /%u)", 128 - power);
}

void
pn_number_write_people(struct pn_buffer *out, pn_number number)
{
    unsigned power, zeros = 0;

    if (number >> PEOPLE_BITS == 0) {
        pn_number_write(out, number);
        return;
    }
    power = highest_bit(number);
    while (!(number >> zeros & 1))
        zeros++;
    if (number >> zeros <= PREFIXES_MAX) {
        prefixes_write(out, (unsigned)(number >> zeros), zeros);
        return;
    }
    /* all of the NEARLY_BITS bits below the first are set */
    if ((~number << (127 - power)) >> (128 - NEARLY_BITS) == 0)
        pn_buffer_add_format(out, "nearly 2^%u", power + 1);
    else
        pn_buffer_add_format(out, "more than 2^%u", power);
}

void
pn_number_write_addresses(struct pn_buffer *out, pn_number first, pn_number last)
{
    pn_number less_one = last - first;
    unsigned bits;

    if (less_one >> READ_BITS == 0) {
        pn_number_write(out, less_one + 1);
        pn_buffer_add_text(out, less_one ? " addresses" : " address");
        return;
    }
    bits = highest_bit(less_one) + 1;
    if (less_one & (less_one + 1)) { /* not all ones: no power by itself */
        pn_buffer_add_text(out, "more than ");
        bits--;
    }
    pn_buffer_add_format(out, "2^%u addresses", bits);
}

void
pn_share_write(struct pn_buffer *out, pn_number part, pn_number all)
{
    pn_number least = all / HUNDREDTHS + (all % HUNDREDTHS ? 1 : 0);

    if (!all || part == all || !part) {
        pn_buffer_add_text(out, all && part == all ? "100 %" : "0 %");
        return;
    }
    if (part < least || all - part < least) {
        pn_buffer_add_text(out, part < least ? "<0.01 %" : ">99.99 %");
        return;
    }
    while (all >> (128 - HUNDREDTHS_BITS)) {
        all >>= 1;
        part >>= 1;
    }
    part = (part * HUNDREDTHS + all / 2) / all;
    pn_buffer_add_format(out, "%u.%02u %%", (unsigned)(part / 100),
                         (unsigned)(part % 100));
}
