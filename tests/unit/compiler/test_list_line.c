/* compiler/list_line: what the lines of a list say, and what is wrong with others */
#include "tests/support/harness.h"

#include <stdio.h>

#include "base/sizes.h"
#include "compiler/list_faults.h"
#include "compiler/list_line.h"

/* A list's entries as FIRST-LAST each, or the first fault's name. */
static void
describe(const char *text, size_t len, char *out, size_t size)
{
    struct pn_source source;
    struct pn_buffer scratch = { 0 };
    struct pn_list_reader reader;
    struct pn_list_line line;
    size_t at = 0;

    out[0] = '\0';
    assert_true(pn_source_from_text(&source, "l", (struct pn_str){ text, len }));
    pn_list_newlines(&source);
    reader = pn_list_begin(&source, &scratch);
    while (pn_list_next(&reader, &line)) {
        struct postern_addr first, last;
        char from[POSTERN_ADDR_TEXT_SIZE], to[POSTERN_ADDR_TEXT_SIZE];

        if (!line.has_entry) {
            snprintf(out, size, "%s", pn_diag_info[line.fault].slug);
            break;
        }
        first = pn_number_address(line.target.first, line.target.family);
        last = pn_number_address(pn_list_line_last(&line.target), line.target.family);
        postern_addr_print(&first, from);
        postern_addr_print(&last, to);
        at += (size_t)snprintf(out + at, size - at, "%s%s-%s", at ? " " : "", from, to);
    }
    pn_buffer_free(&scratch);
    pn_source_clear(&source);
}

