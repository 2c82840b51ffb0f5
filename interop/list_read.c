/* A list is read as a policy reads it: by a policy that has nothing else. */
#include <string.h>

#include "compiler/lists.h"
#include "interop/list_change.h"

/* A pn_read_fn that has one text, whatever it is asked for. */
static bool
text_take(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_source *text = payload;

    (void)path;
    if (text->size > limit) {
        errno = EFBIG;
        return false;
    }
    if (pn_source_from_text(out, text->name, (struct pn_str){ text->text, text->size }))
        return true;
    errno = ENOMEM;
    return false;
}

static bool
addresses_collect(struct pn_list_read *out, const struct pn_list_file *list,
                  struct pn_set_pool *pool)
{
    out->entries = list->entries;
    if (list->covered)
        (void)pn_element_collect(&list->element, pool, &out->set);
    pn_address_set_finish(&out->set);
    return !pool->failed;
}

enum pn_list_result
pn_list_text_read(struct pn_list_read *out, const struct pn_source *text,
                  struct pn_diags *diags)
{
    const struct pn_reading reading = { .read = text_take, .payload = (void *)text };
    struct pn_source root = { 0 };
    struct pn_space space;
    struct pn_set_pool pool = { 0 };
    struct pn_buffer scratch = { 0 };
    struct pn_lists lists = { .counts = true };
    struct pn_unit unit;
    const struct pn_lists_into into = { &unit, &space, &pool, &scratch };
    const struct pn_list_file *list;
    enum pn_list_result result = PN_LIST_MEMORY;

    *out = (struct pn_list_read){ 0 };
    if (!pn_source_from_text(&root, text->name, (struct pn_str){ "postern: 1\n", 11 }))
        return PN_LIST_MEMORY;
    pn_unit_load(&unit, &root, diags, reading);
    pn_space_begin(&space);
    list = unit.failed ? NULL : pn_lists_get(&lists, &into, text->name);
    if (list && !unit.failed && !space.failed && !diags->failed)
        result = list->refused || list->fault != PN_DIAG_NONE ? PN_LIST_REFUSED
                 : addresses_collect(out, list, &pool)        ? PN_LIST_READ
                                                              : PN_LIST_MEMORY;
    pn_lists_clear(&lists);
    pn_set_pool_clear(&pool);
    pn_space_clear(&space);
    pn_buffer_free(&scratch);
    pn_unit_clear(&unit);
    pn_source_clear(&root);
    return result;
}

void
pn_list_read_clear(struct pn_list_read *list)
{
    pn_address_set_clear(&list->set);
    list->entries = 0;
}
