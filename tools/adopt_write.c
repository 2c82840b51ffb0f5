/* DIR: policies, services with their run scripts, units, and the list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "tools/adopt.h"
#include "tools/fresh_folder.h"

static bool
has_units(const struct pn_adopt_item *item)
{
    return item->kind == PN_ADOPT_INETD || item->kind == PN_ADOPT_XINETD;
}

/* What starts the run script of a service under systemd. */
static bool
unit_put(struct pn_adopt *adopt, struct pn_fresh_folder *folder,
         const struct pn_adopt_item *item)
{
    struct pn_buffer text = { 0 };
    bool good;

    pn_buffer_add_format(&text,
                         "[Unit]\nDescription=%s under %s\nAfter=network.target\n"
                         "\n[Service]\nWorkingDirectory=/etc/postern/%s\n"
                         "ExecStart=/etc/postern/%s/run\nRestart=always\n"
                         "KillMode=process\n\n[Install]\nWantedBy=multi-user.target\n",
                         item->name, item->server, item->name, item->name);
    errno = ENOMEM;
    good = !text.failed &&
           pn_fresh_folder_put(folder,
                               pn_adopt_text(adopt, "units/%s.service", item->name),
                               pn_str_of(&text), 0666);
    pn_buffer_free(&text);
    return good;
}

static bool
service_put(struct pn_adopt *adopt, struct pn_fresh_folder *folder,
            const struct pn_adopt_item *item)
{
    const char *place = pn_adopt_text(adopt, "services/%s", item->name);

    if (strcmp(item->script_name, "run") != 0)
        return pn_fresh_folder_put(folder,
                                   pn_adopt_text(adopt, "units/%s", item->script_name),
                                   pn_str_of(&item->run), 0666);
    return pn_fresh_folder_make(folder, place) &&
           pn_fresh_folder_put(folder, pn_adopt_text(adopt, "%s/run", place),
                               pn_str_of(&item->run), 0777) &&
           (!item->is_down ||
            pn_fresh_folder_put(folder, pn_adopt_text(adopt, "%s/down", place),
                                PN_STR(""), 0666)) &&
           (!has_units(item) || unit_put(adopt, folder, item));
}

static bool
items_put(struct pn_adopt *adopt, struct pn_fresh_folder *folder)
{
    bool good = true;

    for (size_t i = 0; i < adopt->item_count && good; i++) {
        const struct pn_adopt_item *item = &adopt->items[i];

        if (item->name && item->policy.size)
            good = pn_fresh_folder_put(
                folder, pn_adopt_text(adopt, "policies/%s.rules", item->name),
                pn_str_of(&item->policy), 0666);
        if (good && item->name && item->run.size)
            good = service_put(adopt, folder, item);
    }
    return good;
}

/* A folder of a tree that is looked at is none to write in; "/" is the machine. */
static bool
is_inside(struct pn_adopt *adopt, const char *dir)
{
    char *root = pn_files_real(adopt->root), *real = NULL;
    char *parent = pn_strdup(dir);
    size_t size = parent ? strlen(parent) : 0;
    bool inside;

    while (size && parent[size - 1] == '/')
        size--;
    while (size && parent[size - 1] != '/')
        size--;
    if (parent)
        parent[size] = '\0';
    if (parent)
        real = pn_files_real(size ? parent : ".");
    adopt->failed |= !parent || ((!root || !real) && errno == ENOMEM);
    size = root ? strlen(root) : 0;
    inside = root && real && strcmp(root, "/") != 0 && strncmp(real, root, size) == 0 &&
             (real[size] == '/' || !real[size]);
    free(root);
    free(real);
    pn_free(parent);
    return inside;
}

int
pn_adopt_write(struct pn_adopt *adopt, const char *dir)
{
    static const char *const folders[] = { "policies", "services", "units" };
    struct pn_fresh_folder folder = PN_FRESH_FOLDER_NONE;
    struct pn_buffer list = { 0 };
    int status = PN_EXIT_OK;
    bool good;

    if (is_inside(adopt, dir))
        return pn_tool_fail_of(adopt->tool, PN_EXIT_USAGE, dir,
                               "lies in ROOT, in which nothing is written");
    if (adopt->failed)
        return pn_tool_fail_memory(adopt->tool, dir);
    pn_adopt_list(adopt, &list);
    good = pn_fresh_folder_begin(&folder, dir);
    if (!good &&
        (errno == EEXIST || errno == EINVAL || errno == ENOENT || errno == ENOTDIR))
        status = PN_EXIT_USAGE;
    for (size_t i = 0; i < 3 && good; i++)
        good = pn_fresh_folder_make(&folder, folders[i]);
    good = good && items_put(adopt, &folder) &&
           pn_fresh_folder_put(&folder, "CUTOVER.md", pn_str_of(&list), 0666);
    if (good && (list.failed || adopt->failed)) {
        errno = ENOMEM;
        good = false;
    }
    good = good && pn_fresh_folder_end(&folder);
    if (!good)
        status = pn_tool_fail_of(adopt->tool, status ? status : PN_EXIT_SYSTEM, dir,
                                 pn_files_error(errno));
    pn_fresh_folder_clear(&folder);
    pn_buffer_free(&list);
    return status;
}
