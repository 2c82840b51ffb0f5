/*
 * The rules of ucspi-tcp: a source as tcprules reads it, and the database that it
 * makes. A source is compiled, so that what is read is what the original would have
 * stored.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/memory_file.h"
#include "compiler/compile.h"
#include "interop/classic_rules.h"
#include "interop/records.h"
#include "runtime/format/container.h"

/* Goes through the records of a source, and through its lines beside them. */
struct walk {
    struct pn_classic_rules rules;
    struct pn_import_lines lines; /* up to that of the last record */
    const struct pn_origins *origins;
    const struct pn_source *source;
    const struct pn_origin *last;
    uint32_t file;
};

/* A line without a record, of which tcprules says nothing. */
static void
line_pass(const struct walk *walk)
{
    struct pn_str line = walk->lines.line, rest = line;

    if (pn_str_begins(line, "#") || !pn_import_word(&rest).len)
        return;
    pn_import_note(walk->rules.import, walk->file, walk->lines.number,
                   pn_str_has(line, ':')
                       ? "no rule: its range is upside down, or beyond 255"
                       : "without a colon: tcprules passes the line over");
}

/* Goes on to the line that an offset lies in, or to the end. */
static void
lines_to(struct walk *walk, uint32_t offset)
{
    while (pn_import_line_next(&walk->lines)) {
        const char *at = walk->source->text + offset;

        if (at >= walk->lines.line.ptr &&
            at <= walk->lines.line.ptr + walk->lines.line.len)
            return;
        line_pass(walk);
    }
}

static void
record_take(struct walk *walk, const struct pn_origin *origin,
            const struct pn_record *record)
{
    struct pn_str key = { (const char *)record->key, record->key_size };
    struct pn_str value = { (const char *)record->value, record->value_size };
    struct pn_str written = { walk->source->text + origin->offset, origin->size };
    struct pn_buffer text = { 0 };
    bool again = walk->last && walk->last->offset == origin->offset;
    bool ranged = pn_classic_range_write(written, &text), is_new;

    if (!again)
        lines_to(walk, origin->offset);
    walk->last = origin;
    is_new = pn_classic_key_is_new(&walk->rules, key, walk->file, walk->lines.number);
    walk->rules.import->failed |= text.failed;
    /* the first of a range writes all of it */
    if ((ranged ? !again : is_new) && !walk->rules.import->failed)
        pn_classic_rule_write(&walk->rules, walk->file, walk->lines.number, key,
                              pn_str_of(&text), value);
    pn_buffer_free(&text);
}

static void
records_walk(struct walk *walk, const struct pn_source *image)
{
    struct pn_import *import = walk->rules.import;
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_container container;
    struct pn_record record;

    if (!pn_container_open(&container, image->text, image->size)) {
        import->failed = true;
        return;
    }
    while (!import->failed && pn_container_next(&container, &position, &record)) {
        const struct pn_origin *origin =
            pn_origins_find(walk->origins, record.position);

        if (origin)
            record_take(walk, origin, &record);
    }
    while (pn_import_line_next(&walk->lines))
        line_pass(walk);
}

static void
faults_tell(struct pn_import *import, uint32_t file, const struct pn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        pn_import_error(import, file, diags->items[i].at.line, "%s",
                        pn_diag_message(&diags->items[i]));
    if (diags->total > diags->count)
        pn_import_error(import, file, 0, "there are %zu errors more",
                        diags->total - diags->count);
}

/* The image of a source; false after an error was told. */
static bool
source_compile(struct pn_import *import, uint32_t file, int fd,
               struct pn_origins *origins)
{
    const struct pn_compile_options options = { .origins = origins, .only_text = true };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    enum pn_compile_result result;
    struct pn_reader reader;

    pn_reader_begin_source(&reader, &import->files[file]);
    result = pn_compile(&reader, fd, &options, &diags);
    pn_reader_end(&reader);
    if (result == PN_COMPILE_REFUSED)
        faults_tell(import, file, &diags);
    else if (result != PN_COMPILE_OK)
        import->failed = true;
    pn_diags_clear(&diags);
    return result == PN_COMPILE_OK;
}

/* Its lines, without remarks. */
static void
source_native(struct pn_import *import, uint32_t file)
{
    struct pn_import_lines lines = pn_import_lines_of(&import->files[file]);

    while (pn_import_line_next(&lines))
        if (lines.line.len && *lines.line.ptr != '#')
            pn_import_native(import, "%.*s", PN_IMPORT_TEXT_OF(lines.line));
}

/* A policy of ours has no origins by key. */
static bool
is_classic(const struct pn_source *image)
{
    struct pn_container container;
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_record record;

    return !pn_container_open(&container, image->text, image->size) ||
           !pn_container_next(&container, &position, &record) || !record.key_size ||
           record.key[0];
}

static void
source_import(struct pn_import *import, uint32_t file)
{
    struct pn_origins origins = { .items = NULL };
    struct pn_source image = { .name = NULL };
    struct walk walk = { .rules = { .import = import },
                         .source = &import->files[file],
                         .origins = &origins,
                         .lines = pn_import_lines_of(&import->files[file]),
                         .file = file };
    int fd = pn_memory_file();

    import->failed |= fd < 0;
    if (!import->failed && source_compile(import, file, fd, &origins)) {
        source_native(import, file);
        import->failed |= lseek(fd, 0, SEEK_SET) < 0 ||
                          !pn_source_read(&image, "image", fd, PN_SOURCE_SIZE_MAX);
        if (!import->failed && !is_classic(&image))
            pn_import_error(import, file, 0, "it is a policy of ours already");
        else if (!import->failed)
            records_walk(&walk, &image);
    }
    if (fd >= 0)
        close(fd);
    pn_classic_rules_end(&walk.rules, file);
    pn_source_clear(&image);
    pn_free(origins.items);
}

void
pn_import_tcprules(struct pn_import *import)
{
    if (pn_import_is_one(import))
        source_import(import, 0);
}

static void
database_record(void *payload, struct pn_str key, struct pn_str value)
{
    struct pn_classic_rules *rules = payload;

    pn_import_native_record(rules->import, key, value);
    if (pn_classic_key_is_new(payload, key, 0, 0))
        pn_classic_rule_write(payload, 0, 0, key, PN_STR(""), value);
}

void
pn_import_tcprules_cdb(struct pn_import *import)
{
    struct pn_classic_rules rules = { .import = import };

    if (pn_import_is_one(import) &&
        pn_import_records_each(import, 0, database_record, &rules))
        pn_classic_rules_end(&rules, 0);
    pn_intern_clear(&rules.seen);
}
