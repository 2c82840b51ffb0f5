/* Operands are looked at one by one: who shares what is known at their end. */
#include "tools/lint_sharing.h"

#include <stdlib.h>

#include "base/vector.h"

/* False without memory. */
static bool
edit_note(struct pn_sharing *sharing, const struct pn_unit *unit, uint32_t file,
          size_t finding)
{
    struct pn_buffer key = { 0 };
    uint32_t number;
    bool good = pn_fix_file_key(unit, file, &key) &&
                pn_intern_add(&sharing->keys, key.bytes, key.size, &number) &&
                pn_vector_reserve(&sharing->items, &sharing->capacity,
                                  sharing->count + 1, sizeof(*sharing->items));

    if (good)
        sharing->items[sharing->count++] = (struct pn_shared_edit){ finding, number };
    pn_buffer_free(&key);
    return good;
}

bool
pn_sharing_note(struct pn_sharing *sharing, const struct pn_report *report,
                const struct pn_unit *unit, size_t first)
{
    bool good = true;

    for (size_t i = first; i < report->count; i++) {
        const struct pn_finding *f = &report->items[i];

        for (size_t k = 0; k < f->edit_count && f->safe && good; k++) {
            uint32_t file = report->edits[f->first_edit + k].file;

            if (!pn_fix_is_own(unit, file))
                good = edit_note(sharing, unit, file, i);
        }
    }
    return good;
}

void
pn_sharing_finish(const struct pn_sharing *sharing, struct pn_report *report,
                  const struct pn_fixing *fixing)
{
    for (size_t i = 0; i < sharing->count; i++) {
        uint32_t number = sharing->items[i].key;
        struct pn_finding *f = &report->items[sharing->items[i].finding];
        const struct pn_buffer key = { .bytes =
                                           sharing->keys.bytes.bytes +
                                           pn_intern_offset(&sharing->keys, number),
                                       .size = pn_intern_size(&sharing->keys, number) };
        size_t first;

        if (fixing->all_users || pn_fix_users(fixing, &key, &first) > 1)
            continue;
        f->safe = false;
        f->shared = true;
    }
}

void
pn_sharing_clear(struct pn_sharing *sharing)
{
    free(sharing->items);
    pn_intern_clear(&sharing->keys);
    *sharing = (struct pn_sharing){ 0 };
}
