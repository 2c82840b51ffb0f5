/* postern lsp: what of the other verbs the language server stands on. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/sizes.h"
#include "lsp/host.h"
#include "postern/postern.h"
#include "tools/input/git.h"
#include "tools/lsp_settings.h"
#include "tools/render/pages.h"
#include "tools/test_name.h"
#include "tools/verbs.h"

struct lsp_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool stdio;              /* which editors say, and there is nothing else */
};

static const struct pn_option rows[] = {
    PN_TEXT_OPTIONS,
    { "stdio", 0, PN_OPTION_FLAG, offsetof(struct lsp_config, stdio), NULL, NULL,
      "speak on standard input and output, as it does anyway" },
};

const struct pn_option_table pn_options_lsp = { rows, PN_COUNT_OF(rows) };

struct lsp_host {
    struct pn_lsp_linter linter;
    bool has_pages; /* they are installed */
};

static char *
root_of(void *payload, const char *path)
{
    char *root = NULL;
    struct stat st;

    (void)payload;
    if (pn_name_ends_in(path, PN_TESTS_END))
        root = pn_name_renamed(path, PN_TESTS_END, PN_RULES_END);
    if (root && pn_files_stat(root, &st))
        return root;
    free(root);
    return pn_strdup(path);
}

static bool
settings(void *payload, const char *root, struct pn_lsp_settings *out)
{
    struct lsp_host *host = payload;

    return pn_lsp_linter_settings(&host->linter, root, out);
}

static bool
complete(void *payload, struct pn_report *report, struct pn_lsp_settings *out)
{
    struct lsp_host *host = payload;

    return pn_lsp_linter_complete(&host->linter, report, out);
}

static struct pn_str
page(void *payload, const char *name)
{
    const struct pn_page *found = pn_page_find(name);

    (void)payload;
    return found ? (struct pn_str){ (const char *)found->text, found->size }
                 : (struct pn_str){ NULL, 0 };
}

static char *
page_path(void *payload, const char *name)
{
    const struct lsp_host *host = payload;
    const struct pn_page *found = host->has_pages ? pn_page_find(name) : NULL;
    struct pn_buffer path = { 0 };

    if (!found)
        return NULL;
    pn_buffer_add_format(&path, "%s/%s/%s.md", PN_PAGES_DIR,
                         name[0] == 'P' ? "findings" : "diagnostics", name);
    pn_buffer_add(&path, "", 1);
    if (path.failed)
        pn_buffer_free(&path);
    return path.bytes;
}

int
pn_verb_lsp(struct pn_tool *tool, int argc, char **argv)
{
    struct lsp_config config = { 0 };
    struct lsp_host host = { 0 };
    struct pn_lsp_host offered = { &host,    postern_version(), root_of,
                                   settings, complete,          page,
                                   page_path };
    struct stat st;
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands)
        return pn_tool_usage(tool, "it takes no operand: an editor speaks to it");
    pn_process_spare_memory(); /* policies come and go, and are large */
    pn_git_forbid();           /* no file that is opened makes it run a program */
    host.has_pages = pn_files_stat(PN_PAGES_DIR, &st);
    if (!pn_lsp_linter_begin(&host.linter, tool->options))
        return pn_tool_fail_memory(tool, "lsp");
    status = pn_lsp_serve(&offered, STDIN_FILENO, STDOUT_FILENO);
    pn_lsp_linter_clear(&host.linter);
    return status;
}
