/* postern/compiler.h: policies, as a program of somebody else uses them. */
#include "postern/compiler.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/harness.h"

/* An editor's buffers: names and texts, NULL at the end. */
struct buffers {
    const char *names[8], *texts[8];
    unsigned reads;
    struct postern_compiler *compiler; /* to call from within, or NULL */
    enum postern_status nested;
};

static int
buffers_read(void *payload, const char *path, struct postern_sink *sink)
{
    struct buffers *buffers = payload;
    struct postern_policy *policy = NULL;

    buffers->reads++;
    if (buffers->compiler)
        buffers->nested =
            postern_policy_load_text(buffers->compiler, "x.rules", ":deny", 5, &policy);
    for (size_t i = 0; buffers->names[i]; i++)
        if (strcmp(buffers->names[i], path) == 0) /* in pieces */
            return postern_sink_add(sink, buffers->texts[i], 1) &&
                           postern_sink_add(sink, buffers->texts[i] + 1,
                                            strlen(buffers->texts[i] + 1))
                       ? 0
                       : ENOMEM;
    return ENOENT;
}

static struct postern_compiler *
compiler_for(struct buffers *buffers, uint64_t memory_limit)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;

    options.read = buffers ? buffers_read : NULL;
    options.payload = buffers;
    options.memory_limit = memory_limit;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_OK);
    return compiler;
}

/* Loads a text; the compiler goes with the policy. */
static struct postern_policy *
policy_of(const char *text)
{
    struct postern_compiler *compiler = compiler_for(NULL, 0);
    struct postern_policy *policy = NULL;

    assert_int_equal(
        postern_policy_load_text(compiler, "p.rules", text, strlen(text), &policy),
        POSTERN_OK);
    postern_compiler_free(compiler);
    return policy;
}

static struct postern_query
query_of(const char *address, const char *host)
{
    struct postern_query query = POSTERN_QUERY_INIT;

    assert_true(postern_addr_parse(address, strlen(address), &query.remote));
    if (host)
        query.host = (struct postern_str){ host, strlen(host) };
    return query;
}

static void
assert_str(struct postern_str str, const char *expected)
{
    assert_int_equal(str.len, strlen(expected));
    assert_memory_equal(str.ptr, expected, str.len);
}

static const char mail[] = "postern: 1\n"
                           "set office = 10.1.0.0/16, file \"lists/a.txt\"\n"
                           "env mail = TAG=\"x\"\n"
                           "include \"more.rules\"\n"
                           "$office : allow, $mail\n"
                           "* : deny\n"
                           "expect 10.1.2.3 : allow\n"
                           "always !$office : deny\n";

static struct buffers
mail_buffers(void)
{
    return (struct buffers){ .names = { "m.rules", "more.rules", "lists/a.txt" },
                             .texts = { mail, "postern: 1\n192.0.2.1 : deny\n",
                                        "# a\n198.51.100.0/24\n" } };
}

