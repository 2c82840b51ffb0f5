/*
 * Fuzz: any text through every importer, chosen by the first byte, which is a letter in
 * the seeds; a form feed parts two files. What is written without an error is a policy
 * that compiles.
 */
#include <string.h>

#include "analysis/compiled.h"
#include "interop/import.h"
#include "tests/fuzz/check.h"

enum { FILES = 2 };

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_source files[FILES];
    struct pn_import import = { .files = files };
    const struct pn_importer *importer;
    struct pn_str rest;

    if (!size)
        return 0;
    importer = &pn_importers[(uint8_t)(data[0] - 'a') % pn_importer_count];
    rest = (struct pn_str){ (const char *)data + 1, size - 1 };
    while (import.file_count < FILES && (!import.file_count || rest.ptr)) {
        struct pn_str text =
            import.file_count + 1 < FILES ? pn_str_cut(&rest, '\f') : rest;

        CHECK(pn_source_from_text(&files[import.file_count++], "fuzz", text));
    }
    pn_import_run(importer, &import);
    CHECK(!import.failed);
    for (size_t i = 0; i < import.note_count; i++)
        CHECK(import.notes[i].file < import.file_count &&
              strlen(import.texts.bytes + import.notes[i].text) < 512);
    if (!import.has_errors)
        policy_check(&import);
    pn_import_clear(&import);
    for (size_t i = 0; i < import.file_count; i++)
        pn_source_clear(&files[i]);
    return 0;
}
