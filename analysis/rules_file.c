/* Compiles, opens, and turns record positions into lines. */
#include "analysis/rules_file.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "compiler/image.h"

enum pn_compile_result
pn_rules_file_compile(struct pn_rules_file *file,
                      const struct pn_compile_options *options, struct pn_diags *diags)
{
    struct pn_compile_options wanted = *options;
    enum pn_compile_result result;
    struct pn_reader reader;

    wanted.origins = &file->origins;
    wanted.reading = file->reading;
    wanted.only_text = true;
    file->image = pn_memory_file();
    if (file->image < 0)
        return PN_COMPILE_WRITE;
    if (!pn_source_index(&file->source))
        return PN_COMPILE_MEMORY;
    pn_reader_begin_source(&reader, &file->source);
    result = pn_compile(&reader, file->image, &wanted, diags);
    pn_reader_end(&reader);
    if (result != PN_COMPILE_OK)
        return result;
    switch (postern_rules_open_fd(file->image, 0, &file->rules)) {
    case POSTERN_OK:
        return PN_COMPILE_OK;
    case POSTERN_E_NOMEM:
        return PN_COMPILE_MEMORY;
    case POSTERN_E_IO:
        return PN_COMPILE_WRITE;
    default:
        return PN_COMPILE_MISMATCH;
    }
}

uint32_t
pn_rules_file_statement(void *payload, uint32_t rule)
{
    const struct pn_rules_file *file = payload;
    const struct pn_origin *origin =
        rule == POSTERN_RULE_NONE ? NULL : pn_origins_find(&file->origins, rule);

    return origin ? origin->offset : rule;
}

bool
pn_rules_file_is_native(const struct pn_rules_file *file)
{
    struct postern_info info = POSTERN_INFO_INIT;

    return postern_rules_info(file->rules, &info) == POSTERN_OK &&
           info.format == POSTERN_FORMAT_NATIVE;
}

void
pn_rules_file_close(struct pn_rules_file *file)
{
    postern_rules_close(file->rules);
    pn_source_clear(&file->source);
    pn_free(file->origins.items);
    if (file->reading_free)
        file->reading_free(file->reading.payload);
    if (file->image >= 0)
        close(file->image);
    *file = (struct pn_rules_file){ .image = -1 };
}

/* A source names the place of the rule; what is written there is its target. */
static void
locate(const struct pn_rules_file *file, struct pn_answer *answer)
{
    const struct pn_origin *origin =
        pn_origins_find(&file->origins, answer->decision.rule);
    struct pn_position position;
    struct pn_str key;

    if (!origin)
        return;
    position = pn_source_position(&file->source, origin->offset);
    key = pn_source_slice(&file->source,
                          (struct pn_span){ origin->offset, origin->size });
    answer->target = (struct postern_str){ key.ptr, key.len };
    answer->file = (struct postern_str){ file->name, strlen(file->name) };
    answer->line = position.line;
    answer->column = position.column;
}

enum postern_status
pn_rules_file_place(const struct pn_rules_file *file, struct pn_answer *answer)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status =
        postern_rules_origin(file->rules, answer->decision.rule, &origin);

    if (status != POSTERN_OK)
        return status;
    pn_answer_place(answer, &origin);
    locate(file, answer);
    return POSTERN_OK;
}

enum postern_status
pn_rules_file_decide(const struct pn_rules_file *file,
                     const struct postern_query *query, postern_trace_fn trace,
                     void *payload, struct pn_answer *out)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    enum postern_status status =
        postern_rules_trace(file->rules, query, trace, payload, &answer.decision);

    if (status == POSTERN_OK && answer.decision.rule != POSTERN_RULE_NONE)
        status = pn_rules_file_place(file, &answer);
    if (status == POSTERN_OK)
        *out = answer;
    return status;
}

/* Asks for what will be read of a decision: its place, and its variables. */
static void
answer_prefetch(const struct pn_answer *answer)
{
    __builtin_prefetch(answer->target.ptr);
    __builtin_prefetch(answer->decision.env.at);
}

enum postern_status
pn_rules_file_decide_many(const struct pn_rules_file *file,
                          const struct postern_query *const *queries, size_t count,
                          struct pn_answer *out, size_t *decided)
{
    struct postern_decision *decisions[PN_RULES_FILE_MANY];
    enum postern_status status;

    for (size_t i = 0; i < count; i++) {
        out[i] = (struct pn_answer){ .decision = POSTERN_DECISION_INIT };
        decisions[i] = &out[i].decision;
    }
    status = postern_rules_decide_many(file->rules, queries, count, decisions, decided);
    for (size_t i = 0; i < *decided; i++) {
        enum postern_status placed = POSTERN_OK;

        if (out[i].decision.rule != POSTERN_RULE_NONE)
            placed = pn_rules_file_place(file, &out[i]);
        if (placed != POSTERN_OK) {
            *decided = i;
            return placed;
        }
        answer_prefetch(&out[i]);
    }
    return status;
}

enum postern_status
pn_rules_file_answer(const void *policy, const struct postern_query *query,
                     struct pn_answer *out)
{
    return pn_rules_file_decide(policy, query, NULL, NULL, out);
}
