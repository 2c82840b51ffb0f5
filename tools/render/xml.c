/* See xml.h. */
#include "tools/render/xml.h"

/* XML has no place for control bytes, nor for what is not UTF-8. */
void
pn_xml_add(struct pn_buffer *out, struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '<' || c == '>' || c == '&' || c == '"')
            pn_buffer_add_format(out, "&#%u;", c);
        else if (c < 0x20 || c >= 0x7f)
            pn_buffer_add_format(out, "\\x%02x", c);
        else
            pn_buffer_add(out, &text.ptr[i], 1);
    }
}
