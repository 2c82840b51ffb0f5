/* A string of bytes that grows, and remembers when it could not. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"

void
pn_buffer_free(struct pn_buffer *buffer)
{
    pn_free(buffer->bytes);
    *buffer = (struct pn_buffer){ 0 };
}

bool
pn_buffer_reserve(struct pn_buffer *buffer, size_t more)
{
    size_t need;

    if (!pn_size_add(buffer->size, more, &need) ||
        !pn_vector_reserve(&buffer->bytes, &buffer->capacity, need, 1))
        buffer->failed = true;
    return !buffer->failed;
}

void
pn_buffer_add(struct pn_buffer *buffer, const void *bytes, size_t size)
{
    if (!size || !pn_buffer_reserve(buffer, size))
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void
pn_buffer_add_str(struct pn_buffer *buffer, struct pn_str str)
{
    pn_buffer_add(buffer, str.ptr, str.len);
}

void
pn_buffer_add_text(struct pn_buffer *buffer, const char *text)
{
    pn_buffer_add(buffer, text, strlen(text));
}

void
pn_buffer_add_list(struct pn_buffer *buffer, const char *format, va_list args)
{
    char fixed[256];
    va_list again;
    int size;

    va_copy(again, args);
    size = vsnprintf(fixed, sizeof(fixed), format, args);
    if (size < 0)
        buffer->failed = true;
    else if ((size_t)size < sizeof(fixed))
        pn_buffer_add(buffer, fixed, (size_t)size);
    else if (pn_buffer_reserve(buffer, (size_t)size + 1)) {
        vsnprintf(buffer->bytes + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

void
pn_buffer_add_format(struct pn_buffer *buffer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    pn_buffer_add_list(buffer, format, args);
    va_end(args);
}
