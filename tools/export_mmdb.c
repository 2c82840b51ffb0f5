/*
 * A record of a rule: verdict, the rule and its place, what it sets, its limits and its
 * text; and `depends` where a host or an ident could change the answer.
 */
#include "tools/export_mmdb.h"

#include <stdlib.h>

#include "base/memory.h"
#include "compiler/query_text.h"
#include "interop/mmdb.h"
#include "interop/mmdb_data.h"

enum { FORMS = 4 }; /* verdict by dependence */

static const uint32_t not_written = UINT32_MAX; /* the offset of what was not */

struct records {
    const struct pn_exported *exported;
    const struct postern_rules *rules;
    struct pn_buffer data;
    uint32_t *offsets; /* FORMS for each rule, and for none behind them */
    size_t rule_count;
    uint32_t *of_spans; /* the offset of each span's */
};

static void
pair_add(struct pn_buffer *out, size_t *pairs, const char *key, struct postern_str text)
{
    if (!text.ptr)
        return;
    ++*pairs;
    pn_mmdb_word(out, key);
    pn_mmdb_text(out, (struct pn_str){ text.ptr, text.len });
}

static void
env_add(struct pn_buffer *out, size_t *pairs, const struct pn_answer *answer)
{
    struct pn_environment sets = pn_environment_of(answer);

    if (sets.count) {
        ++*pairs;
        pn_mmdb_word(out, "env");
        pn_mmdb_map(out, sets.count);
    }
    for (size_t i = 0; i < sets.count; i++) {
        const struct postern_env *one = &sets.items[i];

        pn_mmdb_text(out, (struct pn_str){ one->name.ptr, one->name.len });
        pn_mmdb_text(out, (struct pn_str){ one->value.ptr, one->value.len });
    }
    out->failed |= sets.failed;
    pn_environment_free(&sets);
}

/* "limit 3, penalty 1-99 600", as the language has it. */
static void
terms_add(struct pn_buffer *out, size_t *pairs, const struct postern_decision *decision)
{
    struct pn_buffer terms = { 0 };

    pn_admission_write(&terms, decision);
    if (terms.size)
        pair_add(out, pairs, "terms",
                 (struct postern_str){ terms.bytes + 2, terms.size - 2 });
    out->failed |= terms.failed;
    pn_buffer_free(&terms);
}

/* A map is begun with the number of its pairs: they are gathered before. */
static enum postern_status
record_add(struct records *records, const struct pn_span_answer *span)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    enum postern_status status = POSTERN_OK;
    struct pn_buffer pairs = { 0 };
    size_t count = 1;

    if (span->rule != POSTERN_RULE_NONE)
        status = postern_rules_outcome(records->rules, span->rule, &answer.decision);
    answer.decision.rule = span->rule;
    if (status == POSTERN_OK && span->rule != POSTERN_RULE_NONE)
        status = pn_exported_place(records->exported, &answer);
    pn_mmdb_word(&pairs, "verdict");
    pn_mmdb_word(&pairs, span->allows ? "allow" : "deny");
    if (span->beyond & PN_BEYOND_NAMES) {
        count++;
        pn_mmdb_word(&pairs, "depends");
        pn_mmdb_true(&pairs);
    }
    pair_add(&pairs, &count, "target", answer.target);
    pair_add(&pairs, &count, "file", answer.file);
    if (answer.line) {
        count++;
        pn_mmdb_word(&pairs, "line");
        pn_mmdb_number32(&pairs, (uint32_t)answer.line);
    }
    if (span->allows)
        env_add(&pairs, &count, &answer);
    terms_add(&pairs, &count, &answer.decision);
    pn_mmdb_map(&records->data, count);
    pn_buffer_add(&records->data, pairs.bytes, pairs.size);
    records->data.failed |= pairs.failed;
    pn_buffer_free(&pairs);
    return status;
}

