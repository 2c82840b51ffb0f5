/* postern VERB ...: finds the verb, and makes sure that its output arrived. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/option_faults.h"
#include "base/process.h"
#include "base/sizes.h"
#include "postern/postern.h"
#include "tools/verbs.h"

static void
print_usage(struct pn_output *out)
{
    pn_output_text(out, "usage: postern VERB [options] FILE...\n\n"
                        "Compile and examine the rules of who may connect.\n\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        pn_output_format(out, "  %-10s %s\n", pn_verbs[i].name, pn_verbs[i].summary);
    pn_output_text(out, "\nMore: postern VERB --help, postern help VERB\n"
                        "Also: postern --version (-V)\n");
}

/* What postern itself takes, in the place of a verb. */
struct own_config {
    bool help, version;
};

static const struct pn_option rows[] = {
    { "help", 'h', PN_OPTION_FLAG, offsetof(struct own_config, help), NULL, NULL, "" },
    { "version", 'V', PN_OPTION_FLAG, offsetof(struct own_config, version), NULL, NULL,
      "" },
};

static int
no_such_verb(struct pn_tool *tool, const char *name)
{
    const char *near = pn_verb_near(name);

    pn_output_text(&tool->err, "postern: ");
    pn_output_text(&tool->err, name);
    pn_output_text(&tool->err, ": no such verb");
    if (near)
        pn_output_format(&tool->err, "; did you mean %s? (see postern --help)", near);
    pn_output_text(&tool->err, "\n");
    if (!near)
        print_usage(&tool->err);
    return PN_EXIT_USAGE;
}

static int
own_option(struct pn_tool *tool, char *word)
{
    static const struct pn_option_table table = { rows, PN_COUNT_OF(rows) };
    struct own_config config = { false, false };
    struct pn_option_result result = pn_options_parse(table, 1, &word, &config);
    struct pn_buffer text = { 0 };

    if (config.help) {
        print_usage(&tool->out);
        return PN_EXIT_OK;
    }
    if (config.version) {
        pn_output_format(&tool->out, "postern %s\n", postern_version());
        return PN_EXIT_OK;
    }
    pn_option_fault_write(table, &result, &text);
    pn_output_text(&tool->err, "postern: ");
    pn_output_add(&tool->err, text.bytes, text.size);
    pn_output_text(&tool->err, text.size ? " (see postern --help)\n"
                                         : "a verb is wanted (see postern --help)\n");
    pn_buffer_free(&text);
    return PN_EXIT_USAGE;
}

static int
dispatch(struct pn_tool *tool, int argc, char **argv)
{
    if (argc < 2) {
        pn_output_text(&tool->err, "postern: no verb is given\n");
        print_usage(&tool->err);
        return PN_EXIT_USAGE;
    }
    if (argv[1][0] == '-')
        return own_option(tool, argv[1]);
    tool->verb = pn_verb_find(argv[1]);
    if (!tool->verb)
        return no_such_verb(tool, argv[1]);
    return tool->verb->run(tool, argc - 2, argv + 2);
}

/* A terminal is as wide as it says, unless COLUMNS says otherwise. */
static size_t
columns_find(void)
{
    const char *wanted = getenv("COLUMNS");
    struct winsize size = { 0 };
    size_t columns = 0;

    if (wanted && strspn(wanted, "0123456789") == strlen(wanted))
        columns = strtoul(wanted, NULL, 10);
    if (!columns && (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ||
                     ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0))
        columns = size.ws_col;
    return columns && columns < PN_WIDTH_MIN ? PN_WIDTH_MIN : columns;
}

/* What a terminal is to show comes in the place of how long it took. */
static void
progress_wipe(void *payload)
{
    pn_progress_end(payload);
}

int
main(int argc, char **argv)
{
    struct pn_tool tool = { .work = pn_work_for(0) };
    const struct pn_color_environment environment = {
        .no_color = getenv("NO_COLOR"),
        .force = getenv("CLICOLOR_FORCE"),
        .clicolor = getenv("CLICOLOR"),
        .term = getenv("TERM"),
    };
    int status;

    pn_memory_of_program();
    if (!pn_process_begin())
        return PN_EXIT_SYSTEM; /* and nowhere to say so */
    pn_process_gain_nothing();
    pn_output_begin(&tool.out, STDOUT_FILENO);
    pn_output_begin(&tool.err, STDERR_FILENO);
    tool.out_is_terminal = isatty(STDOUT_FILENO);
    tool.err_is_terminal = isatty(STDERR_FILENO);
    if (tool.out_is_terminal)
        pn_output_guard(&tool.out);
    if (tool.err_is_terminal)
        pn_output_guard(&tool.err);
    if (tool.out_is_terminal)
        tool.out.before = progress_wipe;
    if (tool.err_is_terminal)
        tool.err.before = progress_wipe;
    tool.out.payload = tool.err.payload = &tool.progress;
    tool.color = (int)pn_color_wanted(&environment);
    tool.terminal_is_dumb = pn_terminal_is_dumb(environment.term);
    tool.pager = getenv("PAGER");
    tool.columns = columns_find();
    tool.options = getenv("POSTERN_OPTS");
    tool.step_summary = getenv("GITHUB_STEP_SUMMARY");
    status = dispatch(&tool, argc, argv);
    pn_progress_end(&tool.progress);
    if (!pn_output_end(&tool.out)) {
        if (errno != EPIPE) { /* else whoever read has read enough */
            pn_output_text(&tool.err, "postern: unable to write output: ");
            pn_output_text(&tool.err, strerror(errno));
            pn_output_text(&tool.err, "\n");
        }
        status = PN_EXIT_SYSTEM;
    }
    if (!pn_output_end(&tool.err) && status == PN_EXIT_OK)
        status = PN_EXIT_SYSTEM;
    return status;
}
