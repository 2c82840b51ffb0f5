/*
 * Writes a line for each record, then compiles the lines to see that they yield the
 * same records.
 */
#include "compiler/dump_classic.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intern.h"
#include "compiler/compile.h"
#include "compiler/image.h"
#include "runtime/format/container.h"
#include "runtime/format/record.h"

/* A file that is mapped. */
struct map {
    void *bytes;
    size_t size;
    struct pn_container container;
};

static enum pn_dump_result
map_open(int fd, struct map *out)
{
    struct stat st;

    *out = (struct map){ MAP_FAILED, 0, { 0 } };
    if (fstat(fd, &st) < 0 || st.st_size <= 0)
        return PN_DUMP_DAMAGED;
    out->size = (size_t)st.st_size;
    out->bytes = mmap(NULL, out->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (out->bytes == MAP_FAILED)
        return PN_DUMP_MEMORY;
    return pn_container_open(&out->container, out->bytes, out->size) ? PN_DUMP_OK
                                                                     : PN_DUMP_DAMAGED;
}

static void
map_close(struct map *map)
{
    if (map->bytes != MAP_FAILED)
        munmap(map->bytes, map->size);
}

char
pn_classic_quote(struct pn_str value)
{
    static const char usual[] = "\"'/|+!%&*-.;?@^_`~()[]{}<>$#";

    for (const char *at = usual; *at; at++)
        if (!pn_str_has(value, *at))
            return *at;
    for (int c = 255; c > ' '; c--)
        if (!pn_str_has(value, (char)c))
            return (char)c;
    return '"';
}

/* The end of an item: a value may contain a NUL, which splits it in the file. */
static const uint8_t *
item_end(const uint8_t *at, const uint8_t *end)
{
    struct pn_item item;
    const uint8_t *last = at;

    while (pn_record_next(&at, end, &item)) {
        if (last != item.bytes && (pn_record_denies(item) || *item.bytes == '+'))
            break;
        last = item.bytes + item.size;
    }
    return last;
}

/* "+NAME=value" as an assignment. */
static void
assign_write(struct pn_buffer *out, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *sign = at < end ? memchr(at, '=', (size_t)(end - at)) : NULL;
    char quote;

    if (!sign)
        return; /* without effect; if it had one, the comparison would find it */
    quote = pn_classic_quote(
        (struct pn_str){ (const char *)sign + 1, (size_t)(end - sign - 1) });
    pn_buffer_add_text(out, ",");
    pn_buffer_add(out, at + 1, (size_t)(sign - at));
    pn_buffer_add(out, &quote, 1);
    pn_buffer_add(out, sign + 1, (size_t)(end - sign - 1));
    pn_buffer_add(out, &quote, 1);
}

static void
line_write(struct pn_buffer *out, const struct pn_record *record)
{
    const uint8_t *at = record->value, *end = at + record->value_size;
    struct pn_item item;
    bool denies = false;

    while (pn_record_next(&at, end, &item))
        denies |= pn_record_denies(item);
    pn_buffer_add(out, record->key, record->key_size);
    pn_buffer_add_text(out, denies ? ":deny" : ":allow");
    for (at = record->value; pn_record_next(&at, end, &item);) {
        const uint8_t *last = item_end(item.bytes, end);

        if (!pn_record_denies(item))
            assign_write(out, item.bytes, last);
        at = last < end ? last + 1 : end;
    }
    pn_buffer_add_text(out, "\n");
}

/* An address with a dash: no look-up asks for it, and its line would be expanded. */
static bool
is_idle(const struct pn_record *record)
{
    return record->key_size && record->key[0] != '=' &&
           memchr(record->key, '-', record->key_size) &&
           !memchr(record->key, '@', record->key_size);
}

/* The next record with a new key that some look-up asks for. */
static bool
record_next(const struct pn_container *container, uint32_t *position,
            struct pn_intern *seen, struct pn_record *out, bool *failed)
{
    while (pn_container_next(container, position, out)) {
        size_t before = seen->count;
        uint32_t number;

        if (!pn_intern_add(seen, out->key, out->key_size, &number)) {
            *failed = true;
            return false;
        }
        if (number == before && !is_idle(out))
            return true;
    }
    return false;
}

static bool
records_alike(const struct pn_record *a, const struct pn_record *b)
{
    return a->key_size == b->key_size && a->value_size == b->value_size &&
           memcmp(a->key, b->key, a->key_size) == 0 &&
           memcmp(a->value, b->value, a->value_size) == 0;
}

/*
 * Do both have the same first records, in order? If not, *what is the key of the first
 * difference.
 */
static enum pn_dump_result
images_compare(const struct pn_container *image, const struct pn_container *compiled,
               struct pn_buffer *what)
{
    uint32_t left = PN_CDB_HEADER_SIZE, right = PN_CDB_HEADER_SIZE;
    struct pn_intern seen[2] = { { { 0 }, NULL, 0, 0, NULL, 0 } };
    enum pn_dump_result result = PN_DUMP_OK;
    struct pn_record a, b;
    bool failed = false;

    while (result == PN_DUMP_OK && record_next(image, &left, &seen[0], &a, &failed))
        if (!record_next(compiled, &right, &seen[1], &b, &failed) ||
            !records_alike(&a, &b)) {
            pn_buffer_add(what, a.key, a.key_size);
            result = PN_DUMP_UNWRITABLE;
        }
    if (result == PN_DUMP_OK && record_next(compiled, &right, &seen[1], &b, &failed)) {
        pn_buffer_add(what, b.key, b.key_size);
        result = PN_DUMP_UNWRITABLE;
    }
    pn_intern_clear(&seen[0]);
    pn_intern_clear(&seen[1]);
    return failed || what->failed ? PN_DUMP_MEMORY : result;
}

/* Compiles the lines, and compares the records with those of the image. */
static enum pn_dump_result
compile_compare(const struct pn_container *image, struct pn_str text,
                struct pn_buffer *what)
{
    struct pn_compile_options options = { 0 };
    struct pn_diags diags = { .limit = 1 };
    struct pn_source source = { 0 };
    enum pn_dump_result result = PN_DUMP_MEMORY;
    struct pn_reader reader;
    struct map map = { MAP_FAILED, 0, { 0 } };
    int fd = pn_memory_file();
    enum pn_compile_result compiled = PN_COMPILE_MEMORY;

    if (fd >= 0 && pn_source_from_text(&source, "dump", text)) {
        pn_reader_begin_source(&reader, &source);
        compiled = pn_compile(&reader, fd, &options, &diags);
        pn_reader_end(&reader);
    }
    if (compiled == PN_COMPILE_OK)
        result = map_open(fd, &map);
    if (compiled == PN_COMPILE_OK && result == PN_DUMP_OK)
        result = images_compare(image, &map.container, what);
    if (compiled == PN_COMPILE_REFUSED) { /* the refused line shows it */
        result = PN_DUMP_UNWRITABLE;
        if (diags.count)
            pn_buffer_add(what, diags.items[0].at.line_text,
                          diags.items[0].at.line_len);
    }
    map_close(&map);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    if (fd >= 0)
        close(fd);
    return result;
}

enum pn_dump_result
pn_dump_classic(int fd, struct pn_buffer *out, struct pn_buffer *what)
{
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_intern seen = { { 0 }, NULL, 0, 0, NULL, 0 };
    size_t start = out->size;
    bool failed = false;
    struct pn_record record;
    struct map map;
    enum pn_dump_result result = map_open(fd, &map);

    if (result == PN_DUMP_OK) {
        while (record_next(&map.container, &position, &seen, &record, &failed))
            line_write(out, &record);
        if (failed || out->failed)
            result = PN_DUMP_MEMORY;
        else if (position != map.container.records_end)
            result = PN_DUMP_DAMAGED;
    }
    if (result == PN_DUMP_OK)
        result = compile_compare(
            &map.container,
            (struct pn_str){ out->size > start ? out->bytes + start : "",
                             out->size - start },
            what);
    map_close(&map);
    pn_intern_clear(&seen);
    return result;
}
