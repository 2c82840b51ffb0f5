/*
 * Fuzz: a text through every call of postern/compiler.h, within memory of which the
 * size of the text says how much. Whatever there is of it, a call ends with a status, a
 * policy that did not change asks alike, and nothing stays.
 */
#include <errno.h>
#include <string.h>

#include "postern/compiler.h"
#include "tests/fuzz/check.h"

enum { READS_MAX = 3, LIMIT_STEP = 4096, LIMITS = 64, PATIENCE = 256 };

struct text {
    const uint8_t *bytes;
    size_t size;
    unsigned reads;
};

static int
read_again(void *payload, const char *path, struct postern_sink *sink)
{
    struct text *text = payload;

    if (text->reads++ >= READS_MAX || path[0] == 'n')
        return ENOENT;
    return postern_sink_add(sink, text->bytes, text->size) ? 0 : EFBIG;
}

/* No text can ask for more than an answer, a refusal, or memory. */
static bool
is_answered(enum postern_status status)
{
    CHECK(status == POSTERN_OK || status == POSTERN_E_REFUSED ||
          status == POSTERN_E_LIMIT);
    return status == POSTERN_OK;
}

/* Every place is in its text, or in none. */
static void
report_look(const struct postern_report *report)
{
    for (size_t i = 0; i < postern_report_count(report); i++) {
        const struct postern_finding *finding = postern_report_finding(report, i);

        CHECK(finding->code.len && finding->message.len && finding->at.line);
        for (size_t k = 0; k < finding->related_count; k++)
            CHECK(postern_report_related(report, i, k)->at.line);
        for (size_t k = 0; k < finding->edit_count; k++)
            CHECK(postern_report_edit(report, i, k)->at.line);
    }
}

static void
policy_ask(struct postern_policy *policy, const struct text *text)
{
    struct postern_answer answer = POSTERN_ANSWER_INIT;
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_symbol symbol = POSTERN_SYMBOL_INIT;
    struct postern_report *report = NULL;
    struct postern_diff *diff = NULL;
    struct postern_text *bytes = NULL;
    bool holds;

    CHECK(postern_addr_parse("10.1.2.3", 8, &query.remote));
    query.host = (struct postern_str){ "a.b.example", 11 };
    report_look(postern_policy_diagnostics(policy));
    is_answered(postern_policy_decide(policy, &query, &answer));
    is_answered(postern_policy_at(policy, NULL, (uint32_t)(text->size / 2), &symbol));
    if (is_answered(postern_policy_lint(policy, NULL, &report)))
        report_look(report);
    is_answered(postern_policy_prove(policy, NULL, NULL, NULL, &holds, NULL));
    if (is_answered(postern_policy_diff(policy, policy, 0, &diff)))
        CHECK(postern_diff_direction(diff) == POSTERN_SAME);
    is_answered(postern_policy_emit(policy, 0, &bytes, NULL));
    postern_text_free(bytes);
    postern_diff_free(diff);
    postern_report_free(report);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;
    struct postern_policy *policy = NULL;
    struct postern_text *laid = NULL;
    struct text text = { data, size, 0 };
    uint64_t used = 1, peak = 0;

    options.read = read_again;
    options.payload = &text;
    options.memory_limit =
        (uint64_t)PATIENCE * LIMIT_STEP * (1 + size % LIMITS) / (1 + size % 3 * 32);
    CHECK(postern_compiler_new(&options, &compiler) == POSTERN_OK);
    if (is_answered(postern_policy_load_text(compiler, "fuzz", data, size, &policy)))
        policy_ask(policy, &text);
    is_answered(postern_format(compiler, "fuzz", data, size, &laid, NULL));
    postern_text_free(laid);
    postern_policy_close(policy);
    postern_compiler_memory(compiler, &used, &peak);
    CHECK(used == 0 && peak <= options.memory_limit + LIMIT_STEP);
    postern_compiler_free(compiler);
    return 0;
}