static void
buffers_take_the_place_of_files(void **state)
{
    struct buffers buffers = mail_buffers();
    struct postern_compiler *compiler = compiler_for(&buffers, 0);
    struct postern_policy *policy = NULL;
    struct postern_answer answer = POSTERN_ANSWER_INIT;
    struct postern_query query = query_of("198.51.100.9", NULL);

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(postern_report_count(postern_policy_diagnostics(policy)), 0);
    assert_non_null(postern_policy_rules(policy));
    buffers.texts[2] = "10.0.0.0/8\n"; /* what was read stays as it was */
    assert_int_equal(postern_policy_decide(policy, &query, &answer), POSTERN_OK);
    assert_int_equal(answer.decision.verdict, POSTERN_ALLOW);
    assert_str(answer.file, "m.rules");
    assert_int_equal(answer.line, 5);
    assert_str(answer.target, "$office");
    assert_str(answer.list, "lists/a.txt");
    assert_str(answer.entry, "198.51.100.0/24");
    assert_int_equal(answer.list_line, 2);
    assert_int_equal(buffers.reads, 3);
    assert_str(postern_policy_file(policy, 0)->name, "m.rules");
    assert_non_null(postern_policy_file(policy, 2));
    assert_null(postern_policy_file(policy, 3));
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

static void
what_is_wrong_is_data(void **state)
{
    struct postern_policy *policy =
        policy_of("10.1.:allow\n10.2.: allow\n10.300.:deny\n");
    const struct postern_report *report = postern_policy_diagnostics(policy);
    const struct postern_finding *finding = postern_report_finding(report, 0);
    struct postern_query query = query_of("10.1.2.3", NULL);
    struct postern_answer answer = POSTERN_ANSWER_INIT;
    struct postern_text *text = NULL;
    struct postern_report *refused = NULL;

    (void)state;
    assert_non_null(finding);
    assert_int_equal(finding->severity, POSTERN_ERROR);
    assert_str(finding->code, "P000");
    assert_str(finding->kind, "no-verdict");
    assert_str(finding->at.file, "p.rules");
    assert_int_equal(finding->at.line, 2);
    assert_int_equal(finding->at.column, 1);
    assert_int_equal(finding->at.offset, 12);
    assert_str(finding->at.excerpt, "10.2.: allow");
    assert_int_equal(finding->edit_count, 1);
    assert_str(postern_report_edit(report, 0, 0)->text, "10.2.:allow");
    assert_null(postern_report_edit(report, 0, 1));
    assert_null(postern_report_related(report, 0, 0));
    assert_null(postern_report_finding(report, postern_report_count(report)));
    assert_null(postern_policy_rules(policy));
    assert_int_equal(postern_policy_decide(policy, &query, &answer), POSTERN_E_REFUSED);
    assert_int_equal(answer.decision.verdict, POSTERN_DENY);
    assert_int_equal(postern_policy_emit(policy, 0, &text, &refused),
                     POSTERN_E_REFUSED);
    assert_null(text);
    assert_int_equal(postern_report_count(refused), 1);
    postern_report_free(refused);
    postern_policy_close(policy);
}

static void
what_cannot_be_read_says_why(void **state)
{
    struct buffers buffers = { .names = { "a.rules" },
                               .texts = {
                                   "postern: 1\ninclude \"b.rules\"\n* : deny\n" } };
    struct postern_compiler *compiler = compiler_for(&buffers, 0);
    struct postern_policy *policy = NULL;
    const struct postern_report *report;

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "none.rules", &policy),
                     POSTERN_E_IO);
    assert_int_equal(errno, ENOENT);
    assert_null(policy);
    assert_int_equal(postern_policy_load_file(compiler, "a.rules", &policy),
                     POSTERN_OK);
    report = postern_policy_diagnostics(policy);
    assert_int_equal(postern_report_count(report), 1);
    assert_int_equal(postern_report_finding(report, 0)->at.line, 2);
    assert_int_equal(postern_policy_file(policy, 1)->error, ENOENT);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

static void
an_image_is_what_the_rules_say(void **state)
{
    struct postern_policy *policy = policy_of("10.1.:allow,A=\"b\"\n:deny\n");
    struct postern_text *classic = NULL, *native = NULL;
    struct postern_query query = query_of("10.1.2.3", NULL);

    (void)state;
    assert_int_equal(postern_policy_emit(policy, 0, &classic, NULL), POSTERN_OK);
    assert_int_equal(postern_policy_emit(policy, POSTERN_EMIT_NATIVE, &native, NULL),
                     POSTERN_OK);
    for (size_t i = 0; i < 2; i++) {
        struct postern_decision decision = POSTERN_DECISION_INIT;
        struct postern_info info = POSTERN_INFO_INIT;
        struct postern_rules *rules = NULL;
        size_t size;
        const char *bytes = postern_text_bytes(i ? native : classic, &size);

        assert_int_equal(postern_rules_open_memory(bytes, size, 0, &rules), POSTERN_OK);
        assert_int_equal(postern_rules_info(rules, &info), POSTERN_OK);
        assert_int_equal(info.format,
                         i ? POSTERN_FORMAT_NATIVE : POSTERN_FORMAT_CLASSIC);
        assert_int_equal(postern_rules_decide(rules, &query, &decision), POSTERN_OK);
        assert_int_equal(decision.verdict, POSTERN_ALLOW);
        postern_rules_close(rules);
    }
    assert_int_equal(postern_policy_emit(policy,
                                         POSTERN_EMIT_NATIVE | POSTERN_EMIT_CLASSIC,
                                         &native, NULL),
                     POSTERN_E_ARG);
    assert_int_equal(postern_policy_emit(policy, 1u << 9, &native, NULL),
                     POSTERN_E_ARG);
    postern_text_free(classic);
    postern_text_free(native);
    postern_policy_close(policy);
}

