/* A buffer with its compiler. */
#include "library/text.h"

struct postern_text *
pn_public_bytes(struct postern_compiler *compiler, struct pn_buffer *bytes)
{
    struct postern_text *text = pn_calloc(1, sizeof(*text));

    if (!text || bytes->failed || !pn_buffer_reserve(bytes, 1)) {
        pn_buffer_free(bytes);
        pn_free(text);
        return NULL;
    }
    bytes->bytes[bytes->size] = '\0';
    pn_compiler_hold(compiler);
    *text = (struct postern_text){ compiler, *bytes };
    *bytes = (struct pn_buffer){ 0 };
    return text;
}

const char *
postern_text_bytes(const struct postern_text *text, size_t *size_out)
{
    if (size_out)
        *size_out = text->bytes.size;
    return text->bytes.bytes;
}

void
postern_text_free(struct postern_text *text)
{
    struct pn_call call;

    if (!text)
        return;
    pn_call_begin_free(&call, text->compiler);
    pn_compiler_drop(text->compiler); /* the call holds it too */
    pn_buffer_free(&text->bytes);
    pn_free(text);
    (void)pn_call_end(&call, POSTERN_OK);
}