static const struct {
    const char *text, *meaning;
} lines[] = {
    /* one entry, and a remark behind it */
    { "192.0.2.7", "192.0.2.7-192.0.2.7" },
    { "  192.0.2.7\t", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7 # 5.6.7.8", "192.0.2.7-192.0.2.7" },
    { "192.0.2.0/24 ; SBL1", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0/24;SBL1", "192.0.2.0-192.0.2.255" },
    { "192.0.2.7 // 5.6.7.8", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7//x", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7 US 2026-05-20 ssh", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7,100,6.1", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7\t0.5\t12", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7,,", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7 mail.7.2.0.192.example.com", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7 at 12:30:01", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7\t9", "192.0.2.7-192.0.2.7" },
    { "2001:db8::/32 ; x", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "[2001:db8::7]", "2001:db8::7-2001:db8::7" },
    { "[2001:db8::]/112", "2001:db8::-2001:db8::ffff" },
    { "[192.0.2.7]", "192.0.2.7-192.0.2.7" },
    { "::ffff:192.0.2.0/120", "192.0.2.0-192.0.2.255" },
    { "192.0.2.7/24", "192.0.2.0-192.0.2.255" },
    { "10.1.", "10.1.0.0-10.1.255.255" },
    /* ranges */
    { "192.0.2.5-192.0.2.9", "192.0.2.5-192.0.2.9" },
    { "192.0.2.5 - 192.0.2.9", "192.0.2.5-192.0.2.9" },
    { "192.0.2.5- 192.0.2.9 x", "192.0.2.5-192.0.2.9" },
    { "192.0.2.5\t-192.0.2.9", "192.0.2.5-192.0.2.9" },
    { "2001:db8::1 - 2001:db8::5", "2001:db8::1-2001:db8::5" },
    { "192.0.2.5-192.0.2.9,x", "192.0.2.5-192.0.2.9" },
    /* bounds and a length */
    { "192.0.2.0\t192.0.2.255\t24\t4587\tNAME", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0,192.0.2.255,24", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0 , 192.0.2.255 , /24", "192.0.2.0-192.0.2.255" },
    { "2001:db8:: 2001:db8::ffff 112", "2001:db8::-2001:db8::ffff" },
    { "192.0.2.0 192.0.2.255 25", "list-two" },
    { "192.0.2.0 192.0.2.254 24", "list-two" },
    { "192.0.2.0 192.0.2.255 24 198.51.100.7", "list-two" },
    /* masks, and lengths that stand apart */
    { "192.0.2.0/255.255.255.0", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0 255.255.255.0", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0 255.255.255.0 x", "192.0.2.0-192.0.2.255" },
    { "2001:db8::/ffff:ffff::", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "192.0.2.7 255.255.255.255", "192.0.2.7-192.0.2.7" },
    { "192.0.0.0 255.255.255.255", "list-two" }, /* a range as well */
    { "192.0.2.7/255.255.255.0", "list-mask" },
    { "192.0.2.0/0.0.0.255", "list-mask" },
    { "192.0.2.0/255.0.255.0", "list-mask" },
    { "192.0.2.7 255.255.255.0", "list-two" },
    { "192.0.2.0,255.255.255.0", "list-two" },
    { "192.0.2.0 /24", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0 / 24", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0 /33", "bad-length" },
    { "192.0.2.0 /", "bad-length" },
    { "192.0.2.0 24", "list-length" },
    { "192.0.2.0,24", "list-length" },
    { "192.0.2.0,/24", "list-length" },
    { "192.0.2.7, /24 x", "list-length" },
    { "192.0.2.0;24", "list-length" },
    { "192.0.2.0;/24;x", "list-length" },
    { "192.0.2.1|192.0.2.9|x", "list-two" },
    { "192.0.2.1:192.0.2.9", "list-two" },
    { "192.0.2.1\\192.0.2.9", "list-two" },
    { "192.0.2.1>2001:db8::1", "list-two" },
    { "192.0.2.1|x", "list-tail" },
    { "192.0.2.1-192.0.2.9-192.0.2.12", "list-tail" },
    { "-A INPUT -s 192.0.2.1 -j DROP", "list-front" },
    { "-A x 192.0.2.1", "list-ipset" },
    /* semicolons of a table, and of a remark */
    { "192.0.2.1;192.0.2.9", "list-two" },
    { "192.0.2.1;;192.0.2.9;x", "list-two" },
    { "192.0.2.1;2001:db8::9", "list-two" },
    { "192.0.2.1;[192.0.2.9]", "list-two" },
    { "192.0.2.1;\"192.0.2.9\"", "list-two" },
    { "192.0.2.0/25;192.0.2.128/25", "list-two" },
    { "192.0.2.1,x;192.0.2.9", "list-two" },
    { "192.0.2.0;192.0.2.255;24;x", "192.0.2.0-192.0.2.255" },
    { "192.0.2.0;192.0.2.255;25", "list-two" },
    { "192.0.2.7;5;spam;192.0.2.9", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7;spam;2026", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7; 192.0.2.9", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7 ;192.0.2.9", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7;192.0.2.9.example", "192.0.2.7-192.0.2.7" },
    { "192.0.2.7#192.0.2.9", "192.0.2.7-192.0.2.7" },
    { ";192.0.2.9", "" },
    { "2001:db8:: 32", "list-length" },
    /* two of them */
    { "192.0.2.1 192.0.2.9", "list-two" },
    { "192.0.2.1,192.0.2.9", "list-two" },
    { "192.0.2.0/25 192.0.2.128/25", "list-two" },
    { "192.0.2.1 x 192.0.2.9 # y", "list-two" },
    { "192.0.2.1 (192.0.2.9)", "list-two" },
    { "192.0.2.1 src:2001:db8::1", "list-two" },
    { "192.0.2.1 192.0.2.*", "list-two" },
    { "2001:db8:: .2001:db8::1.. x", "list-two" },
    { "192.0.2.1 010.0.2.3", "list-two" },
    { "192.0.2.1 to 192.0.2.9", "list-two" },
    { "192.0.2.1-192.0.2.3 192.0.2.9", "list-two" },
    { "10.1. 10.2.", "list-two" },
    { "192.0.2.1 to 9", "list-range-sign" },
    { "192.0.2.1 - 9", "list-range-sign" },
    { "192.0.2.1 - somebody", "list-range-sign" },
    { "192.0.2.1-", "list-tail" },
    { "192.0.2.9-192.0.2.1", "reversed-range" },
    { "192.0.2.9 - 192.0.2.1", "reversed-range" },
    { "192.0.2.9-2001:db8::1", "mixed-families" },
    /* other notations */
    { "192.000.002.001", "leading-zero" },
    { "192.0.2.01/32", "leading-zero" },
    { "192.0.2.1 - 192.0.2.09", "leading-zero" },
    { "001.002.003.004 - 001.002.003.255 , 000 , x", "leading-zero" },
    { "10.1.*", "list-wildcard" },
    { "10.*.*.*", "list-wildcard" },
    { "10.1.x.x", "list-wildcard" },
    { "2001:db8:*", "list-wildcard" },
    { "*", "list-wildcard" },
    { "192.0.2.7:443", "list-port" },
    { "[2001:db8::7]:443", "list-port" },
    { "fe80::1%eth0", "list-zone" },
    { "fe80::%eth0/64", "list-zone" },
    { "Some Org, Inc:192.0.2.0-192.0.2.255", "list-p2p" },
    { "a:b:192.0.2.0 - 192.0.2.255", "list-p2p" },
    { "sshd: 192.0.2.7", "list-label" },
    { "ALL : 192.0.2.7 : deny", "list-label" },
    { "ALL: PARANOID", "list-label" },
    { "sshd: .example.com", "list-label" },
    { "https://192.0.2.7/x", "list-line" },
    { "add drop 192.0.2.0/24", "list-ipset" },
    { "create drop hash:net family inet", "list-ipset" },
    { "{\"cidr\":\"192.0.2.0/24\"}", "list-json-lines" },
    { "ip,country", "list-head" },
    { "Start\tEnd\tNetmask", "list-head" },
    { "\"network\",\"name\"", "list-head" },
    { "cidr", "list-head" },
    { "\"192.0.2.7\",\"US\"", "list-quotes" },
    { "'192.0.2.7'", "list-quotes" },
    { "192.0.2.5\xe2\x80\x93"
      "192.0.2.9",
      "list-dash" },
    { "192.0.2.5\xc2\xa0US", "list-blank" },
    { "192.0.2.5\xe2\x80\x8b", "list-blank" },
    { "192.0.2.5\f", "list-control" },
    { "192.0.2.5|US", "list-tail" },
    { "deny 192.0.2.5", "list-front" },
    { "!192.0.2.5", "list-front" },
    { "- 192.0.2.5", "list-front" },
    { "192.0.2", "list-short" },
    { "300.0.2.5", "octet-range" },
    { "192.0.2.5/", "bad-length" },
    { "192.0.2.5/33", "bad-length" },
    { "192.0.2.5/024", "bad-length" },
    { "192.0.2.5.6", "list-line" },
    { "bad.example.com", "list-name" },
    { "joe@192.0.2.5", "list-front" },
    { "=mx.example.com", "list-name" },
    { "3221226117", "list-line" },
    { ",192.0.2.5", "list-line" },
    /* whole texts */
    { "", "" },
    { "# x\n\n ; y\n// z\n", "" },
    { "192.0.2.1\r\n192.0.2.2\r\n", "192.0.2.1-192.0.2.1 192.0.2.2-192.0.2.2" },
    { "192.0.2.1\r192.0.2.2\r", "192.0.2.1-192.0.2.1 192.0.2.2-192.0.2.2" },
    { "\xef\xbb\xbf"
      "192.0.2.1\n\xef\xbb\xbf"
      "192.0.2.2",
      "192.0.2.1-192.0.2.1 192.0.2.2-192.0.2.2" },
    { "# x\rname\rname,x", "list-line" },
};

static void
lines_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(lines); i++) {
        char got[256];

        describe(lines[i].text, strlen(lines[i].text), got, sizeof(got));
        if (strcmp(got, lines[i].meaning) != 0)
            fail_msg("\"%s\" is \"%s\", not \"%s\"", lines[i].text, got,
                     lines[i].meaning);
    }
}

#define TEXT(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct {
    struct pn_str text;
    enum pn_diag_id fault;
} files[] = {
    { TEXT(""), PN_DIAG_NONE },
    { TEXT("192.0.2.1\n"), PN_DIAG_NONE },
    { TEXT("[2001:db8::1]\n"), PN_DIAG_NONE },
    { TEXT("[192.0.2.1]\n"), PN_DIAG_NONE },
    { TEXT("\xef\xbb\xbf# x\n"), PN_DIAG_NONE },
    { TEXT("{\"cidr\":\"192.0.2.0/24\"}\n{\"cidr\":\"198.51.100.0/24\"}\n"),
      PN_DIAG_NONE },
    { TEXT("{\"ip\":\"192.0.2.1\"}\n"), PN_DIAG_NONE },
    { TEXT("{\n  \"prefixes\": []\n}\n"), PN_DIAG_LIST_JSON },
    { TEXT("{\"prefixes\":[{\"ip_prefix\":\"192.0.2.0/24\"}]}"), PN_DIAG_LIST_JSON },
    { TEXT("[\"192.0.2.0/24\"]\n"), PN_DIAG_LIST_JSON },
    { TEXT("[{\"ip\":1}]\n"), PN_DIAG_LIST_JSON },
    { TEXT("\n<!DOCTYPE html>\n"), PN_DIAG_LIST_HTML },
    { TEXT("\xef\xbb\xbf<?xml version=\"1.0\"?>\n"), PN_DIAG_LIST_HTML },
    { TEXT("\x1f\x8b\x08\x00"), PN_DIAG_LIST_PACKED },
    { TEXT("BZh91AY"), PN_DIAG_LIST_PACKED },
    { TEXT("PK\x03\x04\x14"), PN_DIAG_LIST_PACKED },
    { TEXT("\xff\xfe"
           "1\0.\0"),
      PN_DIAG_LIST_UTF16 },
    { TEXT("\xfe\xff\0"
           "1\0."),
      PN_DIAG_LIST_UTF16 },
    { TEXT("1\0.\0"
           "2\0.\0"
           "3\0"),
      PN_DIAG_LIST_UTF16 },
    { TEXT("%PDF-1.4\n"), PN_DIAG_LIST_BINARY },
    { TEXT("ab\0cdefghij"), PN_DIAG_LIST_BINARY },
};