static void
a_file_is_replaced_whole_or_not_at_all(void **state)
{
    static const char broken[] = "postern: 1\n* : allow\nexpect 10.0.0.1 : deny\n";
    struct postern_policy *good = policy_of(":deny\n"), *bad = policy_of(broken);
    struct postern_report *report = NULL;
    char path[] = "/tmp/postern-library-XXXXXX", name[64];
    struct stat before, after;

    (void)state;
    assert_non_null(mkdtemp(path));
    (void)snprintf(name, sizeof(name), "%s/r.cdb", path);
    assert_int_equal(postern_policy_emit_file(good, 0, name, NULL), POSTERN_OK);
    assert_int_equal(stat(name, &before), 0);
    assert_int_equal(postern_policy_emit_file(bad, POSTERN_EMIT_PROVEN, name, &report),
                     POSTERN_E_REFUSED);
    assert_int_equal(postern_report_count(report), 1);
    assert_int_equal(stat(name, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(postern_policy_emit_file(bad, 0, name, NULL), POSTERN_OK);
    assert_int_equal(stat(name, &after), 0);
    assert_int_not_equal(before.st_ino, after.st_ino);
    assert_int_equal(postern_policy_emit_file(good, 0, "/nowhere/r.cdb", NULL),
                     POSTERN_E_IO);
    postern_report_free(report);
    postern_policy_close(good);
    postern_policy_close(bad);
    unlink(name);
    assert_int_equal(rmdir(path), 0); /* and nothing lies beside it */
}

struct claims {
    unsigned count, holding, ends_after;
    uint32_t line;
    char query[64];
};

static bool
claim_note(void *payload, const struct postern_claim *claim)
{
    struct claims *claims = payload;

    claims->count++;
    claims->holding += claim->holds;
    claims->line = claim->at.line;
    if (claim->query)
        postern_addr_print(&claim->query->remote, claims->query);
    return claims->count != claims->ends_after;
}

static void
claims_are_proven_or_broken_by_a_query(void **state)
{
    struct buffers buffers = mail_buffers();
    struct postern_compiler *compiler = compiler_for(&buffers, 0);
    struct postern_policy *policy = NULL;
    struct claims claims = { 0 }, first = { .ends_after = 1 };
    struct postern_report *report = NULL;
    bool holds = false;

    (void)state;
    buffers.names[3] = "m_test.rules";
    buffers.texts[3] = "postern: 1\nalways 10.0.0.0/8 : allow\n";
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(
        postern_policy_prove(policy, NULL, claim_note, &claims, &holds, &report),
        POSTERN_OK);
    assert_true(holds);
    assert_int_equal(claims.count, 2);
    assert_int_equal(claims.holding, 2);
    assert_int_equal(postern_policy_prove(policy, "m_test.rules", claim_note, &claims,
                                          &holds, &report),
                     POSTERN_OK);
    assert_false(holds);
    assert_int_equal(claims.count, 5);
    assert_int_equal(claims.holding, 4);
    assert_int_equal(claims.line, 2);
    assert_memory_equal(claims.query, "10.", 3);
    assert_int_equal(
        postern_policy_prove(policy, NULL, claim_note, &first, &holds, &report),
        POSTERN_OK);
    assert_int_equal(first.count, 1);
    buffers.texts[3] = "";
    assert_null(report);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

static void
findings_have_edits_and_examples(void **state)
{
    struct postern_policy *policy =
        policy_of("postern: 1\n10.1.0.0/16 : allow\n10.1.2.0/24 : allow\n* : deny\n");
    struct postern_lint_options options = POSTERN_LINT_OPTIONS_INIT;
    struct postern_report *report = NULL;
    const struct postern_finding *finding;

    (void)state;
    options.only = "P301";
    options.server = POSTERN_SERVER_KNOWN;
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_OK);
    assert_int_equal(postern_report_count(report), 1);
    finding = postern_report_finding(report, 0);
    assert_int_equal(finding->at.line, 3);
    assert_int_equal(finding->at.offset, 31);
    assert_true(finding->is_safe);
    assert_true(finding->edit_count > 0);
    assert_true(finding->related_count > 0);
    assert_int_equal(postern_report_related(report, 0, 0)->at.line, 2);
    postern_report_free(report);
    options.only = "no-such-finding";
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_E_ARG);
    options.only = NULL;
    options.trusted = "elsewhere";
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_E_ARG);
    assert_int_equal(postern_policy_lint(policy, NULL, &report), POSTERN_OK);
    assert_true(postern_report_count(report) > 0);
    postern_policy_close(policy); /* a report outlives it */
    assert_non_null(postern_report_finding(report, 0)->message.ptr);
    postern_report_free(report);
}

