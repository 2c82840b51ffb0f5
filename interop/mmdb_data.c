/* "Data Field Format" of the specification of MaxMind DB 2.0: a control byte with type
 * and size, more bytes where the two do not fit in it, and the payload. */
#include "interop/mmdb_data.h"

#include "base/utf8.h"

enum type {
    TYPE_TEXT = 2,
    TYPE_BYTES = 4,
    TYPE_NUMBER16 = 5,
    TYPE_NUMBER32 = 6,
    TYPE_MAP = 7,
    TYPES_PLAIN = 8, /* fewer fit in the first byte */
    TYPE_NUMBER64 = 9,
    TYPE_ARRAY = 11,
    TYPE_BOOLEAN = 14
};

enum { SIZE_1 = 29, SIZE_2 = 285, SIZE_3 = 65821 };

static void
byte_add(struct pn_buffer *out, size_t value)
{
    char byte = (char)(unsigned char)value;

    pn_buffer_add(out, &byte, 1);
}

static void
number_add(struct pn_buffer *out, uint64_t number, unsigned bytes)
{
    while (bytes--)
        byte_add(out, (size_t)(number >> 8 * bytes & 0xff));
}

static void
control_add(struct pn_buffer *out, enum type type, size_t size)
{
    size_t told = size < SIZE_1 ? size : size < SIZE_2 ? 29 : size < SIZE_3 ? 30 : 31;

    byte_add(out, told | (type < TYPES_PLAIN ? (size_t)type << 5 : 0));
    if (type >= TYPES_PLAIN)
        byte_add(out, (size_t)type - 7);
    if (told == 29)
        number_add(out, size - SIZE_1, 1);
    else if (told == 30)
        number_add(out, size - SIZE_2, 2);
    else if (told == 31)
        number_add(out, size - SIZE_3, 3);
}

void
pn_mmdb_map(struct pn_buffer *out, size_t pairs)
{
    control_add(out, TYPE_MAP, pairs);
}

void
pn_mmdb_array(struct pn_buffer *out, size_t elements)
{
    control_add(out, TYPE_ARRAY, elements);
}

static bool
is_utf8(struct pn_str text)
{
    while (text.len) {
        uint32_t code;
        size_t size = pn_utf8_decode(text.ptr, text.len, &code);

        if (!size)
            return false;
        text = pn_str_from(text, size);
    }
    return true;
}

void
pn_mmdb_text(struct pn_buffer *out, struct pn_str text)
{
    control_add(out, is_utf8(text) ? TYPE_TEXT : TYPE_BYTES, text.len);
    pn_buffer_add_str(out, text);
}

void
pn_mmdb_word(struct pn_buffer *out, const char *text)
{
    struct pn_str word = pn_str_of_text(text);

    control_add(out, TYPE_TEXT, word.len);
    pn_buffer_add_str(out, word);
}

void
pn_mmdb_true(struct pn_buffer *out)
{
    control_add(out, TYPE_BOOLEAN, 1);
}

/* Without zeros in front. */
static void
sized_add(struct pn_buffer *out, enum type type, uint64_t number)
{
    unsigned bytes = 0;

    while (bytes < 8 && number >> 8 * bytes)
        bytes++;
    control_add(out, type, bytes);
    number_add(out, number, bytes);
}

void
pn_mmdb_number16(struct pn_buffer *out, unsigned number)
{
    sized_add(out, TYPE_NUMBER16, number);
}

void
pn_mmdb_number32(struct pn_buffer *out, uint32_t number)
{
    sized_add(out, TYPE_NUMBER32, number);
}

void
pn_mmdb_number64(struct pn_buffer *out, uint64_t number)
{
    sized_add(out, TYPE_NUMBER64, number);
}