static void
files_that_are_no_lists_are_known_by_their_front(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(files); i++) {
        enum pn_diag_id id = pn_list_file_fault(files[i].text);

        if (id != files[i].fault)
            fail_msg("row %zu: %d, not %d", i, (int)id, (int)files[i].fault);
    }
}

static const struct {
    const char *line, *fixes, *note;
} mends[] = {
    { "010.1.2.3", "10.1.2.3|8.1.2.3|", "" },
    { "001.002.003.004", "1.2.3.4|", "" },
    { "10.1.*", "10.1.0.0/16|", "" },
    { "10.*.3.4", "", "" },
    { "10.*.*.*", "10.0.0.0/8|", "" },
    { "2001:db8:*", "2001:db8::/32|", "" },
    { "2001:db8::*", "", "" },
    { "*", "", "" },
    { "192.0.2.7:443", "192.0.2.7|", "" },
    { "[2001:db8::7]:443", "2001:db8::7|", "" },
    { "fe80::%eth0/64", "fe80::/64|", "" },
    { "192.0.2.7/255.255.255.0", "192.0.2.7|192.0.2.0/24|", "" },
    { "192.0.2.0/0.0.0.255", "192.0.2.0/24|", "" },
    { "192.0.2.0/255.0.255.0", "", "" },
    { "192.0.2.9 - 192.0.2.1", "192.0.2.1-192.0.2.9|", "" },
    { "192.0.2", "192.0.2.0/24|", "" },
    { "\"192.0.2.7\",\"x\"", "192.0.2.7|", "" },
    { "\"x\"", "", "" },
    { "192.0.2.0 24", "", "  a prefix: 192.0.2.0/24\n  an address: 192.0.2.0 # 24\n" },
    { "192.0.2.1 192.0.2.9", "",
      "  a range: 192.0.2.1-192.0.2.9\n"
      "  two entries: 192.0.2.1 and 192.0.2.9, each on its own line\n" },
    { "192.0.2.9 192.0.2.1", "",
      "  two entries: 192.0.2.9 and 192.0.2.1, each on its own line\n" },
    { "192.0.2.7,255.255.255.0", "",
      "  a range: 192.0.2.7-255.255.255.0\n"
      "  two entries: 192.0.2.7 and 255.255.255.0, each on its own line\n"
      "  a prefix: 192.0.2.0/24\n" },
};

