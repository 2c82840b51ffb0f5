/* The table of importers, and what they share: notes, statements, lines and prefixes.
 */
#include "interop/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/list_words.h"

const struct pn_importer pn_importers[] = {
#define X(id, name, input, summary) \
    { name, summary, PN_IMPORT_##input, pn_import_##id },
#include "interop/importers.def"
#undef X
};

const size_t pn_importer_count = PN_COUNT_OF(pn_importers);

const struct pn_importer *
pn_importer_find(const char *name)
{
    for (size_t i = 0; i < pn_importer_count; i++)
        if (strcmp(pn_importers[i].name, name) == 0)
            return &pn_importers[i];
    return NULL;
}

/* No text has a NUL, and no statement of ours can say one. */
void
pn_import_text_check(struct pn_import *import, uint32_t file)
{
    const struct pn_source *source = &import->files[file];
    const char *nul = source->size ? memchr(source->text, '\0', source->size) : NULL;
    size_t line = 1;

    if (!nul)
        return;
    for (const char *at = source->text; at < nul; at++)
        line += *at == '\n';
    pn_import_error(import, file, line, "there is a NUL in this line: it is no text");
}

void
pn_import_run(const struct pn_importer *importer, struct pn_import *import)
{
    bool is_text =
        importer->input == PN_IMPORT_TEXT || importer->input == PN_IMPORT_BANS;

    for (size_t i = 0; i < import->file_count && is_text; i++)
        pn_import_text_check(import, (uint32_t)i);
    if (!import->has_errors)
        importer->run(import);
}

bool
pn_import_is_one(struct pn_import *import)
{
    if (import->file_count > 1)
        pn_import_error(import, 1, 0, "one file is wanted");
    return import->file_count == 1;
}

void
pn_import_clear(struct pn_import *import)
{
    pn_buffer_free(&import->out);
    pn_buffer_free(&import->texts);
    pn_buffer_free(&import->native);
    pn_free(import->notes);
    import->notes = NULL;
    import->note_count = import->note_capacity = 0;
}

/* A name as a remark can hold it: a line of its own it must not begin. */
static void
name_add(struct pn_buffer *out, struct pn_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c =
            (unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f ? '?' : name.ptr[i];

        pn_buffer_add(out, &c, 1);
    }
}

/* The key of the record that is read; the default of a classic file has none. */
static void
key_add(struct pn_buffer *out, struct pn_str key)
{
    name_add(out,
             key.len ? pn_str_to(key, key.len < 80 ? key.len : 80) : PN_STR("(empty)"));
}

static void
note_add(struct pn_import *import, struct pn_import_note note, const char *format,
         va_list arguments)
{
    char text[512]; /* what is quoted of a file may be long: it is cut */

    (void)vsnprintf(text, sizeof(text), format, arguments);
    note.file = note.file == PN_IMPORT_WHOLE ? 0 : note.file;
    note.key = import->at.ptr ? import->texts.size : SIZE_MAX;
    if (import->at.ptr) {
        key_add(&import->texts, import->at);
        pn_buffer_add(&import->texts, "", 1);
    }
    note.text = import->texts.size;
    pn_buffer_add(&import->texts, text, strlen(text) + 1);
    import->has_errors |= note.is_error;
    import->failed |= import->texts.failed ||
                      !pn_vector_add(&import->notes, &import->note_count,
                                     &import->note_capacity, &note, sizeof(note));
}

void
pn_import_note(struct pn_import *import, uint32_t file, size_t line, const char *format,
               ...)
{
    va_list arguments;

    va_start(arguments, format);
    note_add(import, (struct pn_import_note){ .file = file, .line = line }, format,
             arguments);
    va_end(arguments);
}

void
pn_import_error(struct pn_import *import, uint32_t file, size_t line,
                const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    note_add(import,
             (struct pn_import_note){ .file = file, .line = line, .is_error = true },
             format, arguments);
    va_end(arguments);
}

/* The name of a file; of all of a folder, that of the folder. */
static struct pn_str
file_name(const struct pn_import *import, uint32_t file)
{
    struct pn_str name =
        pn_str_of_text(import->files[file == PN_IMPORT_WHOLE ? 0 : file].name);

    if (file == PN_IMPORT_WHOLE && import->entries)
        name.len -= strlen(import->entries[0].path) + 1;
    return name;
}

void
pn_import_statement(struct pn_import *import, uint32_t file, size_t line,
                    struct pn_str statement)
{
    struct pn_buffer *out = &import->out;

    pn_buffer_add_str(out, statement);
    pn_buffer_add_text(out, " # ");
    name_add(out, file_name(import, file));
    if (import->at.ptr) {
        pn_buffer_add_text(out, ": ");
        key_add(out, import->at);
    } else if (line)
        pn_buffer_add_format(out, ":%zu", line);
    pn_buffer_add_text(out, "\n");
    import->failed |= out->failed;
}

void
pn_import_native(struct pn_import *import, const char *format, ...)
{
    va_list arguments;

    if (!import->wants.native)
        return;
    va_start(arguments, format);
    pn_buffer_add_list(&import->native, format, arguments);
    va_end(arguments);
    pn_buffer_add_text(&import->native, "\n");
    import->failed |= import->native.failed;
}

void
pn_import_native_record(struct pn_import *import, struct pn_str key,
                        struct pn_str value)
{
    struct pn_buffer *out = &import->native;

    if (!import->wants.native)
        return;
    pn_buffer_add_format(out, "+%zu,%zu:", key.len, value.len);
    pn_buffer_add_str(out, key);
    pn_buffer_add_text(out, "->");
    pn_buffer_add_str(out, value);
    pn_buffer_add_text(out, "\n");
    import->failed |= out->failed;
}

void
pn_import_value(struct pn_buffer *out, struct pn_str value)
{
    pn_buffer_add_text(out, "\"");
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if (c == '"' || c == '\\')
            pn_buffer_add_format(out, "\\%c", c);
        else if (c < ' ' || c >= 0x7f)
            pn_buffer_add_format(out, "\\x%02x", c);
        else
            pn_buffer_add(out, value.ptr + i, 1);
    }
    pn_buffer_add_text(out, "\"");
}

