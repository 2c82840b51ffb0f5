/* Each format is a function for one statement, and what stands around them all. */
#include "tools/render/proofs.h"

#include <string.h>

#include "compiler/query_text.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/render/xml.h"

/* A statement and its proof, as all formats show them. */
struct proof_row {
    const struct pn_prover *prover;
    const struct pn_proof *proof;
    const char *file;
    struct pn_str text; /* as written */
    bool always;
};

static struct proof_row
row_of(const struct pn_prover *prover, const struct pn_proof *proof)
{
    const struct pn_assertion *s = proof->assertion;
    const struct pn_source *source = pn_unit_source(prover->unit, s->at.file);

    return (
        struct proof_row){ prover, proof, source->name,
                           pn_source_slice(source, pn_assertion_span(prover->unit, s)),
                           s->at.node->kind == PN_NODE_ALWAYS };
}

/* The decision that a statement was held to, with the place of its rule. */
static struct pn_answer
answer_of(const struct proof_row *t)
{
    struct pn_answer answer = { .decision = t->proof->decision };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (postern_rules_origin(t->prover->rules, answer.decision.rule, &origin) ==
        POSTERN_OK)
        pn_answer_place(&answer, &origin);
    return answer;
}

/* On one line, whatever a statement was written on. */
static void
add_line(struct pn_buffer *out, struct pn_str text)
{
    bool blank = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r' || text.ptr[i] == ' ' ||
            text.ptr[i] == '\t') {
            blank = true;
            continue;
        }
        if (blank)
            pn_buffer_add(out, " ", 1);
        blank = false;
        pn_buffer_add(out, &text.ptr[i], 1);
    }
}

static void
text_add(struct pn_proof_report *report, const struct proof_row *t)
{
    struct pn_diags shown = { .limit = 1 };

    if (t->proof->holds)
        return;
    pn_proof_diagnose(t->prover, t->proof, &shown);
    pn_render_text(report->out, &shown, &report->style);
    pn_diags_clear(&shown);
}

static void
text_end(struct pn_proof_report *report)
{
    const char *hold = report->broken == 1 ? "does not hold" : "do not hold";

    if (report->too_much.size)
        pn_output_format(report->out, "%zu of those that were looked at %s\n",
                         report->broken, hold);
    else if (!report->total)
        pn_output_text(report->out, "nothing is expected\n");
    else if (report->broken)
        pn_output_format(report->out, "%zu of %zu %s\n", report->broken, report->total,
                         hold);
    else if (report->total == 1)
        pn_output_text(report->out, "what is expected holds\n");
    else
        pn_output_format(report->out, "all %zu hold\n", report->total);
}

static void
json_add(struct pn_proof_report *report, const struct proof_row *t)
{
    pn_output_text(report->out, "{\"file\": ");
    pn_json_string(report->out, t->file, strlen(t->file));
    pn_output_format(report->out, ", \"line\": %u, \"kind\": \"%s\", \"pass\": %s",
                     t->proof->assertion->line, t->always ? "always" : "expect",
                     t->proof->holds ? "true" : "false");
    if (!t->proof->holds) {
        struct pn_answer answer = answer_of(t);

        pn_output_text(report->out, ", \"query\": ");
        pn_query_json(report->out, &t->proof->query);
        pn_output_text(report->out, ", \"decided_by\": ");
        pn_answer_json(report->out, &answer);
    }
    pn_output_text(report->out, "}\n");
}

static void
tap_add(struct pn_proof_report *report, const struct proof_row *t)
{
    struct pn_buffer line = { 0 };

    add_line(&line, t->text);
    pn_output_format(report->out, "%s %zu - ", t->proof->holds ? "ok" : "not ok",
                     report->total);
    pn_render_bytes(report->out, (struct pn_str){ t->file, strlen(t->file) });
    pn_output_format(report->out, ":%u ", t->proof->assertion->line);
    for (size_t i = 0; i < line.size; i++) { /* a # would begin a directive */
        if (line.bytes[i] == '#')
            pn_output_text(report->out, "\\");
        pn_render_bytes(report->out, (struct pn_str){ line.bytes + i, 1 });
    }
    pn_output_text(report->out, "\n");
    if (!t->proof->holds) {
        struct pn_answer answer = answer_of(t);

        pn_output_text(report->out, "  ---\n  query: ");
        pn_query_json(report->out, &t->proof->query);
        pn_output_text(report->out, "\n  decided_by: ");
        pn_answer_json(report->out, &answer);
        pn_output_text(report->out, "\n  ...\n");
    }
    pn_buffer_free(&line);
}

