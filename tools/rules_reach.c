/* Keys that no query reaches take no part in what is said of all queries. */
#include "tools/rules_reach.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/dump_text.h"
#include "tools/render/diagnostics.h"
#include "tools/render/text.h"
#include "tools/served.h"

/* Puts the image of a source in the place of the file's. */
static int
source_compile(struct pn_rules_file *file, struct pn_tool *tool,
               const struct pn_source *source)
{
    const struct pn_common common = { .color = PN_COLOR_NEVER };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    const struct pn_serving how = { .diags = &diags };
    struct pn_served served;
    int status = PN_EXIT_OK;

    if (!pn_served_make(&served, source, &how)) {
        status = pn_tool_fail_system(tool, PN_EXIT_SYSTEM, file->name);
    } else if (!served.rules) {
        pn_render_diagnostics(tool, &common, &diags);
        status = PN_EXIT_USAGE;
    } else {
        postern_rules_close(file->rules);
        close(file->image);
        file->rules = served.rules;
        file->image = served.image;
        file->origins.count = 0; /* a native image tells of its own */
        served.rules = NULL;
        served.image = -1;
    }
    pn_diags_clear(&diags);
    pn_served_clear(&served);
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
        status = text.failed ? pn_tool_fail_of(tool, PN_EXIT_SYSTEM, file->name,
                                               strerror(ENOMEM))
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
