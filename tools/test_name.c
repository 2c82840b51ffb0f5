/* See test_name.h. */
#include "tools/test_name.h"

#include <string.h>

#include "base/buffer.h"

bool
pn_name_ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);

    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

char *
pn_name_renamed(const char *name, const char *from, const char *to)
{
    struct pn_buffer out = { 0 };

    pn_buffer_add(&out, name, strlen(name) - strlen(from));
    pn_buffer_add(&out, to, strlen(to) + 1);
    if (out.failed)
        pn_buffer_free(&out);
    return out.bytes;
}
