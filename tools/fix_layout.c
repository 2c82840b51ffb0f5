/* A column is as wide as its group needs: a fix of one line moves the others. */
#include "tools/fix_layout.h"

#include <errno.h>
#include <string.h>

#include "analysis/format.h"

enum { DIAGS_MAX = 1000 };

static enum pn_format_result
layout_of(const struct pn_draft *draft, const struct pn_buffer *text,
          struct pn_buffer *out)
{
    struct pn_diags diags = { .limit = DIAGS_MAX };
    enum pn_format_result result = PN_FORMAT_MEMORY;
    struct pn_source source;

    if (!pn_source_from_text(
            &source, draft->path,
            (struct pn_str){ text->size ? text->bytes : "", text->size }))
        return result;
    if (pn_source_index(&source))
        result = pn_format_text(&source, &diags, out);
    pn_diags_clear(&diags);
    pn_source_clear(&source);
    return out->failed ? PN_FORMAT_MEMORY : result;
}

static bool
is_same(const struct pn_buffer *a, const struct pn_buffer *b)
{
    return a->size == b->size && (!a->size || memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* What cannot be parsed is in no layout. */
static bool
draft_layout(struct pn_draft *draft)
{
    struct pn_buffer before = { 0 }, after = { 0 };
    enum pn_format_result result = layout_of(draft, &draft->before, &before);

    if (result == PN_FORMAT_OK && is_same(&before, &draft->before)) {
        result = layout_of(draft, &draft->text, &after);
        if (result == PN_FORMAT_OK) {
            struct pn_buffer swap = draft->text;

            draft->text = after;
            after = swap;
        }
    }
    pn_buffer_free(&before);
    pn_buffer_free(&after);
    return result != PN_FORMAT_MEMORY;
}

bool
pn_fix_layout(struct pn_drafts *drafts)
{
    bool good = true;

    for (size_t i = 0; i < drafts->count && good; i++)
        if (pn_draft_is_changed(&drafts->items[i]))
            good = draft_layout(&drafts->items[i]);
    if (!good)
        errno = ENOMEM;
    return good;
}
