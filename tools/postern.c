/* postern VERB ...: finds the verb, and makes sure that its output arrived. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/process.h"
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
                        "Also: postern --version\n");
}

static int
no_such_verb(struct pn_tool *tool, const char *name)
{
    pn_output_text(&tool->err, "postern: ");
    if (name)
        pn_output_text(&tool->err, name);
    pn_output_text(&tool->err, name ? ": no such verb\n" : "no verb is given\n");
    print_usage(&tool->err);
    return PN_EXIT_USAGE;
}

static int
dispatch(struct pn_tool *tool, int argc, char **argv)
{
    if (argc < 2)
        return no_such_verb(tool, NULL);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(&tool->out);
        return PN_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        pn_output_format(&tool->out, "postern %s\n", postern_version());
        return PN_EXIT_OK;
    }
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

int
main(int argc, char **argv)
{
    struct pn_tool tool = { .work = pn_work_for(0) };
    const char *no_color = getenv("NO_COLOR");
    int status;

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
    tool.no_color = no_color && *no_color;
    tool.columns = columns_find();
    tool.options = getenv("POSTERN_OPTS");
    tool.step_summary = getenv("GITHUB_STEP_SUMMARY");
    status = dispatch(&tool, argc, argv);
    if (!pn_output_end(&tool.out)) {
        pn_output_text(&tool.err, "postern: unable to write output: ");
        pn_output_text(&tool.err, strerror(errno));
        pn_output_text(&tool.err, "\n");
        status = PN_EXIT_SYSTEM;
    }
    if (!pn_output_end(&tool.err) && status == PN_EXIT_OK)
        status = PN_EXIT_SYSTEM;
    return status;
}
