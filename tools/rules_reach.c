/* Keys that no query reaches take no part in what is said of all queries. */
#include "tools/rules_reach.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analysis/lint/classic_key.h"
#include "compiler/memory_file.h"
#include "compiler/program.h"
#include "tools/dump_text.h"
#include "tools/render/diagnostics.h"
#include "tools/render/text.h"

static int
fail(struct pn_tool *tool, const char *name, int error)
{
    return pn_tool_fail(tool, PN_EXIT_SYSTEM,
                        (const char *const[]){ name, ": ", strerror(error), NULL });
}

/* Puts the image that fd holds in the place of the file's. */
static int
image_replace(struct pn_rules_file *file, struct pn_tool *tool, int fd)
{
    struct postern_rules *rules = NULL;

    if (postern_rules_open_fd(fd, 0, &rules) != POSTERN_OK)
        return fail(tool, file->name, ENOMEM);
    postern_rules_close(file->rules);
    close(file->image);
    file->rules = rules;
    file->image = fd;
    file->origins.count = 0; /* a native image tells of its own */
    return PN_EXIT_OK;
}

static int
source_compile(struct pn_rules_file *file, struct pn_tool *tool,
               const struct pn_source *source)
{
    const struct pn_common common = { .color = PN_COLOR_NEVER };
    const struct pn_policy_options options = { .is_left_out =
                                                   pn_classic_key_is_faulty };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_program program;
    int fd = pn_memory_file(), status;
    enum pn_compile_result result;

    if (fd < 0)
        return fail(tool, file->name, errno);
    result = pn_program_load(&program, source, NULL, &options, &diags);
    if (result == PN_COMPILE_OK)
        result = pn_program_emit(&program, fd, false);
    pn_program_clear(&program);
    if (result == PN_COMPILE_REFUSED)
        pn_render_diagnostics(tool, &common, &diags);
    pn_diags_clear(&diags);
    status = result == PN_COMPILE_OK        ? image_replace(file, tool, fd)
             : result == PN_COMPILE_REFUSED ? PN_EXIT_USAGE
                                            : fail(tool, file->name, ENOMEM);
    if (status != PN_EXIT_OK)
        close(fd);
    return status;
}

static int
compile_without(struct pn_rules_file *file, struct pn_tool *tool)
{
    struct pn_source source = { .name = file->name };
    struct pn_buffer text = { 0 };
    int status;

    if (file->source.text)
        return source_compile(file, tool, &file->source);
    status = pn_dump_text(file, tool, &text);
    pn_buffer_add(&text, "", 1); /* the lexer stops there */
    source.text = text.bytes;
    source.size = text.size - 1;
    if (status == PN_EXIT_OK)
        status = text.failed ? fail(tool, file->name, ENOMEM)
                             : source_compile(file, tool, &source);
    pn_buffer_free(&text);
    return status;
}

static void
tell_left_out(const struct pn_rules_file *file, struct pn_tool *tool,
              const struct pn_buffer *key)
{
    pn_output_format(&tool->err, "postern %s: %s: the key ", tool->verb->name,
                     file->name);
    pn_render_bytes(&tool->err, (struct pn_str){ key->bytes, key->size });
    pn_output_text(&tool->err, " is looked up as text, and means no addresses; keys "
                               "that no server asks for are left out\n");
}

int
pn_rules_file_reach(struct pn_rules_file *file, struct pn_tool *tool,
                    struct pn_lifted *out)
{
    struct pn_buffer key = { 0 };
    int status = pn_rules_file_lift(file, tool, out, &key);

    if (status == PN_EXIT_OK && key.size) {
        tell_left_out(file, tool, &key);
        pn_lifted_clear(out);
        status = compile_without(file, tool);
        if (status == PN_EXIT_OK)
            status = pn_rules_file_lift(file, tool, out, NULL);
    }
    pn_buffer_free(&key);
    return status;
}
