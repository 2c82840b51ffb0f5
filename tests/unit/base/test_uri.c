/* base/uri and rpc/json: names and texts of files, as JSON has them */
#include "tests/support/harness.h"

#include "base/uri.h"
#include "rpc/json.h"

static const struct {
    const char *uri, *path; /* path NULL: it names no file */
} uris[] = {
    { "file:///etc/a.rules", "/etc/a.rules" },
    { "file://localhost/etc/a%20b", "/etc/a b" },
    { "file:///a/./b/../c%2Fd", "/a/c/d" },
    { "file:///a%C3%A9?q#f", "/a\xc3\xa9" },
    { "file:///../etc", "/../etc" },
    { "file://elsewhere/etc", NULL },
    { "file:etc", NULL },
    { "untitled:Untitled-1", NULL },
    { "file:///a%00b", NULL },
    { "file:///a%4", NULL },
    { "file:///a%zz", NULL },
    { "", NULL },
};

static void
uris_are_paths_or_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(uris); i++) {
        struct pn_buffer path = { 0 };
        bool is = pn_uri_path(pn_str_of_text(uris[i].uri), &path);

        if (is != (uris[i].path != NULL) || (is && strcmp(path.bytes, uris[i].path)))
            fail_msg("%s: %s", uris[i].uri, is ? path.bytes : "nothing");
        pn_buffer_free(&path);
    }
}

static void
each_path_comes_back(void **state)
{
    struct pn_buffer path = { 0 }, uri = { 0 }, back = { 0 };

    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char one = (char)byte;

        if (byte == '.' || byte == '/')
            continue; /* which are tidied away */
        path.size = uri.size = back.size = 0;
        pn_buffer_add_text(&path, "/x/");
        pn_buffer_add(&path, &one, 1);
        pn_uri_of_path(pn_str_of(&path), &uri);
        assert_true(pn_uri_path(pn_str_of(&uri), &back));
        assert_int_equal(back.size, path.size);
        assert_memory_equal(back.bytes, path.bytes, path.size);
    }
    pn_buffer_free(&path);
    pn_buffer_free(&uri);
    pn_buffer_free(&back);
}

static void
what_is_no_utf8_is_replaced(void **state)
{
    json_t *text = pn_json_text(PN_STR("a\xff\xc3(\xed\xa0\x80z"));

    (void)state;
    assert_string_equal(
        json_string_value(text),
        "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
    json_decref(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uris_are_paths_or_nothing),
        cmocka_unit_test(each_path_comes_back),
        cmocka_unit_test(what_is_no_utf8_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
