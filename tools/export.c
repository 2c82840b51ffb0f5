/* A classic image knows what names could change for all addresses alone: for an exact
 * answer it is made a native one, from its source or from its records. */
#include "tools/export.h"

#include "tools/dump_text.h"

/* The text of a classic file: its own, or that of its records. */
static int
classic_text(struct pn_exported *e, struct pn_tool *tool)
{
    const struct pn_source *own = &e->file.source;
    struct pn_str text = { own->text, own->size };
    struct pn_buffer dumped = { 0 };
    int status = PN_EXIT_OK;

    if (!own->text) {
        status = pn_dump_text(&e->file, tool, &dumped);
        text = pn_str_of(&dumped);
    }
    if (status == PN_EXIT_OK && !pn_source_from_text(&e->native.source, e->name, text))
        status = pn_tool_fail_memory(tool, e->name);
    pn_buffer_free(&dumped);
    return status;
}

static int
native_make(struct pn_exported *e, struct pn_tool *tool, const struct pn_common *common)
{
    const struct pn_compile_options options = { .as_native = true,
                                                .as_of = common->as_of };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    enum pn_compile_result result;
    int status;

    e->native.name = e->name;
    e->native.reading = e->file.reading;
    e->is_classic = true;
    status = classic_text(e, tool);
    if (status == PN_EXIT_OK) {
        result = pn_rules_file_compile(&e->native, &options, &diags);
        if (result != PN_COMPILE_OK) {
            pn_tool_diagnostics(tool, common, &diags);
            status = pn_tool_fail_compile(tool, result, e->name, e->name);
        }
    }
    pn_diags_clear(&diags);
    return status;
}

static int
spans_status(struct pn_tool *tool, const char *name, enum pn_spans_result result)
{
    switch (result) {
    case PN_SPANS_OK:
        return PN_EXIT_OK;
    case PN_SPANS_SPELT:
        return pn_tool_fail_of(
            tool, PN_EXIT_USAGE, name,
            "there are classic keys of IPv6 that match addresses by how "
            "they are written, which no other program does");
    case PN_SPANS_DAMAGED:
        return pn_tool_fail_status(tool, name, POSTERN_E_FORMAT);
    case PN_SPANS_MEMORY:
        break;
    }
    return pn_tool_fail_memory(tool, name);
}

int
pn_exported_open(struct pn_exported *out, struct pn_tool *tool,
                 const struct pn_common *common, const char *name)
{
    const struct pn_rules_file *file = &out->file;
    struct pn_decoded decoded = { 0 };
    int status = pn_rules_file_open(&out->file, tool, common, name);

    out->name = name;
    if (status == PN_EXIT_OK && !pn_rules_file_is_native(file)) {
        status = native_make(out, tool, common);
        file = &out->native;
    }
    if (status == PN_EXIT_OK) {
        status = pn_rules_file_decode(file, tool, &decoded);
        if (status == PN_EXIT_OK)
            status = spans_status(tool, name,
                                  pn_spans_collect(&out->spans, file->rules, &decoded));
        pn_decoded_clear(&decoded);
    }
    return status;
}

enum postern_status
pn_exported_place(const struct pn_exported *exported, struct pn_answer *answer)
{
    return pn_rules_file_place(pn_exported_native(exported), answer);
}

const struct pn_rules_file *
pn_exported_native(const struct pn_exported *exported)
{
    return exported->is_classic ? &exported->native : &exported->file;
}

void
pn_exported_place_write(struct pn_tool *tool, const struct pn_exported *exported,
                        uint32_t rule)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };

    answer.decision.rule = rule;
    if (rule == POSTERN_RULE_NONE ||
        pn_exported_place(exported, &answer) != POSTERN_OK || !answer.file.ptr) {
        pn_output_text(&tool->err, exported->name);
    } else {
        pn_output_add(&tool->err, answer.file.ptr, answer.file.len);
        if (answer.line)
            pn_output_format(&tool->err, ":%zu", answer.line);
    }
    pn_output_text(&tool->err, ": ");
    if (answer.target.ptr) {
        pn_output_text(&tool->err, "of ");
        pn_output_add(&tool->err, answer.target.ptr, answer.target.len);
        pn_output_text(&tool->err, ": ");
    }
}

void
pn_exported_close(struct pn_exported *exported)
{
    pn_spans_clear(&exported->spans);
    pn_rules_file_close(&exported->native);
    pn_rules_file_close(&exported->file);
}
