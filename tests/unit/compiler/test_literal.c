/* compiler/literal: what targets and values mean */
#include "tests/support/harness.h"

#include <stdio.h>

#include "compiler/literal.h"

/* A target in one line: kind, family, first, last or length, count, name, ident. */
static void
describe(const struct pn_target *t, char *out, size_t size)
{
    static const char kinds[] = { 'a', 'p', 'r', 'l', 'h', '*' };
    int at = 0;

    if (t->has_ident)
        at = snprintf(out, size, "%.*s@", (int)t->ident.len, t->ident.ptr);
    at += snprintf(out + at, size - (size_t)at, "%c", kinds[t->kind]);
    if (t->kind == PN_TARGET_HOST)
        snprintf(out + at, size - (size_t)at, " %.*s", (int)t->name.len, t->name.ptr);
    else if (t->kind != PN_TARGET_DEFAULT)
        snprintf(out + at, size - (size_t)at, "%u %llx%016llx/%u x%u %llx", t->family,
                 (unsigned long long)(t->first >> 64), (unsigned long long)t->first,
                 t->kind == PN_TARGET_PREFIXES ? t->length : 0u, t->count,
                 (unsigned long long)t->last);
}

#define Z "00000000"

static const struct {
    const char *word;
    enum pn_diag_id fault; /* PN_DIAG_NONE: none */
    const char *meaning;
} words[] = {
    { "192.0.2.7", PN_DIAG_NONE, "a4 0" Z "c0000207/0 x1 0" },
    { "10.0.0.0/8", PN_DIAG_NONE, "p4 0" Z "0a000000/8 x1 0" },
    { "0.0.0.0/0", PN_DIAG_NONE, "p4 0" Z Z "/0 x1 0" },
    { "10.1.2.3/32", PN_DIAG_NONE, "p4 0" Z "0a010203/32 x1 0" },
    { "10.", PN_DIAG_NONE, "p4 0" Z "0a000000/8 x1 0" },
    { "10.1-4.", PN_DIAG_NONE, "p4 0" Z "0a010000/16 x4 0" },
    { "1.2.3.37-53", PN_DIAG_NONE, "a4 0" Z "01020325/0 x17 0" },
    { "10.0.0.5-10.0.0.77", PN_DIAG_NONE, "r4 0" Z "0a000005/0 x0 a00004d" },
    { "2001:db8::7", PN_DIAG_NONE, "a6 20010db8" Z Z "00000007/0 x1 0" },
    { "[2001:db8::7]", PN_DIAG_NONE, "a6 20010db8" Z Z "00000007/0 x1 0" },
    { "2001:db8::/32", PN_DIAG_NONE, "p6 20010db8" Z Z Z "/32 x1 0" },
    { "[2001:db8::]/32", PN_DIAG_NONE, "p6 20010db8" Z Z Z "/32 x1 0" },
    { "::/0", PN_DIAG_NONE, "p6 0" Z Z "/0 x1 0" },
    { "::1-::ff", PN_DIAG_NONE, "r6 0" Z "00000001/0 x0 ff" },
    { "::ffff:192.0.2.7", PN_DIAG_NONE, "a4 0" Z "c0000207/0 x1 0" },
    { "::ffff:10.0.0.0/104", PN_DIAG_NONE, "p4 0" Z "0a000000/8 x1 0" },
    { "::ffff:0:0/96", PN_DIAG_NONE, "p4 0" Z Z "/0 x1 0" },
    { "=mx.Example.COM.", PN_DIAG_NONE, "h mx.example.com" },
    { "=.example.com", PN_DIAG_NONE, "h .example.com" },
    { "=", PN_DIAG_NONE, "h " },
    { "*", PN_DIAG_NONE, "*" },
    { "joe@10.2.0.0/16", PN_DIAG_NONE, "joe@p4 0" Z "0a020000/16 x1 0" },
    { "joe@=mx", PN_DIAG_NONE, "joe@h mx" },
    { "\"a \\\"b\\x21\"@*", PN_DIAG_NONE, "a \"b!@*" },
    { "\"\"@1.2.3.4", PN_DIAG_NONE, "@a4 0" Z "01020304/0 x1 0" },
    { "10.0.0.1/8", PN_DIAG_HOST_BITS, NULL },
    { "::ffff:0:0/95", PN_DIAG_BAD_LENGTH, NULL },
    { "10.0.0.0/33", PN_DIAG_BAD_LENGTH, NULL },
    { "10.0.0.0/", PN_DIAG_BAD_LENGTH, NULL },
    { "10.0.0.0/08", PN_DIAG_BAD_LENGTH, NULL },
    { "::/129", PN_DIAG_BAD_LENGTH, NULL },
    { "10.0.0.9-10.0.0.2", PN_DIAG_REVERSED_RANGE, NULL },
    { "1.2.3.9-2", PN_DIAG_REVERSED_RANGE, NULL },
    { "1.2.3.4-::1", PN_DIAG_MIXED_FAMILIES, NULL },
    { "1.2.3.4.", PN_DIAG_BAD_TARGET, NULL },
    { "1-2.3-4.", PN_DIAG_BAD_TARGET, NULL },
    { "010.1.2.3", PN_DIAG_LEADING_ZERO, NULL },
    { "300.1.1.1", PN_DIAG_OCTET_RANGE, NULL },
    { "10.1", PN_DIAG_MISSING_DOT, NULL },
    { "10", PN_DIAG_MISSING_DOT, NULL },
    { "0/0", PN_DIAG_FOREIGN_PATTERN, NULL },
    { "ALL", PN_DIAG_FOREIGN_PATTERN, NULL },
    { "*.example.com", PN_DIAG_FOREIGN_PATTERN, NULL },
    { "10.2.*", PN_DIAG_FOREIGN_PATTERN, NULL },
    { "10.2.3.x", PN_DIAG_FOREIGN_PATTERN, NULL },
    { "10.X.X.X", PN_DIAG_FOREIGN_PATTERN, NULL },
    { "10.x5.example", PN_DIAG_MISSING_EQUALS, NULL },
    { "10.2.*.x4", PN_DIAG_MISSING_EQUALS, NULL },
    { ".example.com", PN_DIAG_MISSING_EQUALS, NULL },
    { "example.com", PN_DIAG_MISSING_EQUALS, NULL },
    { "=.", PN_DIAG_BAD_HOST, NULL },
    { "=a/24", PN_DIAG_BAD_HOST, NULL },
    { "=a..b", PN_DIAG_BAD_HOST, NULL },
    { "=a b", PN_DIAG_BAD_HOST, NULL },
    { "joe@", PN_DIAG_BAD_TARGET, NULL },
    { "\"a\\q\"@*", PN_DIAG_BAD_ESCAPE, NULL },
    { "fe80::1%eth0", PN_DIAG_BAD_TARGET, NULL },
};

