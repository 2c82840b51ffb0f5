/* postern mcp: what of the other verbs the server for agents stands on. */
#include <string.h>
#include <unistd.h>

#include "analysis/lint/finding.h"
#include "base/files.h"
#include "base/process.h"
#include "base/sizes.h"
#include "mcp/host.h"
#include "postern/postern.h"
#include "tools/input/folders.h"
#include "tools/input/git.h"
#include "tools/manual.h"
#include "tools/propose.h"
#include "tools/render/pages.h"
#include "tools/test_name.h"
#include "tools/verbs.h"

static const struct pn_option rows[] = { PN_TEXT_OPTIONS, PN_ROOT_OPTION };

const struct pn_option_table pn_options_mcp = { rows, PN_COUNT_OF(rows) };

/*
 * Rule files below the folder, each with a NUL behind it. What git ignores is among
 * them, since it is not asked.
 */
static int
list_policies(struct pn_tool *tool, int argc, char **argv)
{
    char here[] = ".", *names[] = { here };
    struct pn_operands files;
    int status = pn_operands_make(&files, tool, 1, names, PN_OPERANDS_FILES);

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < files.count; i++) {
        const char *name = files.names[i];

        name += strncmp(name, "./", 2) == 0 ? 2 : 0;
        pn_output_add(&tool->out, name, strlen(name) + 1);
    }
    pn_operands_clear(&files);
    return status;
}

static const struct pn_verb verb_policies = { "policies", "", "", NULL, list_policies };

/* What is no verb of the command line. */
static const struct pn_verb *const own_verbs[] = { &pn_verb_propose, &verb_policies };

static int
run(void *payload, int count, char **words, struct pn_output *out,
    struct pn_output *err)
{
    struct pn_tool tool = { .work = pn_work_for(0), .color = PN_COLOR_NEVER };
    int status;

    (void)payload;
    tool.out = *out;
    tool.err = *err;
    tool.verb = pn_verb_find(words[0]);
    for (size_t i = 0; i < PN_COUNT_OF(own_verbs); i++)
        if (strcmp(words[0], own_verbs[i]->name) == 0)
            tool.verb = own_verbs[i];
    status = tool.verb->run(&tool, count - 1, words + 1);
    *out = tool.out;
    *err = tool.err;
    return status;
}

static char *
tests_of(void *payload, const char *name)
{
    (void)payload;
    return pn_name_ends_in(name, PN_RULES_END) && !pn_name_ends_in(name, PN_TESTS_END)
               ? pn_name_renamed(name, PN_RULES_END, PN_TESTS_END)
               : NULL;
}

static const char *
text_of(void *payload, const char *name)
{
    (void)payload;
    for (size_t i = 0; i < PN_CHECK_NONE; i++)
        if (strcmp(pn_check_info[i].name, name) == 0)
            return pn_check_info[i].text;
    for (size_t i = 0; i < PN_DIAG_NONE; i++)
        if (strcmp(pn_diag_info[i].slug, name) == 0)
            return pn_diag_info[i].text;
    return NULL;
}

static size_t
page_count(void)
{
    size_t count = 0;

    while (pn_pages[count].name)
        count++;
    return count;
}

static bool
page(void *payload, size_t number, struct pn_mcp_page *out)
{
    size_t pages = page_count();

    (void)payload;
    if (number < pages) {
        *out = (struct pn_mcp_page){ "page", pn_pages[number].name, "text/markdown" };
        return true;
    }
    for (size_t i = 0; pn_manuals[i].name; i++)
        if (i == number - pages) {
            *out = (struct pn_mcp_page){ "manual", pn_manuals[i].name, "text/plain" };
            return true;
        }
    return false;
}

static void
page_text(void *payload, size_t number, struct pn_buffer *out)
{
    size_t pages = page_count();
    struct pn_output plain;

    (void)payload;
    if (number < pages) {
        pn_buffer_add(out, pn_pages[number].text, pn_pages[number].size);
        return;
    }
    pn_output_begin(&plain, -1);
    pn_manual_write(&plain,
                    (struct pn_str){ (const char *)pn_manuals[number - pages].text,
                                     pn_manuals[number - pages].size },
                    false);
    pn_buffer_add(out, plain.pending.bytes, plain.pending.size);
    out->failed |= plain.pending.failed;
    pn_buffer_free(&plain.pending);
}

int
pn_verb_mcp(struct pn_tool *tool, int argc, char **argv)
{
    struct pn_common common = { 0 };
    const struct pn_mcp_host host = { NULL, postern_version(), run, tests_of, text_of,
                                      page, page_text };
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &common, &operands, &status))
        return status;
    if (operands)
        return pn_tool_usage(tool, "it takes no operand: a client speaks to it");
    /* paths are those of the folder, and what is named from it stays below */
    if (common.root && chdir(common.root) < 0)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, common.root);
    if (!pn_files_confine("."))
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, ".");
    pn_git_forbid(); /* no file that is opened makes it run a program */
    return pn_mcp_serve(&host, STDIN_FILENO, STDOUT_FILENO);
}
