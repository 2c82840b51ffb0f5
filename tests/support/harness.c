/* Helpers of the unit tests. */
#include "tests/support/harness.h"

#include <unistd.h>

#include "base/output.h"
#include "compiler/compile.h"
#include "compiler/image.h"

int
pn_test_file(const void *bytes, size_t size)
{
    int fd = pn_memory_file();

    assert_true(fd >= 0);
    assert_true(pn_write_all(fd, bytes, size));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

void
pn_test_compile(const char *text, size_t size, int fd)
{
    static const struct pn_compile_options options = { 0 };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_source source;
    struct pn_reader reader;

    assert_true(pn_source_from_text(&source, "test", (struct pn_str){ text, size }));
    pn_reader_begin_source(&reader, &source);
    assert_int_equal(pn_compile(&reader, fd, &options, &diags), PN_COMPILE_OK);
    pn_reader_end(&reader);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

struct postern_rules *
pn_test_rules(const char *text, size_t size)
{
    struct postern_rules *rules = NULL;
    int fd = pn_memory_file();

    assert_true(fd >= 0);
    pn_test_compile(text, size, fd);
    assert_int_equal(postern_rules_open_fd(fd, POSTERN_OPEN_CHECK, &rules), POSTERN_OK);
    close(fd);
    return rules;
}

void
pn_test_decode(const char *text, size_t size, struct postern_rules **rules,
               struct pn_decoded *decoded)
{
    int fd = pn_memory_file();

    assert_true(fd >= 0);
    pn_test_compile(text, size, fd);
    assert_int_equal(postern_rules_open_fd(fd, 0, rules), POSTERN_OK);
    assert_int_equal(pn_image_decode(decoded, fd), PN_DECODE_OK);
    close(fd);
}

static struct postern_str
str(const char *text)
{
    return (struct postern_str){ text, text ? strlen(text) : 0 };
}

struct postern_decision
pn_test_decide(const struct postern_rules *rules, const char *address, const char *host,
               const char *ident)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;

    query.remote_text = str(address);
    query.host = str(host);
    query.ident = str(ident);
    assert_int_equal(postern_rules_decide(rules, &query, &decision), POSTERN_OK);
    return decision;
}

bool
pn_test_limits_are_sound(const struct postern_decision *d)
{
    struct postern_limit_iter more = d->more_limits;
    struct postern_limit limit = d->limit;
    size_t count = 0;

    do
        if (limit.per.v4 > 32 || limit.per.v6 > 128 || ++count > POSTERN_LIMITS_MAX ||
            (count > 1 && !limit.n))
            return false;
    while (postern_limit_next(&more, &limit));
    return true;
}
