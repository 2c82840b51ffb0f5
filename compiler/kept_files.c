/* As many files as a policy includes, in the order in which they will be asked for. */
#include "compiler/kept_files.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

void
pn_kept_file_clear(struct pn_kept_file *file)
{
    pn_free(file->path);
    pn_source_clear(&file->source);
    pn_free(file->tree.tokens);
    pn_arena_free(file->arena);
    *file = (struct pn_kept_file){ 0 };
}

static bool
is_the_same(const struct pn_kept_file *file, const char *path,
            const struct pn_source *source)
{
    return file->path && file->source.size == source->size &&
           strcmp(file->path, path) == 0 &&
           memcmp(file->source.text, source->text, source->size) == 0;
}

bool
pn_kept_files_take(struct pn_kept_files *kept, const char *path,
                   const struct pn_source *source, struct pn_kept_file *out)
{
    for (size_t i = 0; i < kept->count; i++) {
        size_t at = (kept->next + i) % kept->count;

        if (!is_the_same(&kept->items[at], path, source))
            continue;
        *out = kept->items[at];
        kept->items[at] = (struct pn_kept_file){ 0 };
        kept->next = at + 1;
        return true;
    }
    return false;
}

void
pn_kept_files_give(struct pn_kept_files *kept, struct pn_kept_file *file)
{
    if (!file->path || !pn_vector_add(&kept->items, &kept->count, &kept->capacity, file,
                                      sizeof(*file)))
        pn_kept_file_clear(file);
    *file = (struct pn_kept_file){ 0 };
}

void
pn_kept_files_clear(struct pn_kept_files *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        pn_kept_file_clear(&kept->items[i]);
    pn_free(kept->items);
    *kept = (struct pn_kept_files){ 0 };
}
