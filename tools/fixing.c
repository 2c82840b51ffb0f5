/* Which policy is made of which files, and which of them may be edited. */
#include "tools/fixing.h"

bool
pn_fix_file_key(const struct pn_unit *unit, uint32_t file, struct pn_buffer *out)
{
    out->size = 0;
    return pn_drafts_key(pn_unit_source(unit, file)->name, out);
}

bool
pn_fix_operand_fill(struct pn_fix_operand *operand, const struct pn_unit *unit)
{
    struct pn_buffer key = { 0 };
    bool good = true;
    uint32_t number;

    for (uint32_t i = 0; i < unit->count && good; i++)
        good = pn_fix_file_key(unit, i, &key) &&
               pn_intern_add(&operand->files, key.bytes, key.size, &number);
    pn_buffer_free(&key);
    return good;
}

void
pn_fix_operand_clear(struct pn_fix_operand *operand)
{
    pn_intern_clear(&operand->files);
}

size_t
pn_fix_users(const struct pn_fixing *fixing, const struct pn_buffer *key, size_t *first)
{
    size_t count = 0;
    uint32_t number;

    for (size_t i = 0; i < fixing->count; i++) {
        const struct pn_fix_operand *o = &fixing->operands[i];

        if (!pn_intern_find(&o->files, key->bytes, key->size, &number))
            continue;
        if (!count++)
            *first = i;
    }
    return count;
}

bool
pn_fix_is_own(const struct pn_unit *unit, uint32_t file)
{
    return !file || (unit->files[file]->is_test && unit->files[file]->parent == file);
}

bool
pn_fix_may_edit(const struct pn_fixing *fixing, const struct pn_unit *unit,
                uint32_t file)
{
    struct pn_buffer key = { 0 };
    size_t users = 0, first;

    if (pn_fix_is_own(unit, file))
        return true;
    if (!fixing->all_users && pn_fix_file_key(unit, file, &key))
        users = pn_fix_users(fixing, &key, &first);
    pn_buffer_free(&key);
    return fixing->all_users || users > 1;
}

struct pn_work *
pn_fix_work(struct pn_fixing *fixing)
{
    if (!fixing->work.spent)
        fixing->work = pn_work_for(0);
    return &fixing->work;
}

void
pn_fixing_clear(struct pn_fixing *fixing)
{
    pn_buffer_free(&fixing->messages);
}