static void
tap_begin(struct pn_proof_report *report)
{
    pn_output_text(report->out, "TAP version 13\n");
}

static void
tap_end(struct pn_proof_report *report)
{
    pn_output_format(report->out, "1..%zu\n", report->total);
}

static void
junit_add(struct pn_proof_report *report, const struct proof_row *t)
{
    struct pn_buffer *out = &report->cases, line = { 0 };

    add_line(&line, t->text);
    pn_buffer_add_text(out, "    <testcase classname=\"");
    pn_xml_add(out, (struct pn_str){ t->file, strlen(t->file) });
    pn_buffer_add_format(out, "\" name=\"line %u: ", t->proof->assertion->line);
    pn_xml_add(out, (struct pn_str){ line.bytes, line.size });
    pn_buffer_add_text(out, t->proof->holds ? "\"/>\n" : "\">\n");
    if (!t->proof->holds) {
        struct pn_answer answer = answer_of(t);

        line.size = 0;
        pn_query_write(&line, &t->proof->query);
        pn_buffer_add_text(out, "      <failure message=\"");
        pn_xml_add(out, (struct pn_str){ line.bytes, line.size });
        pn_buffer_add_format(out, " is answered: %s\">",
                             pn_verdict_text(answer.decision.verdict));
        if (answer.file.ptr) {
            pn_buffer_add_text(out, "decided by ");
            pn_xml_add(out, (struct pn_str){ answer.target.ptr, answer.target.len });
            pn_buffer_add_text(out, " at ");
            pn_xml_add(out, (struct pn_str){ answer.file.ptr, answer.file.len });
            pn_buffer_add_format(out, ":%zu", answer.line);
        }
        pn_buffer_add_text(out, "</failure>\n    </testcase>\n");
    }
    pn_buffer_free(&line);
}

static void
junit_end(struct pn_proof_report *report)
{
    pn_output_format(report->out,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<testsuites tests=\"%zu\" failures=\"%zu\">\n"
                     "  <testsuite name=\"postern\" tests=\"%zu\" failures=\"%zu\" "
                     "errors=\"0\">\n",
                     report->total, report->broken, report->total, report->broken);
    pn_output_add(report->out, report->cases.bytes, report->cases.size);
    pn_output_text(report->out, "  </testsuite>\n</testsuites>\n");
}

static const struct {
    void (*begin)(struct pn_proof_report *); /* NULL: nothing stands there */
    void (*add)(struct pn_proof_report *, const struct proof_row *);
    void (*end)(struct pn_proof_report *);
} formats[] = {
    [PN_PROOF_TEXT] = { NULL, text_add, text_end },
    [PN_PROOF_JSON] = { NULL, json_add, NULL },
    [PN_PROOF_TAP] = { tap_begin, tap_add, tap_end },
    [PN_PROOF_JUNIT] = { NULL, junit_add, junit_end },
};

void
pn_proof_report_begin(struct pn_proof_report *report)
{
    if (formats[report->format].begin)
        formats[report->format].begin(report);
}

void
pn_proof_report_add(void *payload, const struct pn_prover *prover,
                    const struct pn_proof *proof)
{
    struct pn_proof_report *report = payload;
    struct proof_row row = row_of(prover, proof);

    if (proof->is_too_much) { /* which is no answer */
        report->too_much.size = 0;
        pn_buffer_add_format(&report->too_much,
                             "%s:%u: the claims up to here, by the rules that could "
                             "break them; let fewer be about everybody, or test them "
                             "in several files",
                             row.file, proof->assertion->line);
        pn_buffer_add(&report->too_much, "", 1);
        return;
    }
    report->total++;
    report->broken += !proof->holds;
    formats[report->format].add(report, &row);
}

void
pn_proof_report_end(struct pn_proof_report *report)
{
    if (formats[report->format].end)
        formats[report->format].end(report);
    pn_buffer_free(&report->cases);
}
