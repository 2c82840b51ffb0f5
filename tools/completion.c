/* Rows for operands and for the names of arguments; words from the tables of the
 * program. */
#include "tools/completion.h"

#include <string.h>

#include "analysis/lint/checks.h"
#include "base/sizes.h"
#include "tools/manual.h"
#include "tools/verbs.h"

#define RULES "rules"
#define EITHER "rules cdb"

/* What the operands of a verb are. */
static const struct {
    const char *verb;
    struct pn_completed operand;
} operands[] = {
    { "compile", { PN_COMPLETES_FILES, RULES } },
    { "check", { PN_COMPLETES_FILES, EITHER } },
    { "who", { PN_COMPLETES_FILES, EITHER } },
    { "test", { PN_COMPLETES_FILES, RULES } },
    { "diff", { PN_COMPLETES_FILES, EITHER } },
    { "blame", { PN_COMPLETES_FILES, RULES } },
    { "merge", { PN_COMPLETES_FILES, RULES } },
    { "lint", { PN_COMPLETES_FILES, RULES } },
    { "fmt", { PN_COMPLETES_FILES, RULES } },
    { "stats", { PN_COMPLETES_FILES, EITHER } },
    { "map", { PN_COMPLETES_FILES, EITHER } },
    { "replay", { PN_COMPLETES_FILES, NULL } },
    { "hits", { PN_COMPLETES_FILES, NULL } },
    { "minimize", { PN_COMPLETES_FILES, EITHER } },
    { "dump", { PN_COMPLETES_FILES, "cdb" } },
    { "import", { PN_COMPLETES_FILES, NULL } },
    { "export", { PN_COMPLETES_FILES, EITHER } },
    { "adopt", { PN_COMPLETES_FOLDERS, NULL } },
    { "feed", { PN_COMPLETES_FILES, NULL } },
    { "lsp", { PN_COMPLETES_NOTHING, NULL } },
    { "mcp", { PN_COMPLETES_NOTHING, NULL } },
    { "completion", { PN_COMPLETES_SHELLS, NULL } },
    { "explain", { PN_COMPLETES_FINDINGS, NULL } },
    { "help", { PN_COMPLETES_TOPICS, NULL } },
};

/* What an argument of this name is; of any other nothing is known. */
static const struct {
    const char *name;
    struct pn_completed argument;
} arguments[] = {
    { "CDB", { PN_COMPLETES_FILES, "cdb" } },
    { "DIR", { PN_COMPLETES_FOLDERS, NULL } },
    { "FILE", { PN_COMPLETES_FILES, NULL } },
    { "FILE:LINE", { PN_COMPLETES_FILES, RULES } },
    { "FLAGS", { PN_COMPLETES_FILES, NULL } },
    { "LOG", { PN_COMPLETES_FILES, NULL } },
    { "NAMES", { PN_COMPLETES_CHECKS, NULL } },
    { "PATH", { PN_COMPLETES_FILES, RULES } },
    { "PICTURE", { PN_COMPLETES_FILES, "svg png" } },
};

struct pn_completed
pn_completed_operand(const char *verb)
{
    for (size_t i = 0; i < PN_COUNT_OF(operands); i++)
        if (strcmp(operands[i].verb, verb) == 0)
            return operands[i].operand;
    return (struct pn_completed){ PN_COMPLETES_NOTHING, NULL };
}

struct pn_completed
pn_completed_argument(const struct pn_option *option)
{
    if (option->choices)
        return (struct pn_completed){ PN_COMPLETES_CHOICES, NULL };
    if (option->name && strcmp(option->name, "privileged") == 0)
        return (struct pn_completed){ PN_COMPLETES_NOTHING, NULL }; /* variables */
    for (size_t i = 0; option->argument && i < PN_COUNT_OF(arguments); i++)
        if (strcmp(arguments[i].name, option->argument) == 0)
            return arguments[i].argument;
    return (struct pn_completed){ PN_COMPLETES_NOTHING, NULL };
}

static void
checks_each(void (*take)(void *payload, const char *word, const char *text),
            void *payload)
{
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        take(payload, pn_check_info[c].code, pn_check_info[c].text);
        take(payload, pn_check_info[c].name, pn_check_info[c].text);
    }
}

static bool
is_check(const char *slug)
{
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++)
        if (strcmp(pn_check_info[c].name, slug) == 0)
            return true;
    return false;
}

static void
topics_each(void (*take)(void *payload, const char *word, const char *text),
            void *payload)
{
    for (size_t i = 0; i < pn_verb_count; i++)
        take(payload, pn_verbs[i].name, pn_verbs[i].summary);
    for (const struct pn_manual *page = pn_manuals; page->name; page++)
        if (strncmp(page->name, "postern-", 8) != 0 || !pn_verb_find(page->name + 8))
            take(payload, page->name, "");
}

void
pn_completed_words(enum pn_completes what,
                   void (*take)(void *payload, const char *word, const char *text),
                   void *payload)
{
    static const char *const shells[] = { "bash", "zsh", "fish" };

    if (what == PN_COMPLETES_CHECKS || what == PN_COMPLETES_FINDINGS)
        checks_each(take, payload);
    for (size_t i = 0; what == PN_COMPLETES_FINDINGS && i < PN_DIAG_NONE; i++)
        if (!is_check(pn_diag_info[i].slug))
            take(payload, pn_diag_info[i].slug, pn_diag_info[i].text);
    if (what == PN_COMPLETES_TOPICS)
        topics_each(take, payload);
    for (size_t i = 0; what == PN_COMPLETES_SHELLS && i < PN_COUNT_OF(shells); i++)
        take(payload, shells[i], "");
}

void
pn_completion_quoted(struct pn_output *out, const char *text)
{
    for (; *text; text++)
        if (!strchr("'\\[]:`$", *text))
            pn_output_add(out, text, 1);
}
