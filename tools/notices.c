/* Notices: kept for the machine formats, told at once on standard error. */
#include "tools/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "tools/tool.h"

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
pn_notices_tell(struct pn_notices *notices, struct pn_tool *tool)
{
    for (; notices->told < notices->count; notices->told++)
        (void)pn_tool_fail_of(tool, PN_EXIT_OK, notices->items[notices->told].file,
                              notices->items[notices->told].why);
}

void
pn_notices_clear(struct pn_notices *notices)
{
    for (size_t i = 0; i < notices->count; i++)
        free(notices->items[i].file);
    free(notices->items);
    *notices = (struct pn_notices){ 0 };
}
