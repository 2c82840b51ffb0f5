/* Loading, and a reader of buffers. */
#include "tests/support/library.h"

#include <errno.h>

int
pn_test_buffers_read(void *payload, const char *path, struct postern_sink *sink)
{
    struct pn_test_buffers *buffers = payload;
    struct postern_policy *policy = NULL;

    buffers->reads++;
    if (buffers->compiler)
        buffers->nested =
            postern_policy_load_text(buffers->compiler, "x.rules", ":deny", 5, &policy);
    postern_policy_close(policy);
    for (size_t i = 0; buffers->names[i]; i++)
        if (strcmp(buffers->names[i], path) == 0) /* in pieces */
            return postern_sink_add(sink, buffers->texts[i], 1) &&
                           postern_sink_add(sink, buffers->texts[i] + 1,
                                            strlen(buffers->texts[i] + 1))
                       ? 0
                       : ENOMEM;
    return ENOENT;
}

struct postern_compiler *
pn_test_compiler(struct pn_test_buffers *buffers, uint64_t memory_limit)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;

    options.read = buffers ? pn_test_buffers_read : NULL;
    options.payload = buffers;
    options.memory_limit = memory_limit;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_OK);
    return compiler;
}

struct postern_policy *
pn_test_policy(const char *text)
{
    struct postern_compiler *compiler = pn_test_compiler(NULL, 0);
    struct postern_policy *policy = NULL;

    assert_int_equal(
        postern_policy_load_text(compiler, "p.rules", text, strlen(text), &policy),
        POSTERN_OK);
    postern_compiler_free(compiler);
    return policy;
}

struct postern_query
pn_test_query(const char *address, const char *host)
{
    struct postern_query query = POSTERN_QUERY_INIT;

    assert_true(postern_addr_parse(address, strlen(address), &query.remote));
    if (host)
        query.host = (struct postern_str){ host, strlen(host) };
    return query;
}

void
pn_assert_str(struct postern_str str, const char *expected)
{
    assert_int_equal(str.len, strlen(expected));
    assert_memory_equal(str.ptr, expected, str.len);
}

const char pn_test_mail[] = "postern: 1\n"
                            "set office = 10.1.0.0/16, file \"lists/a.txt\"\n"
                            "env mail = TAG=\"x\"\n"
                            "include \"more.rules\"\n"
                            "$office : allow, $mail\n"
                            "* : deny\n"
                            "expect 10.1.2.3 : allow, by $office\n"
                            "always !$office : deny\n";

struct pn_test_buffers
pn_test_mail_buffers(void)
{
    return (struct pn_test_buffers){
        .names = { "m.rules", "more.rules", "lists/a.txt" },
        .texts = { pn_test_mail, "postern: 1\n192.0.2.1 : deny\n",
                   "# a\n198.51.100.0/24\n" }
    };
}
