/* Notices: kept for the machine formats, and printed at once for people. */
#include "tools/render/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

void
pn_notices_add(struct pn_notices *notices, const char *file, const char *why)
{
    char *copy;

    for (size_t i = 0; i < notices->count; i++)
        if (strcmp(notices->items[i].file, file) == 0)
            return;
    copy = strdup(file);
    if (!copy || !pn_vector_reserve(&notices->items, &notices->capacity,
                                    notices->count + 1, sizeof(*notices->items))) {
        free(copy);
        return;
    }
    notices->items[notices->count++] = (struct pn_notice){ copy, why };
}

void
pn_notices_print(struct pn_notices *notices, const char *verb, struct pn_output *out)
{
    for (; notices->printed < notices->count; notices->printed++) {
        const struct pn_notice *notice = &notices->items[notices->printed];

        pn_output_text(out, "postern ");
        pn_output_text(out, verb);
        pn_output_text(out, ": ");
        pn_output_text(out, notice->file);
        pn_output_text(out, ": ");
        pn_output_text(out, notice->why);
        pn_output_text(out, "\n");
    }
}

void
pn_notices_clear(struct pn_notices *notices)
{
    for (size_t i = 0; i < notices->count; i++)
        free(notices->items[i].file);
    free(notices->items);
    *notices = (struct pn_notices){ 0 };
}
