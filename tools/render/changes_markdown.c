/* Changes as a comment on a merge request, and as annotations of GitHub. */
#include <stdlib.h>
#include <string.h>

#include "compiler/number_text.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/changes.h"
#include "tools/render/escape.h"
#include "tools/render/text.h"

enum { ANNOTATIONS = 10 };

static const struct pn_style plain = { 0 };

/* What is gathered as text, to be escaped: its end is a NUL. Freed by taken(). */
static char *
text_of(struct pn_output *text)
{
    static char none[1] = "";

    pn_output_add(text, "", 1);
    return text->pending.failed ? none : text->pending.bytes;
}

static void
text_begin(struct pn_output *text)
{
    text->pending.size = 0;
}

/* "deny by 10.0.0.0/8 at smtp.rules:4, TAG="x"", without escapes. */
static void
answer_words(struct pn_output *text, const struct pn_answer *answer)
{
    struct pn_environment env = pn_environment_of(answer);

    if (answer->target.len)
        pn_output_add(text, answer->target.ptr, answer->target.len);
    else
        pn_output_text(text, answer->target.ptr ? "(empty)" : "nobody");
    if (answer->file.ptr) {
        pn_output_text(text, " at ");
        pn_output_add(text, answer->file.ptr, answer->file.len);
        pn_output_format(text, ":%zu", answer->line);
    }
    for (size_t i = 0; i < env.count; i++) {
        pn_output_text(text, ", ");
        pn_output_add(text, env.items[i].name.ptr, env.items[i].name.len);
        pn_output_text(text, "=\"");
        pn_output_add(text, env.items[i].value.ptr, env.items[i].value.len);
        pn_output_text(text, "\"");
    }
    pn_environment_free(&env);
}

static void
answer_cell(struct pn_output *out, struct pn_output *text,
            const struct pn_answer *answer)
{
    pn_output_format(out, " | %s by ", pn_verdict_text(answer->decision.verdict));
    text_begin(text);
    answer_words(text, answer);
    pn_markdown_code(out, text_of(text));
}

/* The block's lines of addresses, hosts and idents, as code with breaks between. */
static void
who_cell(struct pn_output *out, struct pn_output *text,
         const struct pn_change_report *report, const struct pn_block *block)
{
    const struct pn_blocks *blocks = &report->changes->blocks;
    char *line, *next;

    text_begin(text); /* the count has a column of its own */
    pn_block_addresses_text(text, &plain, blocks, block, false, 0);
    pn_patterns_text(text, &plain, blocks, &block->hosts, false, "");
    pn_patterns_text(text, &plain, blocks, &block->idents, true, "");
    line = text_of(text);
    for (bool first = true; line && *line; line = next, first = false) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        pn_output_text(out, first ? "" : "<br>");
        pn_markdown_code(out, line);
    }
}

static void
block_count(struct pn_output *out, const struct pn_blocks *blocks,
            const struct pn_block *block)
{
    pn_number size = pn_block_size(blocks, block);
    struct pn_buffer text = { 0 };

    if (!size && block->extent_count)
        pn_buffer_add_text(&text, "2^128");
    else
        pn_number_write_people(&text, size);
    pn_output_add(out, text.bytes, text.size);
    out->pending.failed |= text.failed;
    pn_buffer_free(&text);
}

static void
change_row(struct pn_output *out, struct pn_output *text,
           const struct pn_change_report *report, const struct pn_change *change)
{
    pn_output_format(out, "| %s | ", pn_effect_names[change->effect]);
    block_count(out, &report->changes->blocks, change->block);
    pn_output_text(out, " | ");
    who_cell(out, text, report, change->block);
    answer_cell(out, text, &change->answers[0]);
    answer_cell(out, text, &change->answers[1]);
    pn_output_text(out, " | ");
    text_begin(text);
    pn_query_text(text, &change->witness);
    pn_markdown_code(out, text_of(text));
    if (report->weights)
        pn_output_format(out, " | %llu", (unsigned long long)change->weight);
    pn_output_text(out, " |\n");
}

static void
table(struct pn_output *out, struct pn_change_report *report)
{
    size_t count = report->changes->blocks.count,
           *order = pn_changes_order(report->changes);
    struct pn_output text = { .fd = -1 };
    struct pn_change change;

    pn_output_format(out,
                     "\n| effect | addresses | who | before | after | one of them |%s\n"
                     "|---|--:|---|---|---|---|%s\n",
                     report->weights ? " logged |" : "", report->weights ? "--:|" : "");
    for (size_t i = 0; order && i < count && i < report->max; i++)
        if (pn_change_get(report, order[i], &change))
            change_row(out, &text, report, &change);
    if (count > report->max)
        pn_output_format(out, "\nand %zu more regions\n", count - report->max);
    if (!order || text.pending.failed)
        report->status = POSTERN_E_NOMEM;
    free(order);
    pn_buffer_free(&text.pending);
}

