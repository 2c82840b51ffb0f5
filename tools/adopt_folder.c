/* A folder of instructions or rules, its files in the order of their names. */
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/vector.h"
#include "tools/adopt_calls.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_tree.h"

enum { DEPTH_MOST = 4, FILES_MOST = 16384, RULES_MOST = 64 << 20 };

/* What was read so far. */
struct folder {
    struct pn_adopt *adopt;
    struct pn_source *files;
    struct pn_import_entry *entries;
    size_t count, capacity, entry_capacity;
    bool is_whole; /* all of it could be read */
};

/* What nobody may read is a rule by its mode alone. */
static void
file_add(struct folder *f, const char *path, const char *name, mode_t mode)
{
    struct pn_source source = { 0 };
    const struct pn_import_entry entry = { name, mode & 07777 };
    size_t entries = f->count;

    if (mode & S_IRUSR)
        f->is_whole &= pn_adopt_read(f->adopt, path, PN_ADOPT_TEXT_MOST, &source);
    else
        f->adopt->failed |= !pn_source_from_text(&source, path, PN_STR(""));
    if (!f->is_whole || f->adopt->failed ||
        !pn_vector_add(&f->entries, &entries, &f->entry_capacity, &entry,
                       sizeof(entry)) ||
        !pn_vector_add(&f->files, &f->count, &f->capacity, &source, sizeof(source))) {
        f->adopt->failed |= f->is_whole;
        pn_source_clear(&source);
    }
}

/* Goes at most DEPTH_MOST deep. */
static void
folder_read(struct folder *f, const char *path, const char *front, unsigned depth)
{
    struct pn_adopt_names names;

    if (depth > DEPTH_MOST || !pn_adopt_names_read(f->adopt, path, &names)) {
        f->is_whole = false;
        return;
    }
    for (size_t i = 0; i < names.count && f->is_whole && !f->adopt->failed; i++) {
        const char *below = pn_adopt_text(f->adopt, "%s/%s", path, names.items[i]);
        const char *name =
            pn_adopt_text(f->adopt, "%s%s%s", front, *front ? "/" : "", names.items[i]);
        struct pn_adopt_identity id;

        if (!pn_adopt_look(f->adopt, below, &id) || f->count == FILES_MOST) {
            pn_adopt_error(f->adopt, below, 0, "it leads nowhere, or is one too many");
            f->is_whole = false;
        } else if (S_ISDIR(id.mode))
            folder_read(f, below, name, depth + 1);
        else
            file_add(f, below, name, id.mode);
    }
    f->is_whole &= names.count < PN_ADOPT_NAMES_MOST;
    pn_free(names.items);
}

bool
pn_adopt_folder_import(struct pn_adopt *adopt, const struct pn_adopt_call *call,
                       const char *path, struct pn_buffer *policy)
{
    struct folder f = { .adopt = adopt, .is_whole = true };
    const char *name = call->kind == PN_ADOPT_S6 ? "s6" : "ipsvd";
    struct pn_source database = { 0 };
    struct pn_import import = { .files = &database, .file_count = 1 };
    bool good;

    if (call->is_folder) {
        folder_read(&f, path, "", 0);
        import.files = f.files;
        import.file_count = f.count;
        import.entries = f.entries;
        good = f.is_whole && f.count;
    } else {
        good = pn_adopt_read(adopt, path, RULES_MOST, &database);
    }
    if (good)
        good = pn_adopt_import(adopt, pn_importer_find(name), &import, policy);
    else
        pn_adopt_error(adopt, path, 0, "the rules cannot be read, or there are none");
    for (size_t i = 0; i < f.count; i++)
        pn_source_clear(&f.files[i]);
    pn_free(f.files);
    pn_free(f.entries);
    pn_source_clear(&database);
    return good;
}
