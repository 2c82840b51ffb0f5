/* Compiles a policy in memory and asks what came of it: as C, and the same text as C++.
 */
#include <postern/compiler.h>
#include <postern/postern.h>

#include <stdio.h>
#include <string.h>

static const char text[] =
    "postern: 1\n10.1.0.0/16 : allow, TAG=\"office\"\n* : deny\n";

static enum postern_status
ask(struct postern_compiler *compiler, struct postern_decision *decision)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_policy *policy = NULL;
    struct postern_text *image = NULL;
    struct postern_rules *rules = NULL;
    enum postern_status status;
    const char *bytes;
    size_t size;

    if (!postern_addr_parse("10.1.2.3", 8, &query.remote))
        return POSTERN_E_ARG;
    status =
        postern_policy_load_text(compiler, "office.rules", text, strlen(text), &policy);
    if (status == POSTERN_OK)
        status = postern_policy_emit(policy, 0, &image, NULL);
    if (status == POSTERN_OK) {
        bytes = postern_text_bytes(image, &size);
        status = postern_rules_open_memory(bytes, size, POSTERN_OPEN_COPY, &rules);
    }
    if (status == POSTERN_OK)
        status = postern_rules_decide(rules, &query, decision);
    postern_rules_close(rules);
    postern_text_free(image);
    postern_policy_close(policy);
    return status;
}

int
main(void)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_compiler *compiler = NULL;
    enum postern_status status = postern_compiler_new(&options, &compiler);

    if (status == POSTERN_OK)
        status = ask(compiler, &decision);
    postern_compiler_free(compiler);
    printf("%s, %s\n", postern_status_text(status),
           decision.verdict == POSTERN_ALLOW ? "allow" : "deny");
    return status != POSTERN_OK;
}
