/* postern import: the rules of another program as a policy. */
#include <stdlib.h>
#include <string.h>

#include "analysis/compiled.h"
#include "analysis/format.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "interop/import.h"
#include "tools/export_whole.h"
#include "tools/import_open.h"
#include "tools/prove/prove.h"
#include "tools/verbs.h"

struct import_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *format;
    bool strict, classic;
    bool prove;
    const char *original; /* the program, or NULL */
    int verdict;          /* of who is listed: an index of the choices */
    struct pn_import_wants wants;
};

static const char *const listed_choices[] = { "deny", "allow", NULL };

static const struct pn_option rows[] = {
    PN_TEXT_OPTIONS,
    PN_ROOT_OPTION,
    { "strict", 0, PN_OPTION_FLAG, offsetof(struct import_config, strict), NULL, NULL,
      "leave with 1 when something has no equivalent" },
    { "prove", 0, PN_OPTION_FLAG, offsetof(struct import_config, prove), NULL, NULL,
      "ask the original program too: a difference is an error" },
    { "original", 0, PN_OPTION_TEXT, offsetof(struct import_config, original),
      "PROGRAM", NULL, "where that is (looked for on PATH)" },
    { "classic", 0, PN_OPTION_FLAG, offsetof(struct import_config, classic), NULL, NULL,
      "write a source of tcprules" },
    { "daemon", 0, PN_OPTION_TEXT, offsetof(struct import_config, wants.daemon), "NAME",
      NULL, "hosts.allow: the rules of which daemon (ALL)" },
    { "name", 0, PN_OPTION_TEXT, offsetof(struct import_config, wants.name), "NAME",
      NULL, "which set, service, chain or variable of the file" },
    { "verdict", 0, PN_OPTION_CHOICE, offsetof(struct import_config, verdict),
      "VERDICT", listed_choices, "of who is in a set or list (deny)" },
};

const struct pn_option_table pn_options_import = { rows, PN_COUNT_OF(rows) };

static void
note_show(struct pn_tool *tool, const struct pn_import *import,
          const struct pn_import_note *note)
{
    pn_output_text(&tool->err, import->files[note->file].name);
    if (note->key != SIZE_MAX)
        pn_output_format(&tool->err, ": %s", import->texts.bytes + note->key);
    else if (note->line)
        pn_output_format(&tool->err, ":%zu", note->line);
    pn_output_text(&tool->err, note->is_error ? ": error: " : ": note: ");
    pn_output_text(&tool->err, import->texts.bytes + note->text);
    pn_output_text(&tool->err, "\n");
}

/* By place; of one place as they were made. */
static int
compare_notes(const void *left, const void *right)
{
    const struct pn_import_note *a = left, *b = right;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->text > b->text) - (a->text < b->text);
}

/* What is written must compile: else the importer is wrong, and nothing is written. Nor
 * is what the original answers otherwise. */
static int
policy_check(struct pn_tool *tool, const struct import_config *config,
             const struct pn_import *import, const struct pn_source *policy)
{
    const char *name = import->files[0].name;
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    const struct pn_compiled_options how = { .diags = &diags };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    int status = PN_EXIT_OK;

    if (!pn_compiled_make(&compiled, policy, &how))
        status = pn_tool_fail_system(tool, PN_EXIT_SYSTEM, name);
    else if (compiled.result != PN_COMPILE_OK) {
        pn_tool_diagnostics(tool, &config->common, &diags);
        status = pn_tool_fail_of(tool, PN_EXIT_USAGE, name,
                                 "there is a rule in it that cannot be written");
    } else if (config->prove)
        status =
            pn_prove_import(tool, config->format, config->original, import, &compiled);
    pn_compiled_clear(&compiled);
    pn_diags_clear(&diags);
    return status;
}

/* The same as tcprules has it, or what that cannot say. */
static int
classic_write(struct pn_tool *tool, const struct import_config *config,
              const struct pn_source *policy)
{
    struct pn_rules_file file = { .name = policy->name,
                                  .source = *policy,
                                  .image = -1 };
    struct pn_buffer text = { 0 };
    int status = pn_export_classic(tool, &config->common, &file, &text);

    if (status == PN_EXIT_OK)
        pn_output_add(&tool->out, text.bytes, text.size);
    pn_buffer_free(&text);
    return status;
}

static int
policy_write(struct pn_tool *tool, const struct import_config *config,
             const struct pn_import *import)
{
    static const char header[] = "postern: 1\n";
    struct pn_buffer text = { 0 };
    struct pn_source source = { 0 };
    int status = PN_EXIT_OK;

    pn_buffer_add_text(&text, header);
    pn_buffer_add(&text, import->out.bytes, import->out.size);
    if (text.failed || !pn_source_from_text(&source, "import", pn_str_of(&text)))
        status = pn_tool_fail_memory(tool, import->files[0].name);
    if (status == PN_EXIT_OK)
        status = policy_check(tool, config, import, &source);
    if (status == PN_EXIT_OK && config->classic)
        status = classic_write(tool, config, &source);
    else if (status == PN_EXIT_OK)
        pn_output_add(&tool->out, text.bytes, text.size);
    pn_source_clear(&source);
    pn_buffer_free(&text);
    return status;
}

static int
files_import(struct pn_tool *tool, const struct import_config *config,
             const struct pn_importer *importer, struct pn_import *import)
{
    int status = PN_EXIT_OK;

    pn_import_run(importer, import);
    if (import->failed)
        return pn_tool_fail_memory(tool, import->files[0].name);
    if (import->note_count)
        qsort(import->notes, import->note_count, sizeof(*import->notes), compare_notes);
    for (size_t i = 0; i < import->note_count; i++)
        note_show(tool, import, &import->notes[i]);
    if (import->has_errors)
        return pn_tool_failf(tool, PN_EXIT_USAGE, "nothing is written");
    status = policy_write(tool, config, import);
    return status == PN_EXIT_OK && config->strict && import->note_count
               ? PN_EXIT_FINDINGS
               : status;
}

static int
importer_fail(struct pn_tool *tool, const char *name)
{
    static const char *const names[] = {
#define X(id, name, input, summary) name,
#include "interop/importers.def"
#undef X
        NULL
    };

    return pn_tool_fail_unknown_of(tool, name, "no such format", names);
}

/* Reads the files, and has them imported. */
static int
files_open(struct pn_tool *tool, const struct import_config *config,
           const struct pn_importer *importer, size_t count, char **names)
{
    struct pn_import_files files = { .items = NULL };
    struct pn_import import = { .wants = config->wants };
    int status = pn_import_files_open(&files, tool, importer, count, names);

    import.files = files.items;
    import.file_count = files.count;
    import.entries = files.entries;
    if (status == PN_EXIT_OK)
        status = files_import(tool, config, importer, &import);
    pn_import_files_clear(&files);
    pn_import_clear(&import);
    return status;
}

int
pn_verb_import(struct pn_tool *tool, int argc, char **argv)
{
    struct import_config config = { 0 };
    const struct pn_importer *importer;
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands < 2)
        return pn_tool_usage(tool, "a FORMAT and a FILE are wanted");
    if (config.prove && config.common.root)
        return pn_tool_usage(tool, "--prove writes outside of a --root");
    config.wants.listed_allow = config.verdict == 1;
    config.wants.native = config.prove;
    config.format = argv[0];
    importer = pn_importer_find(argv[0]);
    if (!importer)
        return importer_fail(tool, argv[0]);
    return files_open(tool, &config, importer, (size_t)operands - 1, argv + 1);
}
