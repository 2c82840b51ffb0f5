/* Room in the buffer, and the encoder of runtime/format/. */
#include "compiler/env_item.h"

#include "runtime/format/record.h"

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
