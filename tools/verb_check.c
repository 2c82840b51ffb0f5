/* postern check: what a rule file decides, for one client or for a stream of them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/sizes.h"
#include "compiler/literal.h"
#include "tools/check.h"
#include "tools/input/query.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/verbs.h"

static const char *const expect_choices[] = { "deny", "allow", NULL }; /* by verdict */

static const char *const input_choices[] = { "tsv", "json", "log", NULL };

#define CHECK_FIELD(field) offsetof(struct pn_check, field)

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "ident", 'i', PN_OPTION_TEXT, CHECK_FIELD(ident), "NAME", NULL,
      "what the ident server answered" },
    { "trace", 't', PN_OPTION_FLAG, CHECK_FIELD(trace), NULL, NULL,
      "show each look-up on the way" },
    { "batch", 'b', PN_OPTION_FLAG, CHECK_FIELD(batch), NULL, NULL,
      "answer the queries on standard input" },
    { "input", 0, PN_OPTION_CHOICE, CHECK_FIELD(input), "FORM", input_choices,
      "tsv, json or log, instead of what the first line is" },
    { "columns", 0, PN_OPTION_TEXT, CHECK_FIELD(columns), "NAME,...", NULL,
      "what an answer has: verdict, line, $NAME, ..." },
    { "chunk-header", 0, PN_OPTION_FLAG, CHECK_FIELD(chunk_header), NULL, NULL,
      "a number of lines stands before them" },
    { "follow", 0, PN_OPTION_FLAG, CHECK_FIELD(follow), NULL, NULL,
      "when FILE is replaced, go on with the new one" },
    { "unknown", 'u', PN_OPTION_TEXT, CHECK_FIELD(unknown), "WHAT", NULL,
      "host, ident, or host,ident: every outcome" },
    { "why-not", 'w', PN_OPTION_TEXT, CHECK_FIELD(why_not), "FILE:LINE", NULL,
      "why that rule does not decide" },
    { "expect", 'e', PN_OPTION_CHOICE, CHECK_FIELD(expect), "VERDICT", expect_choices,
      "exit 1 unless it is allow or deny" },
    { "make", 0, PN_OPTION_CHOICE, CHECK_FIELD(make), "VERDICT", expect_choices,
      "the smallest edits that would turn the decision" },
};

const struct pn_option_table pn_options_check = { rows, PN_COUNT_OF(rows) };

struct trace_text {
    struct pn_output *out;
    struct pn_style style;
};

static void
trace_text(void *payload, const struct postern_trace_event *event)
{
    struct trace_text *trace = payload;
    struct pn_output *out = trace->out;
    struct pn_str key = { event->key.ptr, event->key.len };

    pn_style_paint(out, &trace->style, event->found ? PN_PAINT_BOLD : PN_PAINT_DIM);
    pn_output_format(out, "  %-9s %-6s ", postern_step_text(event->step),
                     event->found ? "found" : "no");
    if (key.len)
        pn_render_bytes(out, key);
    else
        pn_output_text(out, "(empty)");
    pn_style_paint(out, &trace->style, PN_PAINT_RESET);
    pn_output_text(out, "\n");
}

struct trace_json {
    struct pn_output *out;
    size_t count;
};

static void
trace_json(void *payload, const struct postern_trace_event *event)
{
    struct trace_json *trace = payload;

    pn_output_format(trace->out, "%s{\"step\": \"%s\", \"ident_rule\": %s, \"key\": ",
                     trace->count++ ? ", " : "", postern_step_text(event->step),
                     event->ident_rule ? "true" : "false");
    pn_json_string(trace->out, event->key.ptr, event->key.len);
    pn_output_format(trace->out, ", \"found\": %s}", event->found ? "true" : "false");
}

static bool
has_capital(struct postern_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
            return true;
    return false;
}

/* A server never asks for a name with capitals: its resolver lower-cases them. */
static void
note_capitals(struct pn_check *check, const struct postern_query *query)
{
    struct pn_output *err = &check->tool->err;
    struct pn_buffer lower = { 0 };
    struct postern_query asked = *query;
    struct postern_info info = POSTERN_INFO_INIT;
    struct pn_answer answer;

    if (!has_capital(query->host) ||
        postern_rules_info(check->file.rules, &info) != POSTERN_OK ||
        info.format != POSTERN_FORMAT_CLASSIC) /* a native file folds them itself */
        return;
    pn_buffer_add(&lower, query->host.ptr, query->host.len);
    for (size_t i = 0; i < lower.size; i++)
        if (lower.bytes[i] >= 'A' && lower.bytes[i] <= 'Z')
            lower.bytes[i] = (char)(lower.bytes[i] - 'A' + 'a');
    asked.host = (struct postern_str){ lower.bytes, lower.size };
    if (!lower.failed &&
        pn_rules_file_decide(&check->file, &asked, NULL, NULL, &answer) == POSTERN_OK) {
        pn_output_text(err, "postern check: note: tcpserver looks up =");
        pn_render_bytes(err, (struct pn_str){ lower.bytes, lower.size });
        pn_output_format(err, ", for which the answer is %s\n",
                         pn_verdict_text(answer.decision.verdict));
    }
    pn_buffer_free(&lower);
}

static enum postern_status
answer_text(struct pn_check *check, const struct postern_query *query,
            struct pn_answer *answer)
{
    struct pn_output *out = &check->tool->out;
    struct trace_text trace = { out, pn_tool_style(check->tool, &check->common, out) };
    enum postern_status status = pn_rules_file_decide(
        &check->file, query, check->trace ? trace_text : NULL, &trace, answer);

    if (status != POSTERN_OK)
        return status;
    pn_rules_file_entry(&check->file, check->common.as_of, &check->lists, query,
                        answer);
    pn_answer_text(out, query, answer, &trace.style);
    return status;
}

