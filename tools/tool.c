/* What all verbs share: options, messages, the usage text. */
#include "tools/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/nearest.h"
#include "base/option_faults.h"

#include "tools/render/json.h"

const char *const pn_color_choices[] = { "auto", "always", "never", NULL };
const char *const pn_format_choices[] = { "text", "json", NULL };
const char *const pn_text_choices[] = { "text", NULL };

enum { HELP_COLUMN = 26, SHOWN_NAME = 63 };

static void
option_help(struct pn_output *out, const struct pn_option *option)
{
    struct pn_buffer left = { 0 };
    char letter[] = "-x, ";

    letter[1] = option->letter;
    pn_buffer_add_text(&left, "  ");
    pn_buffer_add_text(&left, option->letter ? letter : "    ");
    pn_buffer_add_text(&left, "--");
    pn_buffer_add_text(&left, option->name);
    if (option->argument) {
        pn_buffer_add_text(&left, " ");
        pn_buffer_add_text(&left, option->argument);
    }
    do
        pn_buffer_add_text(&left, " ");
    while (left.size < HELP_COLUMN && !left.failed);
    pn_output_add(out, left.bytes, left.size);
    pn_output_text(out, option->help);
    pn_output_text(out, "\n");
    pn_buffer_free(&left);
}

void
pn_tool_help(struct pn_output *out, const struct pn_verb *verb)
{
    pn_output_format(out, "usage: postern %s %s\n\n%s\n\n", verb->name, verb->operands,
                     verb->summary);
    for (size_t i = 0; i < verb->options->count; i++)
        if (verb->options->rows[i].help) /* else the option is in the manual alone */
            option_help(out, &verb->options->rows[i]);
    pn_output_format(out, "\nThe manual page: postern help %s\n", verb->name);
}

/* "postern VERB: ", which begins each message. */
static void
message_begin(struct pn_tool *tool)
{
    pn_output_format(&tool->err, "postern %s: ", tool->verb->name);
}

int
pn_tool_too_much(struct pn_tool *tool, const struct pn_common *common, const char *why)
{
    static const char is_too_much[] = "too much to compare";

    if (common->format == PN_FORMAT_JSON) {
        struct pn_buffer text = { 0 };

        pn_buffer_add_text(&text, is_too_much);
        pn_buffer_add_text(&text, ": ");
        pn_buffer_add_text(&text, why);
        pn_output_text(&tool->out, "{\"error\": ");
        pn_json_string(&tool->out, text.bytes, text.size);
        pn_output_text(&tool->out, ", \"reason\": \"too-much\"}\n");
        pn_buffer_free(&text);
    }
    message_begin(tool);
    pn_output_text(&tool->err, is_too_much);
    pn_output_text(&tool->err, ": ");
    pn_output_text(&tool->err, why);
    pn_output_text(&tool->err, "\n");
    return PN_EXIT_USAGE;
}

/* The work of the verb is spent: how large the policies are, and what would help. */
static int
report_spent(struct pn_tool *tool)
{
    const char *verb = tool->verb->name;
    struct pn_buffer why = { 0 };
    int status;

    pn_policy_size_write(&tool->size, verb, &why);
    pn_buffer_add(&why, "", 1);
    status = pn_tool_too_much(tool, tool->common,
                              why.failed ? pn_policy_size_advice(verb) : why.bytes);
    pn_buffer_free(&why);
    return status;
}

int
pn_tool_failf(struct pn_tool *tool, int status, const char *format, ...)
{
    char fixed[1024], *text = fixed;
    va_list args, again;
    int size;

    if (status == PN_EXIT_SYSTEM && tool->work.spent)
        return report_spent(tool);
    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(fixed, sizeof(fixed), format, args);
    va_end(args);
    if (size >= (int)sizeof(fixed)) {
        text = malloc((size_t)size + 1);
        if (text)
            vsnprintf(text, (size_t)size + 1, format, again);
    }
    va_end(again);
    message_begin(tool);
    pn_output_text(&tool->err, text ? text : fixed); /* cut, without memory */
    pn_output_text(&tool->err, "\n");
    if (text != fixed)
        free(text);
    return status;
}

int
pn_tool_fail_of(struct pn_tool *tool, int status, const char *name, const char *why)
{
    return pn_tool_failf(tool, status, "%s: %s", name, why);
}

int
pn_tool_fail_unknown(struct pn_tool *tool, struct pn_str name, const char *why,
                     const char *near)
{
    int len = name.len < SHOWN_NAME ? (int)name.len : SHOWN_NAME;

    if (!near)
        return pn_tool_failf(tool, PN_EXIT_USAGE, "%.*s: %s", len, name.ptr, why);
    return pn_tool_failf(tool, PN_EXIT_USAGE, "%.*s: %s; did you mean %s?", len,
                         name.ptr, why, near);
}

int
pn_tool_fail_unknown_of(struct pn_tool *tool, const char *name, const char *why,
                        const char *const *words)
{
    struct pn_str word = pn_str_of_text(name);

    return pn_tool_fail_unknown(tool, word, why, pn_nearest_of(word, words));
}

