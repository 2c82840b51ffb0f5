/*
 * The operands of a run of lint for each root, its baseline and its run script; what
 * lint would end for, a faulty .postern, is told, and the rules are looked at without.
 */
#include "tools/lsp_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/vector.h"
#include "tools/lint_baseline.h"
#include "tools/verbs.h"

#define FAULT_CODE "settings" /* of what has no place, and no code of its own */

static void
faults_clear(struct pn_lsp_linter *linter)
{
    for (size_t i = 0; i < linter->fault_count; i++) {
        free((char *)linter->faults[i].path);
        free((char *)linter->faults[i].message);
    }
    linter->fault_count = 0;
}

/* Adds a fault, whose path and message are taken over. */
static void
fault_add(struct pn_lsp_linter *linter, struct pn_lsp_fault fault)
{
    if (fault.message && pn_vector_add(&linter->faults, &linter->fault_count,
                                       &linter->fault_capacity, &fault, sizeof(fault)))
        return;
    free((char *)fault.path);
    free((char *)fault.message);
    linter->failed = true;
}

/* What is wrong in a .postern; as pn_tool.take_diags. */
static void
diags_take(void *payload, const struct pn_diags *diags)
{
    struct pn_lsp_linter *linter = payload;

    for (size_t i = 0; i < diags->count; i++) {
        const struct pn_diag *diag = &diags->items[i];

        fault_add(linter,
                  (struct pn_lsp_fault){ .path = pn_files_real(diag->at.name),
                                         .span = diag->at.span,
                                         .code = pn_diag_info[diag->id].slug,
                                         .message = strdup(pn_diag_message(diag)),
                                         .help = pn_diag_help(diag) });
    }
}

/* The first line that the linter has said, without its name in front; NULL for none. */
static char *
said_take(struct pn_lsp_linter *linter)
{
    static const char front[] = "postern lint: ";
    struct pn_buffer *said = &linter->tool.err.pending;
    struct pn_str line = pn_str_of(said);
    const char *end = line.len ? memchr(line.ptr, '\n', line.len) : NULL;
    char *text;

    if (!line.len)
        return NULL;
    if (end)
        line = pn_str_to(line, (size_t)(end - line.ptr));
    if (pn_str_begins(line, front))
        line = pn_str_from(line, sizeof(front) - 1);
    text = strndup(line.ptr, line.len);
    linter->failed |= !text;
    pn_buffer_free(said);
    return text;
}

static void
fault_say(struct pn_lsp_linter *linter, char *message)
{
    if (message)
        fault_add(linter, (struct pn_lsp_fault){
                              .code = FAULT_CODE, .message = message, .help = "" });
}

static void
settings_clear(struct pn_lsp_linter *linter)
{
    pn_lint_operands_clear(&linter->operands);
    pn_watched_clear(&linter->watched);
    pn_notices_clear(&linter->notices);
    pn_buffer_free(&linter->tool.err.pending);
    pn_buffer_free(&linter->tool.out.pending);
    faults_clear(linter);
}

/* The operand of a root, by a .postern or without any; NULL without memory. */
static const struct pn_lint_settings *
operand_make(struct pn_lsp_linter *linter, const char *root, bool no_config)
{
    char *name = strdup(root);
    bool good;

    pn_lint_operands_clear(&linter->operands);
    linter->given.no_config = no_config;
    linter->operands = (struct pn_lint_operands){ .tool = &linter->tool,
                                                  .watched = &linter->watched,
                                                  .notices = &linter->notices,
                                                  .run = &linter->words,
                                                  .config = &linter->given };
    good = name && pn_lint_operands_make(&linter->operands, 1, &name) &&
           linter->operands.count == 1;
    free(name);
    return good ? linter->operands.items[0].settings : NULL;
}

