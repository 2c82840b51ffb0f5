/* Masks are read as lists have them. */
#include "compiler/masks.h"

#include <string.h>

#include "compiler/list_words.h"

void
pn_prefix_write_of(struct pn_buffer *out, pn_number address, uint8_t family,
                   unsigned length)
{
    struct postern_addr addr =
        pn_number_address(address & ~pn_host_mask(family, length), family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&addr, text);
    pn_buffer_add_format(out, "%s/%u", text, length);
}

size_t
pn_mask_fix(struct pn_str at, struct pn_buffer *out)
{
    const char *slash = memchr(at.ptr, '/', at.len);
    struct pn_str text = { at.ptr, slash ? (size_t)(slash - at.ptr) : 0 };
    struct pn_str behind = { at.ptr + text.len + 1, at.len - text.len - 1 };
    struct postern_addr addr, mask;
    unsigned length;

    if (!slash || !pn_list_address_read(text, &addr) ||
        !pn_list_address_read(behind, &mask) || addr.family != mask.family)
        return 0;
    if (pn_list_mask_length(&mask, &length)) {
        pn_buffer_add_str(&out[0], text);
        pn_prefix_write_of(&out[1], pn_number_from(&addr), addr.family, length);
        return 2;
    }
    mask = pn_number_address(pn_number_from(&mask) ^ pn_host_mask(mask.family, 0),
                             mask.family);
    if (!pn_list_mask_length(&mask, &length))
        return 0;
    pn_prefix_write_of(out, pn_number_from(&addr), addr.family, length);
    return 1;
}
