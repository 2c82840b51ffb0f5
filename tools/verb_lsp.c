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
#include "tools/lint_operands.h"
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

/* The linter's settings of the root that was asked for last. */
struct lsp_host {
    struct pn_tool lint; /* what it says is kept, and not printed */
    struct pn_words words;
    struct pn_lint_config given;
    struct pn_watched watched;
    struct pn_notices notices;
    struct pn_lint_operands operands;
    struct pn_buffer fault;
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

static void
settings_clear(struct lsp_host *host)
{
    pn_lint_operands_clear(&host->operands);
    pn_watched_clear(&host->watched);
    pn_notices_clear(&host->notices);
    pn_buffer_free(&host->lint.err.pending);
    pn_buffer_free(&host->lint.out.pending);
    pn_buffer_free(&host->fault);
}

/* What the linter has said of its settings, without its name in front. */
static const char *
fault_of(struct lsp_host *host, int status)
{
    static const char front[] = "postern lint: ";
    struct pn_buffer *said = &host->lint.err.pending;

    if (status == PN_EXIT_OK)
        return NULL;
    pn_buffer_add(said, "", 1);
    if (said->failed)
        return "there is no memory";
    said->bytes[strcspn(said->bytes, "\n")] = '\0';
    return strncmp(said->bytes, front, sizeof(front) - 1) == 0
               ? said->bytes + sizeof(front) - 1
               : said->bytes;
}

static bool
settings(void *payload, const char *root, struct pn_lsp_settings *out)
{
    struct lsp_host *host = payload;
    const struct pn_lint_settings *found;
    char *name = strdup(root);
    bool good;

    settings_clear(host);
    host->operands = (struct pn_lint_operands){ .tool = &host->lint,
                                                .watched = &host->watched,
                                                .notices = &host->notices,
                                                .run = &host->words,
                                                .config = &host->given };
    good = name && pn_lint_operands_make(&host->operands, 1, &name) &&
           host->operands.count == 1;
    free(name);
    if (!good)
        return false;
    found = host->operands.items[0].settings;
    *out = (struct pn_lsp_settings){ .options = found->setup.options,
                                     .on = found->setup.on,
                                     .tests = host->operands.items[0].tests,
                                     .no_ignores = found->config.no_ignores,
                                     .fault = fault_of(host, found->status) };
    return true;
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

/* Where nothing confines a process, of the words of the environment. */
static bool
words_make(struct lsp_host *host, const char *options)
{
    struct pn_words *words = &host->words;
    size_t kept = 0;
    bool good = pn_words_of_run(words, options, 0, NULL);

    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];

        if (strncmp(word, "--root", sizeof("--root") - 1) == 0)
            free(words->items[i]); /* the folders are those of the workspace */
        else
            words->items[kept++] = words->items[i];
    }
    words->count = kept;
    return good;
}

int
pn_verb_lsp(struct pn_tool *tool, int argc, char **argv)
{
    struct lsp_config config = { 0 };
    struct lsp_host host = { .given = pn_lint_config_default() };
    struct pn_lsp_host offered = { &host, postern_version(), root_of, settings,
                                   page,  page_path };
    struct stat st;
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands)
        return pn_tool_usage(tool, "it takes no operand: an editor speaks to it");
    pn_process_spare_memory(); /* policies come and go, and are large */
    pn_git_forbid();           /* no file that is opened makes it run a program */
    host.lint =
        (struct pn_tool){ .verb = pn_verb_find("lint"), .color = PN_COLOR_NEVER };
    pn_output_begin(&host.lint.out, -1);
    pn_output_begin(&host.lint.err, -1);
    host.has_pages = pn_files_stat(PN_PAGES_DIR, &st);
    if (!words_make(&host, tool->options))
        return pn_tool_fail_memory(tool, "lsp");
    status = pn_lsp_serve(&offered, STDIN_FILENO, STDOUT_FILENO);
    settings_clear(&host);
    pn_words_clear(&host.words);
    return status;
}