static void
a_difference_is_exact_and_outlives_its_policies(void **state)
{
    static const char texts[2][96] = { "postern: 1\n10.1.0.0/16 : allow\n* : deny\n",
                                       "postern: 1\n10.1.0.0/16 : allow, A=\"b\"\n"
                                       "=.x.example : allow\n* : deny\n" };
    struct postern_compiler *compiler = compiler_for(NULL, 0);
    struct postern_policy *policies[2] = { NULL, NULL }, *stranger = policy_of(":deny");
    struct postern_diff *diff = NULL, *same = NULL;
    const struct postern_region *region;
    struct postern_env_iter env;
    struct postern_env variable;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(postern_policy_load_text(compiler, "d.rules", texts[i],
                                                  strlen(texts[i]), &policies[i]),
                         POSTERN_OK);
    assert_int_equal(postern_policy_diff(policies[0], stranger, 0, &diff),
                     POSTERN_E_ARG);
    assert_int_equal(postern_policy_diff(policies[0], policies[0], 0, &same),
                     POSTERN_OK);
    assert_int_equal(postern_policy_diff(policies[0], policies[1], 0, &diff),
                     POSTERN_OK);
    postern_policy_close(policies[0]);
    postern_policy_close(policies[1]);
    postern_policy_close(stranger);
    postern_compiler_free(compiler);
    assert_int_equal(postern_diff_direction(same), POSTERN_SAME);
    assert_null(postern_diff_region(same, 0));
    assert_int_equal(postern_diff_direction(diff), POSTERN_MIXED);
    region = postern_diff_region(diff, 0);
    assert_int_equal(region->effect, POSTERN_GAINS);
    assert_string_equal(postern_diff_host(diff, 0, 0), "=.x.example");
    assert_int_equal(region->before->decision.verdict, POSTERN_DENY);
    assert_str(region->after->target, "=.x.example");
    region = postern_diff_region(diff, 1);
    assert_int_equal(region->effect, POSTERN_OTHER);
    assert_str(region->addresses, "65536");
    assert_int_equal(region->range_count, 1);
    assert_str(postern_diff_range(diff, 1, 0)->text, "10.1.0.0/16");
    assert_null(postern_diff_range(diff, 1, 1));
    assert_null(postern_diff_ident(diff, 1, 0));
    env = region->after->decision.env;
    assert_true(postern_env_next(&env, &variable));
    assert_str(variable.name, "A");
    assert_null(postern_diff_region(diff, 2));
    postern_diff_free(diff);
    postern_diff_free(same);
}