/* Words that no linter takes are left out, and told of with every root. */
static bool
words_check(struct pn_lsp_linter *linter)
{
    struct pn_lint_config config = pn_lint_config_default();
    char **moved = calloc(linter->words.count + 1, sizeof(*moved));
    struct pn_buffer text = { 0 };
    int operands, status;
    char *said;

    if (!moved)
        return false;
    for (size_t i = 0; i < linter->words.count; i++)
        moved[i] = linter->words.items[i];
    if (!pn_tool_options(&linter->tool, (int)linter->words.count, moved, &config,
                         &operands, &status)) {
        said = said_take(linter);
        pn_buffer_add_text(&text, "POSTERN_OPTS: ");
        pn_buffer_add_text(&text, said ? said : "nothing is taken of it here");
        pn_buffer_add(&text, "", 1);
        linter->fault = text.failed ? NULL : strdup(text.bytes);
        free(said);
        pn_words_clear(&linter->words);
    }
    pn_buffer_free(&linter->tool.err.pending);
    pn_buffer_free(&linter->tool.out.pending);
    free(moved);
    pn_buffer_free(&text);
    return !text.failed;
}

bool
pn_lsp_linter_begin(struct pn_lsp_linter *linter, const char *options)
{
    struct pn_words *words = &linter->words;
    size_t kept = 0;
    bool good;

    *linter = (struct pn_lsp_linter){ .given = pn_lint_config_default() };
    linter->tool = (struct pn_tool){ .verb = pn_verb_find("lint"),
                                     .color = PN_COLOR_NEVER,
                                     .take_diags = diags_take,
                                     .take_payload = linter };
    pn_output_begin(&linter->tool.out, -1);
    pn_output_begin(&linter->tool.err, -1);
    good = pn_words_of_run(words, options, 0, NULL);
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];

        if (strncmp(word, "--root", sizeof("--root") - 1) == 0)
            free(words->items[i]); /* the folders are those of the workspace */
        else
            words->items[kept++] = words->items[i];
    }
    words->count = kept;
    return good && words_check(linter);
}

bool
pn_lsp_linter_settings(struct pn_lsp_linter *linter, const char *root,
                       struct pn_lsp_settings *out)
{
    const struct pn_lint_settings *found;

    settings_clear(linter);
    linter->failed = false;
    if (linter->fault)
        fault_say(linter, strdup(linter->fault));
    found = operand_make(linter, root, false);
    if (found && found->status != PN_EXIT_OK) {
        fault_say(linter, said_take(linter));
        found = operand_make(linter, root, true);
    }
    if (!found || linter->failed)
        return false;
    *out = (struct pn_lsp_settings){ .options = found->setup.options,
                                     .on = found->setup.on,
                                     .tests = linter->operands.items[0].tests,
                                     .no_ignores = found->config.no_ignores,
                                     .faults = linter->faults,
                                     .fault_count = linter->fault_count };
    return true;
}

bool
pn_lsp_linter_complete(struct pn_lsp_linter *linter, struct pn_report *report,
                       struct pn_lsp_settings *out)
{
    struct pn_lint_operand *operand = &linter->operands.items[0];
    const struct pn_lint_config *config = &operand->settings->config;
    struct pn_baseline_file file = { operand->name, true };
    const struct pn_baseline baseline = { &linter->tool, config->baseline, &file, 1 };

    (void)pn_server_lint(&linter->tool, &operand->settings->setup.flags, &operand->name,
                         1, report);
    fault_say(linter, said_take(linter));
    if (config->baseline) {
        bool on[PN_CHECK_NONE];
        uint32_t number = report->operand;

        memcpy(on, report->on, sizeof(on));
        memset(report->on, true, sizeof(report->on));
        report->operand = UINT32_MAX; /* what it says is of no root */
        (void)pn_baseline_apply(&baseline, report, false);
        memcpy(report->on, on, sizeof(on));
        report->operand = number;
        fault_say(linter, said_take(linter));
    }
    out->faults = linter->faults;
    out->fault_count = linter->fault_count;
    return !linter->failed;
}

void
pn_lsp_linter_clear(struct pn_lsp_linter *linter)
{
    settings_clear(linter);
    free(linter->faults);
    free(linter->fault);
    pn_words_clear(&linter->words);
}
