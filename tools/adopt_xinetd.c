/* The files of xinetd: its defaults, and each of its services. */
#include "tools/adopt_xinetd_service.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "interop/import.h"
#include "tools/adopt_tree.h"

enum { INCLUDES_MOST = 64 };

/* Files that are to be read, as they are named. */
struct files {
    struct pn_adopt *adopt;
    struct pn_source conf;
    struct pn_xinetd_block defaults;
    const char *paths[INCLUDES_MOST]; /* of folders and files */
    bool is_folder[INCLUDES_MOST];
    size_t count;
};

static void
block_begin(struct pn_xinetd_block *block, const struct pn_source *file,
            const struct pn_xinetd_line *line)
{
    block->file = file;
    block->name = line->value;
    block->first = block->last = line->line;
    block->count = 0;
}

static void
attribute_add(struct pn_adopt *adopt, struct pn_xinetd_block *block,
              const struct pn_xinetd_line *line)
{
    block->last = line->line;
    adopt->failed |= !pn_vector_add(&block->items, &block->count, &block->capacity,
                                    line, sizeof(*line));
}

/* Services of a file, one after the other. */
static void
services_add(struct files *files, const struct pn_source *file)
{
    struct pn_xinetd_reader reader = pn_xinetd_begin(file);
    struct pn_xinetd_block service = { .first = 0 };
    struct pn_xinetd_line line;
    bool inside = false;

    while (!files->adopt->failed && pn_xinetd_next(&reader, &line)) {
        if (line.kind == PN_XINETD_SERVICE) {
            block_begin(&service, file, &line);
            inside = true;
        } else if (line.kind == PN_XINETD_ATTRIBUTE && inside) {
            attribute_add(files->adopt, &service, &line);
        } else if (line.kind == PN_XINETD_CLOSE && inside) {
            service.last = line.line;
            pn_adopt_xinetd_service(files->adopt, &service, &files->defaults);
            inside = false;
        } else if (line.kind == PN_XINETD_FAULT) {
            pn_adopt_error(files->adopt, file->name, line.line,
                           "xinetd has no such line");
        }
    }
    if (inside)
        pn_adopt_error(files->adopt, file->name, service.first,
                       "the block does not end");
    pn_free(service.items);
}

static void
include_add(struct files *files, const struct pn_xinetd_line *line)
{
    if (files->count == INCLUDES_MOST) {
        pn_adopt_error(files->adopt, files->conf.name, line->line,
                       "more than %d includes: left out", INCLUDES_MOST);
        return;
    }
    files->is_folder[files->count] = pn_str_is(line->name, "includedir");
    files->paths[files->count++] = pn_adopt_copy(files->adopt, line->value);
}

/* The defaults, and what is included. */
static void
conf_read(struct files *files)
{
    struct pn_xinetd_reader reader = pn_xinetd_begin(&files->conf);
    struct pn_xinetd_line line;
    bool inside = false;

    while (!files->adopt->failed && pn_xinetd_next(&reader, &line)) {
        if (line.kind == PN_XINETD_DEFAULTS && !files->defaults.first) {
            block_begin(&files->defaults, &files->conf, &line);
            inside = true;
        } else if (inside && line.kind == PN_XINETD_ATTRIBUTE) {
            attribute_add(files->adopt, &files->defaults, &line);
        } else if (inside && line.kind == PN_XINETD_CLOSE) {
            files->defaults.last = line.line;
            inside = false;
        } else if (line.kind == PN_XINETD_INCLUDE) {
            include_add(files, &line);
        }
    }
}

static void
file_add(struct files *files, const char *path)
{
    struct pn_source source;

    if (!pn_adopt_read(files->adopt, path, PN_ADOPT_TEXT_MOST, &source))
        return;
    services_add(files, &source);
    pn_source_clear(&source);
}

/* As xinetd has it: no name with a dot in it, and none that ends in "~". */
static void
folder_add(struct files *files, const char *path)
{
    struct pn_adopt_names names;

    (void)pn_adopt_names_read(files->adopt, path, &names);
    for (size_t i = 0; i < names.count && !files->adopt->failed; i++) {
        const char *name = names.items[i];

        if (!strchr(name, '.') && name[strlen(name) - 1] != '~')
            file_add(files, pn_adopt_text(files->adopt, "%s/%s", path, name));
    }
    pn_free(names.items);
}

void
pn_adopt_xinetd_find(struct pn_adopt *adopt)
{
    struct files files = { .adopt = adopt };
    bool conf =
        pn_adopt_read(adopt, "/etc/xinetd.conf", PN_ADOPT_TEXT_MOST, &files.conf);

    if (!conf && !pn_adopt_is_absent(adopt, "/etc/xinetd.conf"))
        return; /* its defaults may say anything */
    if (conf) {
        conf_read(&files);
        services_add(&files, &files.conf);
    }
    for (size_t i = 0; i < files.count && !adopt->failed; i++)
        (files.is_folder[i] ? folder_add : file_add)(&files, files.paths[i]);
    if (!conf)
        folder_add(&files, "/etc/xinetd.d");
    pn_free(files.defaults.items);
    pn_source_clear(&files.conf);
}
