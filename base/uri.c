/* What is no letter, digit or one of few signs is written as "%HH". */
#include "base/uri.h"

#include "base/ascii.h"

static const char scheme[] = "file://";

/* The byte at the front, decoded, and how much it takes; false for a "%" that is none.
 */
static bool
byte_read(struct pn_str text, char *out, size_t *size)
{
    int high, low;

    *out = text.ptr[0];
    *size = 1;
    if (text.ptr[0] != '%')
        return text.ptr[0] != '\0';
    if (text.len < 3)
        return false;
    high = pn_hex_value(text.ptr[1]);
    low = pn_hex_value(text.ptr[2]);
    if (high < 0 || low < 0)
        return false;
    *out = (char)(high * 16 + low);
    *size = 3;
    return *out != '\0';
}

bool
pn_uri_path(struct pn_str uri, struct pn_buffer *out)
{
    static const char here[] = "localhost";
    size_t before = out->size;
    char byte;
    size_t size;

    if (!pn_str_begins(uri, scheme))
        return false;
    uri = pn_str_from(uri, sizeof(scheme) - 1);
    if (pn_str_begins(uri, here))
        uri = pn_str_from(uri, sizeof(here) - 1);
    if (!uri.len || uri.ptr[0] != '/')
        return false;
    for (; uri.len && uri.ptr[0] != '?' && uri.ptr[0] != '#';
         uri = pn_str_from(uri, size)) {
        if (!byte_read(uri, &byte, &size)) {
            out->size = before;
            return false;
        }
        pn_buffer_add(out, &byte, 1);
    }
    pn_buffer_add(out, "", 1);
    if (out->failed)
        return false;
    pn_path_tidy(out->bytes + before + 1); /* it is of relative paths */
    out->size = before + strlen(out->bytes + before);
    return true;
}

void
pn_uri_of_path(struct pn_str path, struct pn_buffer *out)
{
    static const char plain[] = "/-._~";

    pn_buffer_add_text(out, scheme);
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];

        if (c && (pn_is_letter(c) || pn_is_digit(c) || strchr(plain, c)))
            pn_buffer_add(out, &c, 1);
        else
            pn_buffer_add_format(out, "%%%02X", (unsigned char)c);
    }
}