static void
a_layout_says_the_same(void **state)
{
    static const char text[] = "postern:1\n10.1.0.0/16:allow\n*   :  deny\n";
    struct postern_compiler *compiler = compiler_for(NULL, 0);
    struct postern_text *laid = NULL;
    struct postern_report *report = NULL;
    size_t size;

    (void)state;
    assert_int_equal(
        postern_format(compiler, "f.rules", text, sizeof(text) - 1, &laid, &report),
        POSTERN_OK);
    assert_string_equal(postern_text_bytes(laid, &size),
                        "postern: 1\n10.1.0.0/16 : allow\n*           : deny\n");
    assert_int_equal(size, strlen(postern_text_bytes(laid, NULL)));
    postern_text_free(laid);
    assert_null(report);
    assert_int_equal(
        postern_format(compiler, "f.rules", "postern: 1\n:(\n", 14, &laid, &report),
        POSTERN_E_REFUSED);
    assert_true(postern_report_count(report) > 0);
    postern_report_free(report);
    postern_compiler_free(compiler);
}

static struct postern_symbol
symbol_at(struct postern_policy *policy, const char *file, const char *text,
          const char *word)
{
    struct postern_symbol symbol = POSTERN_SYMBOL_INIT;
    const char *at = strstr(text, word);

    assert_non_null(at);
    assert_int_equal(
        postern_policy_at(policy, file, (uint32_t)(at - text) + 1, &symbol),
        POSTERN_OK);
    return symbol;
}

static void
a_position_is_of_a_symbol(void **state)
{
    struct buffers buffers = mail_buffers();
    struct postern_compiler *compiler = compiler_for(&buffers, 0);
    struct postern_policy *policy = NULL;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_symbol symbol;

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    symbol = symbol_at(policy, NULL, mail, "$office : allow");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_SET);
    assert_str(symbol.text, "$office");
    assert_int_equal(symbol.definition.line, 2);
    assert_int_equal(symbol.statement.line, 5);
    assert_int_equal(
        postern_rules_outcome(postern_policy_rules(policy), symbol.rule, &decision),
        POSTERN_OK);
    assert_int_equal(decision.verdict, POSTERN_ALLOW);
    symbol = symbol_at(policy, NULL, mail, "$mail\n");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_ENV);
    assert_int_equal(symbol.definition.line, 3);
    symbol = symbol_at(policy, NULL, mail, "more.rules");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_INCLUDE);
    assert_str(symbol.definition.file, "more.rules");
    symbol = symbol_at(policy, NULL, mail, "lists/a.txt");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_LIST);
    assert_str(symbol.definition.file, "lists/a.txt");
    symbol = symbol_at(policy, NULL, mail, "TAG");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_VARIABLE);
    symbol = symbol_at(policy, NULL, mail, "expect");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_CLAIM);
    assert_int_equal(symbol.rule, POSTERN_RULE_NONE);
    symbol = symbol_at(policy, "more.rules", buffers.texts[1], "192.0.2.1");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_TARGET);
    assert_int_equal(postern_policy_at(policy, "none", 0, &symbol), POSTERN_E_ARG);
    assert_int_equal(postern_policy_at(policy, NULL, 100000, &symbol), POSTERN_E_ARG);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
    policy = policy_of("10.1.:allow\n:deny\n");
    symbol = symbol_at(policy, NULL, "10.1.:allow\n:deny\n", "10.1.");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_RULE);
    assert_int_equal(
        postern_rules_outcome(postern_policy_rules(policy), symbol.rule, &decision),
        POSTERN_OK);
    assert_int_equal(decision.verdict, POSTERN_ALLOW);
    postern_policy_close(policy);
}

