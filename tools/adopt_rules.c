/* What the server is asked now counts: a source that says something else does not. */
#include "tools/adopt_rules.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/memory_file.h"
#include "base/sizes.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_tree.h"
#include "tools/dump_text.h"

enum { RULES_MOST = 64 << 20 };

/* What stands behind the name of a cdb without ".cdb" is its source, in this order. */
static const char *const source_ends[] = { "", ".rules", ".txt" };

static bool
ends_so(const char *name, const char *end)
{
    size_t size = strlen(name), most = strlen(end);

    return size > most && strcmp(name + size - most, end) == 0;
}

/* Does a source compile to these bytes? */
static bool
makes(struct pn_adopt *adopt, const struct pn_source *source,
      const struct pn_source *cdb)
{
    struct pn_source image = { 0 };
    struct pn_rules_file made;
    bool same =
        pn_adopt_serve(adopt, (struct pn_str){ source->text, source->size }, &made) &&
        lseek(made.image, 0, SEEK_SET) == 0 &&
        pn_source_read(&image, "image", made.image, RULES_MOST) &&
        image.size == cdb->size && memcmp(image.text, cdb->text, image.size) == 0;

    pn_source_clear(&image);
    pn_rules_file_close(&made);
    return same;
}

/* A source of the cdb; `cdb` is NULL where there is none, and then any that compiles.
 */
static bool
source_take(struct pn_adopt *adopt, const char *path, const struct pn_source *cdb,
            struct pn_buffer *policy)
{
    const size_t front = strlen(path) - (ends_so(path, ".cdb") ? 4 : 0);
    bool found = false;

    for (size_t i = 0; i < PN_COUNT_OF(source_ends) && !found; i++) {
        const char *name =
            pn_adopt_text(adopt, "%.*s%s", (int)front, path, source_ends[i]);
        struct pn_adopt_identity id;
        struct pn_rules_file made;
        struct pn_source source;

        if (strcmp(name, path) == 0 || !pn_adopt_look(adopt, name, &id) ||
            !S_ISREG(id.mode) || !pn_adopt_read(adopt, name, RULES_MOST, &source))
            continue;
        if (cdb) {
            found = makes(adopt, &source, cdb);
            if (!found)
                pn_adopt_note(adopt, name, 0,
                              "it does not make the rules of %s, which count", path);
        } else {
            found = pn_adopt_serve(adopt, (struct pn_str){ source.text, source.size },
                                   &made);
            pn_rules_file_close(&made);
        }
        if (found)
            pn_buffer_add(policy, source.text, source.size);
        pn_source_clear(&source);
    }
    return found;
}

/* The rules of a cdb in their own language, without a word to anybody. */
static bool
dump(struct pn_adopt *adopt, const char *path, const struct pn_source *cdb,
     struct pn_buffer *policy)
{
    struct pn_rules_file file = { .name = path, .image = -1 };
    struct pn_tool quiet = *adopt->tool;
    struct pn_buffer text = { 0 };
    enum postern_status opened = POSTERN_E_NOMEM;
    int status = PN_EXIT_SYSTEM;
    bool good;

    pn_output_begin(&quiet.out, -1);
    pn_output_begin(&quiet.err, -1);
    file.image = pn_memory_file_of((struct pn_str){ cdb->text, cdb->size });
    if (file.image >= 0)
        opened = postern_rules_open_fd(file.image, POSTERN_OPEN_CHECK, &file.rules);
    if (opened == POSTERN_OK)
        status = pn_dump_text(&file, &quiet, &text);
    if (status == PN_EXIT_OK)
        status = pn_dump_prove(&file, &quiet, &text);
    good = status == PN_EXIT_OK;
    adopt->failed |=
        opened == POSTERN_E_NOMEM || (opened == POSTERN_OK && status == PN_EXIT_SYSTEM);
    if (good)
        pn_buffer_add_str(policy, pn_str_of(&text));
    adopt->failed |= text.failed || policy->failed;
    pn_buffer_free(&text);
    pn_buffer_free(&quiet.out.pending);
    pn_buffer_free(&quiet.err.pending);
    pn_rules_file_close(&file);
    return good;
}

bool
pn_adopt_rules_read(struct pn_adopt *adopt, const char *cdb, struct pn_buffer *policy)
{
    struct pn_adopt_identity id;
    struct pn_source bytes;
    bool good;

    if (!pn_adopt_look(adopt, cdb, &id)) {
        good = source_take(adopt, cdb, NULL, policy);
        (good ? pn_adopt_note
              : pn_adopt_error)(adopt, cdb, 0, "%s%s", strerror(ENOENT),
                                good ? ": the policy is the source beside it" : "");
        return good;
    }
    if (!pn_adopt_read(adopt, cdb, RULES_MOST, &bytes))
        return false;
    good = source_take(adopt, cdb, &bytes, policy);
    if (!good) {
        good = dump(adopt, cdb, &bytes, policy);
        if (good)
            pn_adopt_note(
                adopt, cdb, 0,
                "the policy is what it says, without the remarks of a source");
        else
            pn_adopt_error(adopt, cdb, 0, "it holds no rules that can be written");
    }
    pn_source_clear(&bytes);
    return good;
}

/* Does a service that was found ask these rules? */
static bool
is_asked(const struct pn_adopt *adopt, const char *path)
{
    for (size_t i = 0; i < adopt->item_count; i++)
        if (adopt->items[i].rules && strcmp(adopt->items[i].rules, path) == 0)
            return true;
    return false;
}

/* Compiled rules where such are kept, which no script asks. */
void
pn_adopt_rules_find(struct pn_adopt *adopt)
{
    static const struct {
        const char *folder, *front;
    } places[] = {
        { "/etc", "tcp." },
        { "/etc/tcprules.d", "" },
        { "/home/vpopmail/etc", "tcp." },
        { "/var/vpopmail/etc", "tcp." },
        { "/var/qmail/control", "tcp." },
    };

    for (size_t i = 0; i < PN_COUNT_OF(places); i++) {
        const size_t size = strlen(places[i].front);
        struct pn_adopt_names names;

        (void)pn_adopt_names_read(adopt, places[i].folder, &names);
        for (size_t n = 0; n < names.count; n++) {
            const char *path =
                pn_adopt_text(adopt, "%s/%s", places[i].folder, names.items[n]);

            if (strncmp(names.items[n], places[i].front, size) == 0 &&
                ends_so(names.items[n], ".cdb") && !is_asked(adopt, path))
                (void)pn_adopt_add(adopt,
                                   (struct pn_adopt_item){ .kind = PN_ADOPT_RULES,
                                                           .state = PN_ADOPT_UNREAD,
                                                           .file = path });
        }
        pn_free(names.items);
    }
}
