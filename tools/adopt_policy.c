/* An import is written when it compiles, as with postern import. */
#include "tools/adopt_policy.h"

#include <errno.h>
#include <string.h>

#include "interop/spans.h"
#include "tools/prove/prove.h"

enum { NOTES_MOST = 100 }; /* of one import */

static void
notes_take(struct pn_adopt *adopt, const struct pn_import *import)
{
    for (size_t i = 0; i < import->note_count; i++) {
        const struct pn_import_note *note = &import->notes[i];
        const char *file = import->files[note->file].name;

        if (i == NOTES_MOST) {
            pn_adopt_note(adopt, file, 0, "and %zu more: postern import tells of them",
                          import->note_count - i);
            return;
        }
        const char *texts = import->texts.bytes;
        bool keyed = note->key != SIZE_MAX;

        (note->is_error ? pn_adopt_error : pn_adopt_note)(
            adopt, file, note->line, "%s%s%s", keyed ? texts + note->key : "",
            keyed ? ": " : "", texts + note->text);
    }
}

/* What stands in ROOT names no file of this machine. */
static bool
nothing_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    (void)payload;
    (void)path;
    (void)limit;
    (void)out;
    errno = EXDEV;
    return false;
}

bool
pn_adopt_compile(struct pn_adopt *adopt, struct pn_str text, struct pn_source *source,
                 struct pn_compiled *out)
{
    const struct pn_compiled_options how = { .reading = { .read = nothing_read } };

    *source = (struct pn_source){ 0 };
    *out = PN_COMPILED_NONE;
    if (!pn_source_from_text(source, "policy", text) ||
        !pn_compiled_make(out, source, &how)) {
        adopt->failed = true;
        return false;
    }
    return out->result == PN_COMPILE_OK;
}

bool
pn_adopt_serve(struct pn_adopt *adopt, struct pn_str text, struct pn_rules_file *out)
{
    const struct pn_compile_options options = { .prove = false };
    struct pn_diags diags = { 0 };
    enum pn_compile_result result = PN_COMPILE_MEMORY;

    *out = (struct pn_rules_file){ .name = "policy",
                                   .image = -1,
                                   .reading = { .read = nothing_read } };
    if (pn_source_from_text(&out->source, out->name, text))
        result = pn_rules_file_compile(out, &options, &diags);
    pn_diags_clear(&diags);
    adopt->failed |= result != PN_COMPILE_OK && result != PN_COMPILE_REFUSED;
    return result == PN_COMPILE_OK;
}

/* What was said of a proof, line by line, without the name in front. */
static void
proof_tell(struct pn_adopt *adopt, const char *name, struct pn_str said, bool differs)
{
    while (said.len) {
        struct pn_str line = pn_str_cut(&said, '\n');
        const size_t size = strlen(name);

        if (pn_str_begins(line, name) && line.len > size + 2)
            line = pn_str_from(line, size + 2);
        (differs ? pn_adopt_error : pn_adopt_note)(adopt, name, 0, "%.*s",
                                                   (int)line.len, line.ptr);
    }
}

/*
 * Asks the original on this machine, and never a program of ROOT; where there is none,
 * that is told.
 */
static bool
prove(struct pn_adopt *adopt, const char *format, const struct pn_import *import,
      const struct pn_compiled *compiled)
{
    struct pn_tool quiet = *adopt->tool;
    int status;

    pn_output_begin(&quiet.out, -1);
    pn_output_begin(&quiet.err, -1);
    status = pn_prove_import(&quiet, format, NULL, import, compiled);
    proof_tell(adopt, import->files[0].name, pn_str_of(&quiet.err.pending),
               status == PN_EXIT_FINDINGS);
    pn_buffer_free(&quiet.out.pending);
    pn_buffer_free(&quiet.err.pending);
    return status != PN_EXIT_FINDINGS;
}

static bool
compiles(struct pn_adopt *adopt, const char *format, const struct pn_import *import,
         struct pn_str text)
{
    struct pn_source source;
    struct pn_compiled compiled;
    bool good = pn_adopt_compile(adopt, text, &source, &compiled);

    if (!good)
        pn_adopt_error(adopt, import->files[0].name, 0,
                       "there is a rule in it that cannot be written");
    else if (adopt->prove)
        good = prove(adopt, format, import, &compiled);
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    return good;
}

bool
pn_adopt_import(struct pn_adopt *adopt, const struct pn_importer *importer,
                struct pn_import *import, struct pn_buffer *policy)
{
    struct pn_buffer text = { 0 };
    bool good = false;

    import->wants.native = adopt->prove;
    pn_import_run(importer, import);
    notes_take(adopt, import);
    if (!import->has_errors && !import->failed) {
        pn_buffer_add_text(&text, "postern: 1\n");
        pn_buffer_add(&text, import->out.bytes, import->out.size);
        good =
            !text.failed && compiles(adopt, importer->name, import, pn_str_of(&text));
    }
    if (good)
        pn_buffer_add_str(policy, pn_str_of(&text));
    adopt->failed |= import->failed || text.failed || policy->failed;
    pn_buffer_free(&text);
    pn_import_clear(import);
    return good;
}

struct pn_adopt_asked
pn_adopt_ask(struct pn_adopt *adopt, const struct pn_buffer *policy)
{
    struct pn_adopt_asked asked = { .allows_all = false };
    struct pn_source source;
    struct pn_compiled compiled;
    struct pn_spans spans = { 0 };
    enum pn_spans_result result;

    if (pn_adopt_compile(adopt, pn_str_of(policy), &source, &compiled)) {
        result = pn_spans_collect(&spans, compiled.rules, &compiled.decoded);
        adopt->failed |= result == PN_SPANS_MEMORY;
        asked.allows_all = result == PN_SPANS_OK && spans.default_allows;
        asked.needs_names = result != PN_SPANS_OK;
        asked.needs_idents = compiled.decoded.idents.count != 0;
        for (size_t i = 0; result == PN_SPANS_OK && i < spans.count; i++) {
            asked.allows_all &= spans.items[i].allows && !spans.items[i].beyond;
            asked.needs_names |= (spans.items[i].beyond & PN_BEYOND_NAMES) != 0;
        }
    }
    pn_spans_clear(&spans);
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    return asked;
}
