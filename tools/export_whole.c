/*
 * tcprules: as `compile --as classic`, and the records of that as a source. json: every
 * span of addresses with the rule that decides for it.
 */
#include "tools/export_whole.h"

#include <string.h>

#include "base/sizes.h"
#include "interop/written.h"
#include "tools/dump_text.h"
#include "tools/export_mmdb.h"
#include "tools/render/json.h"

/* The text of a policy: its own, or that of its records. */
static int
text_take(struct pn_rules_file *file, struct pn_tool *tool, struct pn_rules_file *out)
{
    struct pn_str text = { file->source.text, file->source.size };
    struct pn_buffer dumped = { 0 };
    int status = PN_EXIT_OK;

    if (!text.ptr) {
        status = pn_dump_text(file, tool, &dumped);
        text = pn_str_of(&dumped);
    }
    if (status == PN_EXIT_OK && !pn_source_from_text(&out->source, file->name, text))
        status = pn_tool_fail_memory(tool, file->name);
    pn_buffer_free(&dumped);
    return status;
}

static int
classic_compile(struct pn_rules_file *file, struct pn_tool *tool,
                const struct pn_common *common, struct pn_rules_file *out)
{
    const struct pn_compile_options options = { .as_classic = true,
                                                .as_of = common->as_of,
                                                .prove = true };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    enum pn_compile_result result;
    int status;

    out->name = file->name;
    out->reading = file->reading;
    status = text_take(file, tool, out);
    if (status == PN_EXIT_OK) {
        result = pn_rules_file_compile(out, &options, &diags);
        pn_tool_diagnostics(tool, common, &diags);
        if (result != PN_COMPILE_OK)
            status = pn_tool_fail_compile(tool, result, file->name, file->name);
    }
    pn_diags_clear(&diags);
    return status;
}

int
pn_export_classic(struct pn_tool *tool, const struct pn_common *common,
                  struct pn_rules_file *file, struct pn_buffer *out)
{
    struct pn_rules_file classic = { .image = -1 };
    int status = classic_compile(file, tool, common, &classic);

    if (status == PN_EXIT_OK)
        status = pn_dump_text(&classic, tool, out);
    pn_rules_file_close(&classic);
    return status;
}

static int
tcprules_write(struct pn_tool *tool, const struct pn_common *common, const char *name,
               bool *is_refused)
{
    struct pn_rules_file file = { .image = -1 };
    struct pn_buffer text = { 0 };
    int status = pn_rules_file_open(&file, tool, common, name);

    (void)is_refused; /* it has no lossy form */
    if (status == PN_EXIT_OK)
        status = pn_export_classic(tool, common, &file, &text);
    if (status == PN_EXIT_OK)
        pn_output_add(&tool->out, text.bytes, text.size);
    pn_buffer_free(&text);
    pn_rules_file_close(&file);
    return status;
}

static const struct {
    enum pn_beyond what;
    const char *name;
} beyond_names[] = { { PN_BEYOND_NAMES, "names" },
                     { PN_BEYOND_LIMITS, "limits" },
                     { PN_BEYOND_VARIABLES, "variables" },
                     { PN_BEYOND_REJECT, "reject" },
                     { PN_BEYOND_PENALTIES, "penalties" } };

static void
beyond_json(struct pn_output *out, uint8_t beyond)
{
    const char *apart = "";

    pn_output_text(out, ", \"beyond\": [");
    for (size_t i = 0; i < PN_COUNT_OF(beyond_names); i++)
        if (beyond & beyond_names[i].what) {
            pn_output_format(out, "%s\"%s\"", apart, beyond_names[i].name);
            apart = ", ";
        }
    pn_output_text(out, "]");
}

/* A text, or null where there is none. */
static void
text_json(struct pn_output *out, const char *key, struct postern_str text)
{
    pn_output_format(out, ", \"%s\": ", key);
    if (text.ptr)
        pn_json_string(out, text.ptr, text.len);
    else
        pn_output_text(out, "null");
}

/* Of whom no rule decides for there is no place. */
static enum postern_status
span_json(struct pn_output *out, const struct pn_exported *exported,
          const struct pn_span_answer *span)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    enum postern_status status = POSTERN_OK;

    answer.decision.rule = span->rule;
    if (span->rule != POSTERN_RULE_NONE)
        status = pn_exported_place(exported, &answer);
    pn_output_format(out, "    {\"family\": %u, \"first\": \"", span->family);
    pn_written_address(out, span->first, span->family);
    pn_output_text(out, "\", \"last\": \"");
    pn_written_address(out, span->last, span->family);
    pn_output_format(out, "\", \"verdict\": \"%s\"", span->allows ? "allow" : "deny");
    text_json(out, "rule", answer.target);
    text_json(out, "file", answer.file);
    if (answer.line)
        pn_output_format(out, ", \"line\": %zu", answer.line);
    else
        pn_output_text(out, ", \"line\": null");
    beyond_json(out, span->beyond);
    pn_output_text(out, "}");
    return status;
}

static int
json_write(struct pn_tool *tool, const struct pn_common *common, const char *name,
           bool *is_refused)
{
    struct pn_exported exported = PN_EXPORTED_NONE;
    struct pn_output *out = &tool->out;
    enum postern_status found = POSTERN_OK;
    int status;

    (void)is_refused; /* it says all */
    exported.spans.by_rule = true;
    status = pn_exported_open(&exported, tool, common, name);
    if (status == PN_EXIT_OK) {
        pn_output_format(out,
                         "{\n  \"schema\": 1,\n  \"default\": \"%s\",\n  \"spans\": [",
                         exported.spans.default_allows ? "allow" : "deny");
        for (size_t i = 0; i < exported.spans.count && found == POSTERN_OK; i++) {
            pn_output_text(out, i ? ",\n" : "\n");
            found = span_json(out, &exported, &exported.spans.items[i]);
        }
        pn_output_text(out, "\n  ]\n}\n");
        if (found != POSTERN_OK)
            status = pn_tool_fail_status(tool, name, found);
    }
    pn_exported_close(&exported);
    return status;
}

static const struct pn_whole_target targets[] = { { "tcprules", tcprules_write },
                                                  { "tcp6", pn_export_tcp6 },
                                                  { "json", json_write },
                                                  { "mmdb", pn_export_mmdb } };

const struct pn_whole_target *
pn_whole_target_find(const char *name)
{
    for (size_t i = 0; i < PN_COUNT_OF(targets); i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}
