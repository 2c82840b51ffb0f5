/* Which of the two languages it is, is the image's to say. */
#include "tools/dump_text.h"

#include <errno.h>
#include <string.h>

#include "analysis/compiled.h"
#include "analysis/dump.h"
#include "compiler/images_equivalent.h"
#include "tools/input/rules_file.h"
#include "tools/render/text.h"

/* With the key, which may have been left out of the image. */
static int
refuse(struct pn_tool *tool, const char *name, const char *front,
       const struct pn_buffer *key, const char *back)
{
    pn_output_format(&tool->err, "postern %s: ", tool->verb->name);
    pn_output_text(&tool->err, name);
    pn_output_text(&tool->err, front);
    pn_render_bytes(&tool->err, (struct pn_str){ key->bytes, key->size });
    pn_output_text(&tool->err, key->size ? "" : "(its name was left out)");
    pn_output_text(&tool->err, back);
    pn_output_text(&tool->err, "\n");
    return PN_EXIT_USAGE;
}

static int
result_status(struct pn_tool *tool, const char *name, enum pn_dump_result result,
              const struct pn_buffer *what)
{
    switch (result) {
    case PN_DUMP_OK:
        return PN_EXIT_OK;
    case PN_DUMP_DAMAGED:
        return pn_tool_fail_status(tool, name, POSTERN_E_FORMAT);
    case PN_DUMP_UNWRITABLE:
        return refuse(tool, name, ": no rule compiles to the record of ", what, "");
    case PN_DUMP_SPELT:
        return refuse(tool, name, ": the key ", what,
                      " of a classic file is looked up as text, for which the extended "
                      "language has no word");
    case PN_DUMP_MEMORY:
        break;
    }
    return pn_tool_fail_memory(tool, name);
}

int
pn_dump_text(const struct pn_rules_file *file, struct pn_tool *tool,
             struct pn_buffer *out)
{
    struct pn_decoded decoded = { 0 };
    struct pn_buffer what = { 0 };
    int status = PN_EXIT_OK;

    if (!pn_rules_file_is_native(file)) {
        status = result_status(tool, file->name,
                               pn_dump_classic(file->image, out, &what), &what);
    } else {
        status = pn_rules_file_decode(file, tool, &decoded);
        if (status == PN_EXIT_OK)
            status =
                result_status(tool, file->name,
                              pn_dump_native(file->rules, &decoded, out, &what), &what);
        pn_decoded_clear(&decoded);
    }
    pn_buffer_free(&what);
    return status;
}

static int
compiled_prove(const struct pn_rules_file *file, struct pn_tool *tool,
               const struct pn_compiled *compiled)
{
    struct pn_decoded decoded = { 0 };
    struct pn_difference difference = { 0 };
    enum postern_status status = POSTERN_OK;
    int result = pn_rules_file_decode(file, tool, &decoded);

    if (result == PN_EXIT_OK)
        status =
            pn_images_equivalent((struct pn_image){ file->rules, &decoded },
                                 pn_compiled_image(compiled), &difference, &tool->work);
    if (status != POSTERN_OK || difference.found)
        result =
            pn_tool_fail_of(tool, PN_EXIT_SYSTEM, file->name,
                            difference.found ? "what was dumped does not decide alike"
                                             : postern_status_text(status));
    pn_difference_clear(&difference);
    pn_decoded_clear(&decoded);
    return result;
}

int
pn_dump_prove(const struct pn_rules_file *file, struct pn_tool *tool,
              const struct pn_buffer *text)
{
    const struct pn_common common = { .color = PN_COLOR_NEVER };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    const struct pn_compiled_options how = { .diags = &diags };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_source source = { 0 };
    int result;

    if (!pn_rules_file_is_native(file)) /* its records were compared */
        return PN_EXIT_OK;
    if (pn_source_from_text(&source, "dump",
                            (struct pn_str){ text->bytes, text->size }))
        (void)pn_compiled_make(&compiled, &source, &how); /* NULL .rules if it fails */
    if (compiled.result == PN_COMPILE_REFUSED)
        pn_tool_diagnostics(tool, &common, &diags);
    if (compiled.rules) {
        result = compiled_prove(file, tool, &compiled);
    } else if (compiled.result == PN_COMPILE_REFUSED) {
        result = pn_tool_fail_of(tool, PN_EXIT_USAGE, file->name,
                                 "there is a rule in it that cannot be written");
    } else {
        result = pn_tool_fail_memory(tool, file->name);
    }
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    return result;
}