/* The record of a span, written once. */
static enum postern_status
record_find(struct records *records, const struct pn_span_answer *span, uint32_t *out)
{
    size_t rule =
        span->rule == POSTERN_RULE_NONE ? records->rule_count : (size_t)span->rule;
    unsigned form =
        (span->allows ? 2U : 0U) | (span->beyond & PN_BEYOND_NAMES ? 1U : 0U);
    uint32_t *slot = &records->offsets[rule * FORMS + form];
    enum postern_status status = POSTERN_OK;

    if (*slot == not_written) {
        *slot = (uint32_t)records->data.size;
        status = record_add(records, span);
        if (records->data.failed || records->data.size >= UINT32_MAX)
            status = POSTERN_E_NOMEM;
    }
    *out = *slot;
    return status;
}

static size_t
rules_count(const struct pn_spans *spans)
{
    size_t count = 0;

    for (size_t i = 0; i < spans->count; i++)
        if (spans->items[i].rule != POSTERN_RULE_NONE && spans->items[i].rule >= count)
            count = (size_t)spans->items[i].rule + 1;
    return count;
}

static enum postern_status
records_make(struct records *records, const struct pn_spans *spans)
{
    enum postern_status status = POSTERN_OK;

    records->rule_count = rules_count(spans);
    records->offsets =
        pn_calloc((records->rule_count + 1) * FORMS, sizeof(*records->offsets));
    records->of_spans = pn_calloc(spans->count, sizeof(*records->of_spans));
    if (!records->offsets || !records->of_spans)
        return POSTERN_E_NOMEM;
    for (size_t i = 0; i < (records->rule_count + 1) * FORMS; i++)
        records->offsets[i] = not_written;
    for (size_t i = 0; i < spans->count && status == POSTERN_OK; i++)
        status = record_find(records, &spans->items[i], &records->of_spans[i]);
    return status;
}

/* One policy makes one file, whenever that is: the time is what the environment says
 * (reproducible-builds.org), else the first that libmaxminddb takes. */
static uint64_t
made_when(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds = epoch ? strtoull(epoch, NULL, 10) : 0;

    return seconds ? seconds : 1;
}

static int
database_write(struct pn_tool *tool, struct pn_exported *exported)
{
    const struct pn_rules_file *file =
        exported->is_classic ? &exported->native : &exported->file;
    struct records records = { .exported = exported, .rules = file->rules };
    enum postern_status found = records_make(&records, &exported->spans);
    enum pn_mmdb_result result = PN_MMDB_MEMORY;
    int status = PN_EXIT_OK;

    if (found == POSTERN_OK)
        result = pn_mmdb_write(&tool->out,
                               &(struct pn_mmdb){ .spans = &exported->spans,
                                                  .records = records.of_spans,
                                                  .data = pn_str_of(&records.data),
                                                  .description = "Who may connect",
                                                  .made = made_when() });
    if (found != POSTERN_OK && found != POSTERN_E_NOMEM)
        status = pn_tool_fail_status(tool, exported->name, found);
    else if (result == PN_MMDB_TOO_LARGE)
        status = pn_tool_fail_of(tool, PN_EXIT_USAGE, exported->name,
                                 "it is too large for a MaxMind DB");
    else if (result != PN_MMDB_OK)
        status = pn_tool_fail_memory(tool, exported->name);
    pn_buffer_free(&records.data);
    pn_free(records.offsets);
    pn_free(records.of_spans);
    return status;
}

int
pn_export_mmdb(struct pn_tool *tool, const struct pn_common *common, const char *name,
               bool *is_refused)
{
    struct pn_exported exported = PN_EXPORTED_NONE;
    int status;

    (void)is_refused;
    if (tool->out_is_terminal)
        return pn_tool_failf(tool, PN_EXIT_USAGE,
                             "a database is no text: send it to a file");
    exported.spans.by_rule = true;
    status = pn_exported_open(&exported, tool, common, name);
    if (status == PN_EXIT_OK)
        status = database_write(tool, &exported);
    pn_exported_close(&exported);
    return status;
}