static enum postern_status
answer_json(struct pn_check *check, const struct postern_query *query,
            struct pn_answer *answer)
{
    struct pn_output *out = &check->tool->out;
    struct trace_json trace = { out, 0 };
    enum postern_status status;

    if (check->trace)
        pn_output_text(out, "{\"trace\": [");
    status = pn_rules_file_decide(&check->file, query, check->trace ? trace_json : NULL,
                                  &trace, answer);
    if (status != POSTERN_OK)
        return status;
    if (check->trace)
        pn_output_text(out, "], \"decision\": ");
    pn_rules_file_entry(&check->file, check->common.as_of, &check->lists, query,
                        answer);
    pn_answer_json(out, answer);
    pn_output_text(out, check->trace ? "}\n" : "\n");
    return status;
}

/* The words of --unknown. */
static bool
unknown_read(struct pn_check *check)
{
    const char *at = check->unknown;

    while (at && *at) {
        size_t len = strcspn(at, ",");

        if (len == 4 && memcmp(at, "host", 4) == 0)
            check->unknown_host = true;
        else if (len == 5 && memcmp(at, "ident", 5) == 0)
            check->unknown_ident = true;
        else
            return false;
        at += len + (at[len] == ',');
    }
    return !check->unknown || *check->unknown;
}

/*
 * The client that the operands name, as expectations write it too: the ident may stand
 * before the address, and = before the host. What is left of the address is returned;
 * NULL when it is no client.
 */
static const char *
client_read(struct pn_check *check, int operands, char **argv,
            struct postern_query *query)
{
    struct pn_str word = { argv[1], strlen(argv[1]) }, ident;

    if (operands > 2) {
        const char *host = argv[2][0] == '=' ? argv[2] + 1 : argv[2];

        query->host = (struct postern_str){ host, strlen(host) };
    }
    if (check->ident)
        query->ident = (struct postern_str){ check->ident, strlen(check->ident) };
    if (pn_literal_ident(&word, &check->scratch, &ident) != PN_DIAG_NONE)
        return NULL;
    if (ident.ptr && check->ident)
        return NULL;
    if (ident.ptr)
        query->ident = (struct postern_str){ ident.len ? ident.ptr : "", ident.len };
    return word.ptr;
}

static int
check_one(struct pn_check *check, int operands, char **argv)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    const char *address = client_read(check, operands, argv, &query);
    struct pn_answer answer;
    enum postern_status status;

    if (query.host.len + query.ident.len > PN_QUERY_TEXT_MAX)
        return pn_tool_usage(check->tool, "the host or the ident is too long");
    if (address && query.ident.ptr && check->unknown_ident)
        return pn_tool_usage(check->tool, "what is given is not unknown");
    if (address && (check->unknown || pn_check_is_prefix(address)))
        return pn_check_partition(check, address, &query);
    if (!address || !postern_addr_parse(address, strlen(address), &query.remote))
        return pn_tool_failf(check->tool, PN_EXIT_USAGE,
                             "\"%s\" is no IPv4 or IPv6 address", argv[1]);
    if (check->why_not)
        return pn_check_why_not(check, &query);
    if (check->make >= 0)
        return pn_check_make(check, &query);
    status = check->common.format == PN_FORMAT_JSON
                 ? answer_json(check, &query, &answer)
                 : answer_text(check, &query, &answer);
    if (status != POSTERN_OK)
        return pn_check_fail(check, status);
    note_capitals(check, &query);
    return pn_check_verdict(check, &answer);
}

static const char *
usage_problem(const struct pn_check *check, int operands, char **argv)
{
    if (operands < 1)
        return "a FILE is wanted";
    if (!*argv[0])
        return "FILE is empty";
    if ((check->unknown_host && operands > 2) || (check->unknown_ident && check->ident))
        return "what is given is not unknown";
    if (check->make >= 0 && (check->unknown || check->batch || check->why_not))
        return "--make is asked of one client";
    if (check->why_not && (check->unknown || check->batch))
        return "--why-not is asked of one client";
    if (check->batch && check->unknown)
        return "--unknown is asked of one client";
    if (!check->batch &&
        (check->input >= 0 || check->columns || check->chunk_header || check->follow))
        return "--input, --columns, --chunk-header and --follow are of --batch";
    if (check->columns && check->common.format == PN_FORMAT_JSON)
        return "--columns are text, and no JSON";
    if (check->chunk_header && check->input == PN_CHECK_INPUT_LOG)
        return "a log has no --chunk-header";
    if (!check->batch)
        return operands < 2   ? "an ADDRESS is wanted"
               : operands > 3 ? "too many operands"
                              : NULL;
    if (operands > 1 || check->ident)
        return "with --batch, queries come from standard input";
    if (strcmp(argv[0], "-") == 0)
        return "with --batch, FILE cannot be standard input too";
    return NULL;
}

int
pn_verb_check(struct pn_tool *tool, int argc, char **argv)
{
    struct pn_check check = {
        .tool = tool, .expect = -1, .make = -1, .input = -1, .file = { .image = -1 }
    };
    const char *problem;
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &check, &operands, &status))
        return status;
    problem = unknown_read(&check) ? usage_problem(&check, operands, argv)
                                   : "--unknown takes host, ident, or host,ident";
    if (problem)
        return pn_tool_usage(tool, problem);
    status = pn_rules_file_open(&check.file, tool, &check.common, argv[0]);
    if (status == PN_EXIT_OK)
        status =
            check.batch ? pn_check_batch(&check) : check_one(&check, operands, argv);
    pn_rules_lists_clear(&check.lists); /* before its root */
    pn_rules_file_close(&check.file);
    pn_buffer_free(&check.scratch);
    return status;
}