static void
memory_ends_where_it_was_said_to(void **state)
{
    struct buffers buffers = mail_buffers();
    struct postern_compiler *compiler = compiler_for(&buffers, 400000);
    struct postern_policy *policy = NULL;
    size_t size = 2000000;
    char *list = malloc(size + 1);
    uint64_t used = 0, peak = 0;

    (void)state;
    assert_non_null(list);
    for (size_t i = 0; i < size; i += 10)
        (void)snprintf(list + i, 11, "10.%03zu.%c\n", i / 10 % 200, 'a');
    buffers.texts[2] = list;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK); /* the list cannot be read: an error of the policy */
    postern_policy_close(policy);
    policy = NULL;
    buffers.texts[2] = "10.0.0.0/8\n";
    assert_int_equal(postern_policy_load_text(compiler, "b.rules", list, size, &policy),
                     POSTERN_E_LIMIT);
    assert_null(policy);
    postern_compiler_memory(compiler, &used, &peak);
    assert_int_equal(used, 0);
    assert_true(peak > 0 && peak <= 400000 + 4096);
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
    free(list);
}

static void
what_is_cancelled_ends_until_it_is_resumed(void **state)
{
    struct postern_compiler *compiler = compiler_for(NULL, 0);
    struct postern_policy *policy = NULL;

    (void)state;
    postern_compiler_cancel(compiler);
    assert_int_equal(postern_policy_load_text(compiler, "a", ":deny\n", 6, &policy),
                     POSTERN_E_CANCELLED);
    postern_compiler_resume(compiler);
    assert_int_equal(postern_policy_load_text(compiler, "a", ":deny\n", 6, &policy),
                     POSTERN_OK);
    postern_compiler_cancel(compiler);
    postern_policy_close(policy); /* that is never refused */
    postern_compiler_free(compiler);
}

static void
a_reader_may_not_call_back(void **state)
{
    struct buffers buffers = mail_buffers(), other = mail_buffers();
    struct postern_compiler *compiler = compiler_for(&buffers, 0);
    struct postern_policy *policy = NULL;

    (void)state;
    buffers.compiler = compiler;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(buffers.nested, POSTERN_E_BUSY);
    postern_policy_close(policy);
    buffers.compiler = compiler_for(&other, 0); /* another one is fine */
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(buffers.nested, POSTERN_OK);
    postern_policy_close(policy);
    postern_compiler_free(buffers.compiler);
    postern_compiler_free(compiler);
}

static void
nothing_unusable_is_taken(void **state)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;
    struct postern_policy *policy = NULL;
    struct postern_text *text = NULL;

    (void)state;
    options.as_of = 20261399;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_E_ARG);
    options.as_of = 20261129;
    options.struct_size = 8;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_E_ARG);
    compiler = compiler_for(NULL, 0);
    assert_int_equal(postern_policy_load_file(compiler, "", &policy), POSTERN_E_ARG);
    assert_int_equal(postern_policy_load_text(compiler, "a", NULL, 5, &policy),
                     POSTERN_E_ARG);
    assert_int_equal(
        postern_policy_load_text(compiler, "a", NULL, 0, &policy),
        POSTERN_OK); /* nothing at all is the classic policy without rules */
    postern_policy_close(policy);
    assert_int_equal(postern_format(compiler, NULL, "", 0, &text, NULL), POSTERN_E_ARG);
    postern_compiler_free(compiler);
    postern_compiler_free(NULL);
    postern_policy_close(NULL);
    postern_report_free(NULL);
    postern_diff_free(NULL);
    postern_text_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_take_the_place_of_files),
        cmocka_unit_test(what_is_wrong_is_data),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(an_image_is_what_the_rules_say),
        cmocka_unit_test(a_file_is_replaced_whole_or_not_at_all),
        cmocka_unit_test(claims_are_proven_or_broken_by_a_query),
        cmocka_unit_test(findings_have_edits_and_examples),
        cmocka_unit_test(a_difference_is_exact_and_outlives_its_policies),
        cmocka_unit_test(a_layout_says_the_same),
        cmocka_unit_test(a_position_is_of_a_symbol),
        cmocka_unit_test(memory_ends_where_it_was_said_to),
        cmocka_unit_test(what_is_cancelled_ends_until_it_is_resumed),
        cmocka_unit_test(a_reader_may_not_call_back),
        cmocka_unit_test(nothing_unusable_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