bool
pn_import_variable_is(struct pn_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!pn_is_letter(name.ptr[i]) && name.ptr[i] != '_' &&
            !(i && pn_is_digit(name.ptr[i])))
            return false;
    return name.len;
}

struct pn_import_lines
pn_import_lines_of(const struct pn_source *file)
{
    return (struct pn_import_lines){ .rest = { file->text, file->size } };
}

bool
pn_import_line_next(struct pn_import_lines *lines)
{
    const char *end;
    size_t size = lines->rest.len;

    if (!size)
        return false;
    end = memchr(lines->rest.ptr, '\n', size);
    if (end)
        size = (size_t)(end - lines->rest.ptr);
    lines->line = pn_str_to(lines->rest, size);
    lines->rest = pn_str_from(lines->rest, size + !!end);
    if (size && lines->line.ptr[size - 1] == '\r')
        lines->line.len--;
    lines->number++;
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct pn_str
pn_import_word(struct pn_str *rest)
{
    struct pn_str word;
    size_t size = 0;

    while (rest->len && is_blank(*rest->ptr))
        *rest = pn_str_from(*rest, 1);
    while (size < rest->len && !is_blank(rest->ptr[size]))
        size++;
    word = pn_str_to(*rest, size);
    *rest = pn_str_from(*rest, size);
    while (rest->len && is_blank(*rest->ptr))
        *rest = pn_str_from(*rest, 1);
    return word;
}

bool
pn_import_is(struct pn_str text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

/* A length in digits, or a mask of the same family. */
static bool
length_read(struct pn_str text, struct pn_import_prefix *out)
{
    struct postern_addr mask;

    if (pn_list_number_read(text, &out->length))
        return out->length <= pn_family_bits(out->family);
    out->has_mask = true;
    return pn_list_address_read(text, &mask) && mask.family == out->family &&
           pn_list_mask_length(&mask, &out->length);
}

bool
pn_import_prefix_read(struct pn_str text, struct pn_import_prefix *out)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    size_t size = slash ? (size_t)(slash - text.ptr) : text.len;
    struct postern_addr addr;
    pn_number mask;

    if (!pn_list_address_read(pn_str_to(text, size), &addr))
        return false;
    *out = (struct pn_import_prefix){ .family = addr.family,
                                      .length = pn_family_bits(addr.family) };
    if (slash && !length_read(pn_str_from(text, size + 1), out))
        return false;
    mask = pn_host_mask(out->family, out->length);
    out->first = pn_number_from(&addr);
    out->had_host_bits = out->first & mask;
    out->first &= ~mask;
    out->last = out->first | mask;
    return true;
}