static void
assertions_list(struct pn_output *out, const struct pn_change_report *report)
{
    struct pn_output text = { .fd = -1 };

    pn_output_text(out, report->assertion_count ? "\n" : "");
    for (size_t i = 0; i < report->assertion_count; i++) {
        text_begin(&text);
        pn_assertion_line_text(&text, &report->assertions[i]);
        pn_output_text(out, "- ");
        pn_markdown_code(out, text_of(&text));
        pn_output_text(out, "\n");
    }
    out->pending.failed |= text.pending.failed;
    pn_buffer_free(&text.pending);
}

void
pn_changes_markdown(struct pn_output *out, struct pn_change_report *report)
{
    pn_output_text(out, "### postern diff: ");
    pn_changes_head(out, report, false);
    pn_output_text(out, "\n\n");
    pn_markdown_code(out, report->names[0]);
    pn_output_text(out, " → ");
    pn_markdown_code(out, report->names[1]);
    if (report->weights)
        pn_output_format(out, ", weighed by %llu logged connections",
                         (unsigned long long)report->weighed);
    pn_output_text(out, "\n");
    if (report->broken)
        pn_output_text(out, "\n**A gate forbids this change.**\n");
    if (report->changes->blocks.count)
        table(out, report);
    assertions_list(out, report);
}

/* At the rule that decides now; where that has no place, at the one that did. */
static void
annotation(struct pn_output *out, struct pn_output *text,
           const struct pn_change_report *report, const struct pn_change *change)
{
    const struct pn_answer *at = &change->answers[change->answers[1].file.ptr != NULL];
    const char *command = report->broken                      ? "error"
                          : change->effect == PN_EFFECT_GAINS ? "warning"
                                                              : "notice";

    pn_output_format(out, "::%s ", command);
    if (at->file.ptr) {
        text_begin(text);
        pn_output_add(text, at->file.ptr, at->file.len);
        pn_output_text(out, "file=");
        pn_github_escape(out, text_of(text), true);
        pn_output_format(out, ",line=%zu,", at->line);
    }
    pn_output_format(
        out, "title=postern diff %s::", pn_direction_names[report->changes->direction]);
    text_begin(text);
    pn_output_format(text, "%s: ", pn_effect_names[change->effect]);
    pn_block_text(text, &plain, &report->changes->blocks, change->block, "", 0);
    for (size_t i = 0; i < 2; i++) {
        pn_output_format(text, "%s %s by ", i ? "now" : "was",
                         pn_verdict_text(change->answers[i].decision.verdict));
        answer_words(text, &change->answers[i]);
        pn_output_text(text, "\n");
    }
    pn_output_text(text, "one of them: ");
    pn_query_text(text, &change->witness);
    pn_github_escape(out, text_of(text), false);
    pn_output_text(out, "\n");
}

/* At the claim as it was: it is there no more. */
static void
assertion_annotation(struct pn_output *out, struct pn_output *text,
                     const struct pn_change_report *report,
                     const struct pn_assertion_line *line)
{
    text_begin(text);
    pn_assertion_line_text(text, line);
    pn_output_format(out, "::%s title=postern diff claim %s::",
                     report->broken ? "error" : "warning", line->change);
    pn_github_escape(out, text_of(text), false);
    pn_output_text(out, "\n");
}

void
pn_changes_github(struct pn_output *out, struct pn_change_report *report)
{
    size_t count = report->changes->blocks.count,
           *order = pn_changes_order(report->changes);
    struct pn_output text = { .fd = -1 };
    struct pn_change change;

    pn_changes_head(out, report, false);
    pn_output_text(out, "\n");
    for (size_t i = 0; order && i < count && i < ANNOTATIONS; i++)
        if (pn_change_get(report, order[i], &change))
            annotation(out, &text, report, &change);
    if (count > ANNOTATIONS)
        pn_output_format(out, "and %zu more regions\n", count - ANNOTATIONS);
    for (size_t i = 0; i < report->assertion_count && i < ANNOTATIONS; i++)
        assertion_annotation(out, &text, report, &report->assertions[i]);
    if (!order || text.pending.failed)
        report->status = POSTERN_E_NOMEM;
    free(order);
    pn_buffer_free(&text.pending);
}
