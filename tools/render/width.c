/* Widths of characters, with libunistring linked. */
#include "tools/render/width.h"

#include <uniwidth.h>

int
pn_char_width(uint32_t code)
{
    return uc_width(code, "UTF-8");
}