static void
targets_are_read_by_what_they_mean(void **state)
{
    struct pn_buffer scratch = { 0 };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(words); i++) {
        struct pn_target target;
        char text[200] = "";
        enum pn_diag_id fault;

        scratch.size = 0;
        fault = pn_literal_target(
            (struct pn_str){ words[i].word, strlen(words[i].word) }, &scratch, &target);
        if (fault == PN_DIAG_NONE)
            describe(&target, text, sizeof(text));
        if (fault != words[i].fault ||
            (words[i].meaning && strcmp(text, words[i].meaning) != 0))
            fail_msg("%s: fault %d, %s", words[i].word, (int)fault, text);
    }
    pn_buffer_free(&scratch);
}

static const struct {
    const char *quoted;
    enum pn_diag_id fault;
    const char *value;
} values[] = {
    { "\"\"", PN_DIAG_NONE, "" },
    { "\"a b\"", PN_DIAG_NONE, "a b" },
    { "\"\\\"\\\\\\n\\r\\t\\x41\\x7e\"", PN_DIAG_NONE, "\"\\\n\r\tA~" },
    { "'\\n\"'", PN_DIAG_NONE, "\\n\"" },
    { "\"\\x00\"", PN_DIAG_NUL_IN_VALUE, NULL },
    { "\"\\x4\"", PN_DIAG_BAD_ESCAPE, NULL },
    { "\"\\xg0\"", PN_DIAG_BAD_ESCAPE, NULL },
    { "\"\\'\"", PN_DIAG_BAD_ESCAPE, NULL },
};

static void
values_lose_their_quotes_and_escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(values); i++) {
        struct pn_buffer out = { 0 };
        enum pn_diag_id fault = pn_literal_value(
            (struct pn_str){ values[i].quoted, strlen(values[i].quoted) }, &out);

        pn_buffer_add(&out, "", 1);
        if (fault != values[i].fault ||
            (values[i].value && strcmp(out.bytes, values[i].value) != 0))
            fail_msg("%s: fault %d, %s", values[i].quoted, (int)fault, out.bytes);
        pn_buffer_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_read_by_what_they_mean),
        cmocka_unit_test(values_lose_their_quotes_and_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
