/* Room in the buffer, and the encoder of runtime/format/. */
#include "compiler/env_item.h"

#include "runtime/format/record.h"

/* Linux: execve(2), "Limits on size of arguments and environment". */
enum { STRING_MAX = 128 * 1024, ALL_MAX = 2 * 1024 * 1024 };

bool
pn_env_item_add(struct pn_buffer *out, struct pn_str name, struct pn_str value)
{
    size_t size = pn_record_env_size(name.len, value.len);

    if (!pn_buffer_reserve(out, size))
        return false;
    pn_record_put_env(out->bytes + out->size, name.ptr, name.len, value.ptr, value.len);
    out->size += size;
    return true;
}

enum pn_diag_id
pn_env_items_fault(const char *items, size_t size)
{
    const uint8_t *at = (const uint8_t *)items, *end = at + size;
    struct pn_item item;
    size_t all = 0;

    if (size < STRING_MAX)
        return PN_DIAG_NONE;
    while (pn_record_next(&at, end, &item)) {
        if (item.size > STRING_MAX) /* a sign before it, a NUL behind */
            return PN_DIAG_ENV_LONG;
        all += item.size + sizeof(char *);
    }
    return all > ALL_MAX ? PN_DIAG_ENV_LARGE : PN_DIAG_NONE;
}