int
pn_tool_fail_system(struct pn_tool *tool, int status, const char *name)
{
    /* a path out of --root is a wrong argument; want of memory never is one */
    if (pn_files_is_outside(errno))
        status = PN_EXIT_USAGE;
    else if (errno == ENOMEM)
        status = PN_EXIT_SYSTEM;
    return pn_tool_fail_of(tool, status, name, pn_files_error(errno));
}

int
pn_tool_fail_memory(struct pn_tool *tool, const char *name)
{
    return pn_tool_fail_of(tool, PN_EXIT_SYSTEM, name, strerror(ENOMEM));
}

int
pn_tool_fail_status(struct pn_tool *tool, const char *name, enum postern_status status)
{
    return pn_tool_fail_of(tool,
                           status == POSTERN_E_FORMAT ? PN_EXIT_USAGE : PN_EXIT_SYSTEM,
                           name, postern_status_text(status));
}

int
pn_tool_fail_compile(struct pn_tool *tool, enum pn_compile_result result,
                     const char *source, const char *image)
{
    switch (result) {
    case PN_COMPILE_OK:
        return PN_EXIT_OK;
    case PN_COMPILE_REFUSED:
        return PN_EXIT_USAGE;
    case PN_COMPILE_MEMORY:
        return pn_tool_fail_memory(tool, source);
    case PN_COMPILE_READ:
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, source);
    case PN_COMPILE_WRITE:
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, image);
    case PN_COMPILE_MISMATCH:
        break;
    }
    return pn_tool_fail_of(tool, PN_EXIT_SYSTEM, image,
                           "what was read back is not what was written");
}

int
pn_tool_usage(struct pn_tool *tool, const char *problem)
{
    pn_tool_failf(tool, PN_EXIT_USAGE, "%s", problem);
    pn_output_format(&tool->err, "usage: postern %s %s (see postern %s --help)\n",
                     tool->verb->name, tool->verb->operands, tool->verb->name);
    return PN_EXIT_USAGE;
}

static int
fail_option(struct pn_tool *tool, const struct pn_option_result *result)
{
    struct pn_buffer text = { 0 };
    int status;

    pn_option_fault_write(*tool->verb->options, result, &text);
    status = text.failed
                 ? pn_tool_fail_memory(tool, result->word)
                 : pn_tool_failf(tool, PN_EXIT_USAGE, "%.*s (see postern %s --help)",
                                 (int)text.size, text.bytes, tool->verb->name);
    pn_buffer_free(&text);
    return status;
}

bool
pn_tool_options(struct pn_tool *tool, int argc, char **argv, void *config,
                int *operands, int *status)
{
    struct pn_option_result result =
        pn_options_parse(*tool->verb->options, argc, argv, config);
    const struct pn_common *common;

    if (result.fault != PN_OPTION_FINE) {
        *status = fail_option(tool, &result);
        return false;
    }
    common = config;
    if (common->help) {
        pn_tool_help(&tool->out, tool->verb);
        *status = PN_EXIT_OK;
        return false;
    }
    if (common->root && !pn_files_confine(common->root)) {
        *status = pn_tool_fail_system(tool, PN_EXIT_USAGE, common->root);
        return false;
    }
    *operands = result.operands;
    tool->common = config;
    if (tool->err_is_terminal && !tool->terminal_is_dumb)
        pn_progress_begin(&tool->progress, tool->columns);
    return true;
}

bool
pn_terminal_is_dumb(const char *term)
{
    return term && (!*term || strcmp(term, "dumb") == 0);
}

enum pn_color
pn_color_wanted(const struct pn_color_environment *e)
{
    if (e->no_color && *e->no_color)
        return PN_COLOR_NEVER;
    if (e->force && *e->force && strcmp(e->force, "0") != 0)
        return PN_COLOR_ALWAYS;
    if ((e->clicolor && strcmp(e->clicolor, "0") == 0) || pn_terminal_is_dumb(e->term))
        return PN_COLOR_NEVER;
    return PN_COLOR_AUTO;
}

bool
pn_tool_color(const struct pn_tool *tool, const struct pn_common *common,
              bool is_terminal)
{
    int color = common->color == PN_COLOR_AUTO ? tool->color : common->color;

    return color == PN_COLOR_ALWAYS || (color == PN_COLOR_AUTO && is_terminal);
}

struct pn_style
pn_tool_style(const struct pn_tool *tool, const struct pn_common *common,
              const struct pn_output *stream)
{
    bool is_terminal =
        stream == &tool->out ? tool->out_is_terminal : tool->err_is_terminal;
    bool color = pn_tool_color(tool, common, is_terminal);

    return (struct pn_style){ color, color || is_terminal, tool->columns };
}

void
pn_tool_diagnostics(struct pn_tool *tool, const struct pn_common *common,
                    const struct pn_diags *diags)
{
    struct pn_style style = pn_tool_style(tool, common, &tool->err);

    if (tool->take_diags) {
        tool->take_diags(tool->take_payload, diags);
        return;
    }
    pn_render_diagnostics(&tool->out, &tool->err, (enum pn_format)common->format,
                          &style, diags);
}

int
pn_tool_summary(const struct pn_tool *tool)
{
    if (!tool->step_summary)
        return -1;
    return open(tool->step_summary, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}
