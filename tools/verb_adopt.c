/* postern adopt: what decides who may connect on a machine, and the way over to ours.
 */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sizes.h"
#include "tools/adopt.h"
#include "tools/verbs.h"

struct adopt_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool strict, prove;
    const char *output, *programs;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "output", 'o', PN_OPTION_TEXT, offsetof(struct adopt_config, output), "DIR", NULL,
      "the folder that is made; without it only the report" },
    { "programs", 0, PN_OPTION_TEXT, offsetof(struct adopt_config, programs), "DIR",
      NULL, "where our programs are (/usr/local/bin)" },
    { "prove", 0, PN_OPTION_FLAG, offsetof(struct adopt_config, prove), NULL, NULL,
      "hold policies to the original programs here" },
    { "strict", 0, PN_OPTION_FLAG, offsetof(struct adopt_config, strict), NULL, NULL,
      "leave with 1 when something stays or is noted" },
};

const struct pn_option_table pn_options_adopt = { rows, PN_COUNT_OF(rows) };

/* In the order in which they build on each other: names, then who asks of them. */
static void (*const finders[])(struct pn_adopt *adopt) = {
    pn_adopt_wrapped_find, pn_adopt_scripts_find, pn_adopt_rules_find,
    pn_adopt_inetd_find,   pn_adopt_xinetd_find,  pn_adopt_hosts_find,
    pn_adopt_nginx_find,   pn_adopt_sshd_find,    pn_adopt_syslog_replay,
};

/* Is a logged client answered otherwise, or was something not to be read? */
static bool
has_findings(const struct pn_adopt *adopt, bool strict)
{
    for (size_t i = 0; i < adopt->item_count; i++) {
        const struct pn_adopt_item *item = &adopt->items[i];

        if (strict && item->state == PN_ADOPT_STAYS)
            return true;
        for (size_t log = 0; log < item->log_count; log++)
            if (item->logs[log].changed)
                return true;
    }
    for (size_t i = 0; i < adopt->note_count; i++)
        if (strict || adopt->notes[i].is_error)
            return true;
    return false;
}

static int
adopt_run(struct pn_adopt *adopt, const struct adopt_config *config)
{
    int status = PN_EXIT_OK;

    for (size_t i = 0; i < PN_COUNT_OF(finders) && !adopt->failed; i++)
        finders[i](adopt);
    if (adopt->failed)
        return pn_tool_fail_memory(adopt->tool, adopt->root);
    if (!adopt->item_count && !adopt->note_count)
        return pn_tool_fail_of(adopt->tool, PN_EXIT_USAGE, adopt->root,
                               "nothing in it says who may connect");
    if (config->output)
        status = pn_adopt_write(adopt, config->output);
    if (status != PN_EXIT_OK)
        return status;
    (config->common.format == PN_FORMAT_JSON
         ? pn_adopt_report_json
         : pn_adopt_report_text)(adopt, config->output);
    return has_findings(adopt, config->strict) ? PN_EXIT_FINDINGS : PN_EXIT_OK;
}

/* ROOT, and nothing else of the machine, is looked at from here. */
static int
root_open(struct pn_adopt *adopt)
{
    adopt->folder = pn_files_open(adopt->root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (adopt->folder >= 0)
        return PN_EXIT_OK;
    return pn_tool_fail_of(adopt->tool, PN_EXIT_USAGE, adopt->root,
                           errno == ENOTDIR ? "a folder is wanted"
                                            : pn_files_error(errno));
}

int
pn_verb_adopt(struct pn_tool *tool, int argc, char **argv)
{
    struct adopt_config config = { .programs = "/usr/local/bin" };
    struct pn_adopt adopt = { .tool = tool, .folder = -1 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1)
        return pn_tool_usage(tool, "one ROOT is wanted");
    if (config.programs[0] != '/' ||
        config.programs[strspn(
            config.programs,
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")])
        return pn_tool_usage(tool, "--programs is an absolute path of plain letters");
    if (config.prove && config.common.root)
        return pn_tool_usage(tool, "--prove writes outside of a --root");
    adopt.root = argv[0];
    adopt.programs = config.programs;
    adopt.prove = config.prove;
    adopt.arena = pn_arena_new();
    status = adopt.arena ? root_open(&adopt) : pn_tool_fail_memory(tool, argv[0]);
    if (status == PN_EXIT_OK)
        status = adopt_run(&adopt, &config);
    if (adopt.folder >= 0)
        close(adopt.folder);
    pn_adopt_clear(&adopt);
    return status;
}
