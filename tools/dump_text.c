/* Which of the two languages it is, is the image's to say. */
#include "tools/dump_text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analysis/dump.h"
#include "compiler/equal.h"
#include "compiler/memory_file.h"
#include "tools/render/diagnostics.h"
#include "tools/render/text.h"

static int
result_status(struct pn_tool *tool, const char *name, enum pn_dump_result result,
              const struct pn_buffer *what)
{
    switch (result) {
    case PN_DUMP_OK:
        return PN_EXIT_OK;
    case PN_DUMP_DAMAGED:
        return pn_tool_fail(
            tool, PN_EXIT_USAGE,
            (const char *const[]){ name, ": ", postern_status_text(POSTERN_E_FORMAT),
                                   NULL });
    case PN_DUMP_UNWRITABLE:
        pn_output_format(&tool->err, "postern %s: ", tool->verb->name);
        pn_output_text(&tool->err, name);
        pn_output_text(&tool->err, ": no rule compiles to the record of ");
        pn_render_bytes(&tool->err, (struct pn_str){ what->bytes, what->size });
        pn_output_text(&tool->err, "\n");
        return PN_EXIT_USAGE;
    case PN_DUMP_MEMORY:
        break;
    }
    return pn_tool_fail(tool, PN_EXIT_SYSTEM,
                        (const char *const[]){ name, ": ", strerror(ENOMEM), NULL });
}

static bool
is_native(const struct pn_rules_file *file)
{
    struct postern_info info = POSTERN_INFO_INIT;

    return postern_rules_info(file->rules, &info) == POSTERN_OK &&
           info.format == POSTERN_FORMAT_NATIVE;
}

int
pn_dump_text(const struct pn_rules_file *file, struct pn_tool *tool,
             struct pn_buffer *out)
{
    struct pn_lifted lifted = { 0 };
    struct pn_buffer what = { 0 };
    int status = PN_EXIT_OK;

    if (!is_native(file)) {
        status = result_status(tool, file->name,
                               pn_dump_classic(file->image, out, &what), &what);
    } else {
        status = pn_rules_file_lift(file, tool, &lifted, NULL);
        if (status == PN_EXIT_OK)
            status = result_status(tool, file->name,
                                   pn_dump_native(file->rules, &lifted, out), &what);
        pn_lifted_clear(&lifted);
    }
    pn_buffer_free(&what);
    return status;
}

static int
images_prove(const struct pn_rules_file *file, struct pn_tool *tool,
             const struct postern_rules *rules, int fd)
{
    struct pn_lifted left = { 0 }, right = { 0 };
    struct pn_difference difference = { 0 };
    enum postern_status status = POSTERN_E_NOMEM;
    int result = pn_rules_file_lift(file, tool, &left, NULL);

    if (result != PN_EXIT_OK) {
        pn_lifted_clear(&left);
        return result;
    }
    if (pn_lift(&right, fd, NULL) == PN_LIFT_OK)
        status = pn_images_compare((struct pn_image){ file->rules, &left },
                                   (struct pn_image){ rules, &right }, &difference);
    if (status != POSTERN_OK || difference.found)
        result =
            pn_tool_fail(tool, PN_EXIT_SYSTEM,
                         (const char *const[]){
                             file->name, ": ",
                             difference.found ? "what was dumped does not decide alike"
                                              : postern_status_text(status),
                             NULL });
    pn_difference_clear(&difference);
    pn_lifted_clear(&left);
    pn_lifted_clear(&right);
    return result;
}

int
pn_dump_prove(const struct pn_rules_file *file, struct pn_tool *tool,
              const struct pn_buffer *text)
{
    const struct pn_common common = { .color = PN_COLOR_NEVER };
    struct pn_compile_options options = { 0 };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct postern_rules *rules = NULL;
    struct pn_source source = { 0 };
    struct pn_reader reader;
    enum pn_compile_result compiled = PN_COMPILE_MEMORY;
    int fd = pn_memory_file(), result = PN_EXIT_OK;

    if (!is_native(file)) { /* its records were compared */
        close(fd);
        return PN_EXIT_OK;
    }
    if (fd >= 0 && pn_source_from_text(&source, "dump",
                                       (struct pn_str){ text->bytes, text->size })) {
        pn_reader_begin_source(&reader, &source);
        compiled = pn_compile(&reader, fd, &options, &diags);
        pn_reader_end(&reader);
    }
    pn_render_diagnostics(tool, &common, &diags);
    if (compiled == PN_COMPILE_OK && postern_rules_open_fd(fd, 0, &rules) == POSTERN_OK)
        result = images_prove(file, tool, rules, fd);
    else
        result = pn_tool_fail(
            tool, compiled == PN_COMPILE_REFUSED ? PN_EXIT_USAGE : PN_EXIT_SYSTEM,
            (const char *const[]){
                file->name, ": there is a rule in it that cannot be written", NULL });
    postern_rules_close(rules);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    if (fd >= 0)
        close(fd);
    return result;
}