static void
faults_tell_what_to_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(mends); i++) {
        struct pn_buffer fixes[PN_DIAG_FIXES_MAX] = { { 0 } }, note = { 0 },
                         got = { 0 }, scratch = { 0 };
        struct pn_str line = { mends[i].line, strlen(mends[i].line) }, at;
        struct pn_list_words words = { .is_front = false };
        enum pn_diag_id id;
        size_t count;

        pn_list_words_cut(line, &words);
        id = pn_list_fault_find(&words, &scratch, &at);
        count = pn_list_fault_fix(id, at, fixes, &note);
        for (size_t k = 0; k < count; k++) {
            pn_buffer_add(&got, fixes[k].bytes, fixes[k].size);
            pn_buffer_add_text(&got, "|");
        }
        pn_buffer_add(&got, "", 1);
        pn_buffer_add(&note, "", 1);
        assert_string_equal(got.bytes, mends[i].fixes);
        assert_string_equal(note.bytes, mends[i].note);
        for (size_t k = 0; k < PN_DIAG_FIXES_MAX; k++)
            pn_buffer_free(&fixes[k]);
        pn_buffer_free(&note);
        pn_buffer_free(&got);
        pn_buffer_free(&scratch);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_whole_or_not_at_all),
        cmocka_unit_test(files_that_are_no_lists_are_known_by_their_front),
        cmocka_unit_test(faults_tell_what_to_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
