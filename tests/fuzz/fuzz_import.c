/*
 * Fuzz: any text through every importer, chosen by the first byte, which is a letter in
 * the seeds; form feeds part files. Of a capital letter they are those of a folder,
 * each with its mode and its path in the first line. What is written without an error
 * is a policy that compiles.
 */
#include <string.h>

#include "analysis/compiled.h"
#include "interop/import.h"
#include "tests/fuzz/check.h"

enum { FILES_OF_TEXT = 2, FILES_OF_FOLDER = 16, PATH_MOST = 64 };

struct folder {
    struct pn_source files[FILES_OF_FOLDER];
    struct pn_import_entry entries[FILES_OF_FOLDER];
    char names[FILES_OF_FOLDER][PATH_MOST + 2];
};

static void
policy_check(const struct pn_import *import)
{
    struct pn_diags diags = { .limit = 30 };
    const struct pn_compiled_options how = { .diags = &diags };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_buffer text = { 0 };
    struct pn_source source;

    pn_buffer_add_text(&text, "postern: 1\n");
    pn_buffer_add(&text, import->out.bytes, import->out.size);
    CHECK(!text.failed && pn_source_from_text(&source, "import", pn_str_of(&text)));
    CHECK(pn_compiled_make(&compiled, &source, &how));
    CHECK(compiled.result == PN_COMPILE_OK);
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    pn_buffer_free(&text);
    pn_diags_clear(&diags);
}

/* "755 10.1" and a newline before the text; false for what is no path in a folder. */
static bool
entry_make(struct folder *folder, size_t number, struct pn_str text)
{
    struct pn_str line = pn_str_cut(&text, '\n');
    struct pn_str path = line, mode = pn_str_cut(&path, ' ');
    char *name = folder->names[number];

    if (!path.len || path.len >= PATH_MOST || *path.ptr == '/' || mode.len > 3 ||
        memchr(path.ptr, '\0', path.len) || *path.ptr == '.')
        return false;
    memcpy(name, "f/", 2);
    memcpy(name + 2, path.ptr, path.len);
    name[2 + path.len] = '\0';
    folder->entries[number].path = name + 2;
    folder->entries[number].mode = 0;
    for (size_t i = 0; i < mode.len; i++)
        folder->entries[number].mode =
            folder->entries[number].mode << 3 | (mode.ptr[i] & 7);
    CHECK(pn_source_from_text(&folder->files[number], name,
                              text.ptr ? text : PN_STR("")));
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct folder folder;
    struct pn_import import = { .files = folder.files };
    const struct pn_importer *importer;
    bool is_folder;
    size_t most;
    struct pn_str rest;

    if (!size)
        return 0;
    importer = &pn_importers[(uint8_t)((data[0] | 32) - 'a') % pn_importer_count];
    is_folder = !(data[0] & 32) && importer->input == PN_IMPORT_FOLDER;
    most = is_folder ? FILES_OF_FOLDER : FILES_OF_TEXT;
    rest = (struct pn_str){ (const char *)data + 1, size - 1 };
    for (size_t i = 0; i < most && (!i || rest.ptr); i++) {
        struct pn_str text = i + 1 < most ? pn_str_cut(&rest, '\f') : rest;

        if (!is_folder)
            CHECK(
                pn_source_from_text(&folder.files[import.file_count++], "fuzz", text));
        else if (entry_make(&folder, import.file_count, text))
            import.file_count++;
    }
    import.entries = is_folder ? folder.entries : NULL;
    if (import.file_count)
        pn_import_run(importer, &import);
    CHECK(!import.failed);
    for (size_t i = 0; i < import.note_count; i++)
        CHECK(import.notes[i].file < import.file_count &&
              strlen(import.texts.bytes + import.notes[i].text) < 512);
    if (!import.has_errors && import.file_count)
        policy_check(&import);
    pn_import_clear(&import);
    for (size_t i = 0; i < import.file_count; i++)
        pn_source_clear(&folder.files[i]);
    return 0;
}
