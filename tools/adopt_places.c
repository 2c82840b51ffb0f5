/* nginx: its rules of addresses become policies, and it goes on as it is. */
#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "interop/nginx_parts.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_tree.h"

enum { PARTS_MOST = 64 }; /* of one file */

static void
policy_add(struct pn_adopt *adopt, const struct pn_importer *importer,
           const struct pn_source *source, struct pn_adopt_item item)
{
    struct pn_import import = { .files = source, .file_count = 1 };
    const char *wanted = item.name;

    item.name = NULL;
    item.state = PN_ADOPT_STAYS;
    if (pn_adopt_import(adopt, importer, &import, &item.policy)) {
        item.state = PN_ADOPT_GOES;
        item.name = pn_adopt_name(adopt, wanted);
    }
    (void)pn_adopt_add(adopt, item);
}

static void
part_add(struct pn_adopt *adopt, const struct pn_source *file,
         const struct pn_nginx_part *part)
{
    struct pn_adopt_item item = { .kind = PN_ADOPT_NGINX,
                                  .file =
                                      pn_adopt_copy(adopt, pn_str_of_text(file->name)),
                                  .line = part->line };
    struct pn_buffer text = { 0 };
    struct pn_source source = { 0 };

    item.what = pn_adopt_text(adopt, "%.*s%s%.*s", PN_IMPORT_QUOTED(part->kind),
                              part->name.len ? " " : "", PN_IMPORT_QUOTED(part->name));
    item.name = pn_adopt_text(adopt, "nginx-%s", item.what);
    if (pn_nginx_part_text(file, part, &text) &&
        pn_source_from_text(&source, file->name, pn_str_of(&text)))
        policy_add(adopt, pn_importer_find("nginx"), &source, item);
    else
        adopt->failed = true;
    pn_source_clear(&source);
    pn_buffer_free(&text);
}

static void
nginx_file_find(struct pn_adopt *adopt, const char *path)
{
    struct pn_nginx_parts parts = { 0 };
    struct pn_source source;

    if (!pn_adopt_read(adopt, path, PN_ADOPT_TEXT_MOST, &source))
        return;
    if (source.size && memchr(source.text, '\0', source.size))
        pn_adopt_error(adopt, path, 0, "there is a NUL in it: it is no text");
    else
        adopt->failed |= !pn_nginx_parts_find(&source, &parts);
    if (parts.fault_line)
        pn_adopt_error(adopt, path, parts.fault_line,
                       "this is no configuration of nginx");
    else if (parts.count > PARTS_MOST)
        pn_adopt_error(adopt, path, parts.items[PARTS_MOST].line,
                       "more than %d blocks with rules: the rest is left out",
                       PARTS_MOST);
    for (size_t i = 0; i < parts.count && i < PARTS_MOST && !parts.fault_line; i++)
        part_add(adopt, &source, &parts.items[i]);
    pn_free(parts.items);
    pn_source_clear(&source);
}

void
pn_adopt_nginx_find(struct pn_adopt *adopt)
{
    static const struct {
        const char *folder, *end;
    } places[] = {
        { "/etc/nginx/conf.d", ".conf" },
        { "/etc/nginx/http.d", ".conf" },
        { "/etc/nginx/sites-enabled", "" },
    };

    nginx_file_find(adopt, "/etc/nginx/nginx.conf");
    for (size_t i = 0; i < PN_COUNT_OF(places); i++) {
        struct pn_adopt_names names;
        size_t end = strlen(places[i].end);

        (void)pn_adopt_names_read(adopt, places[i].folder, &names);
        for (size_t n = 0; n < names.count && !adopt->failed; n++) {
            size_t size = strlen(names.items[n]);

            if (size >= end && strcmp(names.items[n] + size - end, places[i].end) == 0)
                nginx_file_find(adopt, pn_adopt_text(adopt, "%s/%s", places[i].folder,
                                                     names.items[n]));
        }
        pn_free(names.items);
    }
}
