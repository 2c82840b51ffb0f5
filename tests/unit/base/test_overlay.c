/* base/overlay, by base/files: texts in the place of files; and nothing is written */
#include "tests/support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"

static char folder[] = "/tmp/pn_overlay_XXXXXX";

/* What a name leads to now; "-" for nothing. */
static const char *
content(const char *path)
{
    static char text[16];
    int fd = pn_files_open(path, O_RDONLY | O_CLOEXEC, 0);
    ssize_t size;

    if (fd < 0)
        return "-";
    size = read(fd, text, sizeof(text) - 1);
    assert_true(size >= 0);
    text[size] = '\0';
    close(fd);
    return text;
}

static void
a_text_stands_for_a_file_by_any_tidy_name(void **state)
{
    struct stat st;
    char *real;

    (void)state;
    assert_false(pn_files_is_overlaid("a.rules"));
    assert_true(pn_files_overlay("a.rules", PN_STR("text")));
    assert_string_equal(content("a.rules"), "text");
    assert_string_equal(content("./a.rules"), "text");
    assert_string_equal(content(".//./a.rules"), "text"); /* from its beginning again */
    assert_true(pn_files_is_overlaid("./a.rules"));
    assert_true(pn_files_stat("a.rules", &st) && S_ISREG(st.st_mode));
    assert_int_equal(st.st_size, 4);
    real = pn_files_real("a.rules");
    assert_non_null(real);
    assert_string_equal(strrchr(real, '/'), "/a.rules");
    free(real);
    assert_string_equal(content("b.rules"), "file");
    assert_true(pn_files_overlay("b.rules", PN_STR("other")));
    assert_string_equal(content("b.rules"), "other");
}

static void
a_name_is_taken_once_and_leads_nowhere_else(void **state)
{
    (void)state;
    assert_false(pn_files_overlay("./b.rules", PN_STR("x")));
    assert_int_equal(errno, EEXIST);
    assert_false(pn_files_overlay("../c.rules", PN_STR("x")));
    assert_int_equal(errno, EXDEV);
    assert_false(pn_files_overlay("d/../../c.rules", PN_STR("x")));
    assert_int_equal(errno, EXDEV);
    assert_false(pn_files_overlay("/c.rules", PN_STR("x")));
    assert_int_equal(errno, EXDEV);
    assert_false(pn_files_is_overlaid("../b.rules"));
}

static void
nothing_is_opened_to_be_written(void **state)
{
    static const int flags[] = { O_WRONLY, O_RDWR, O_RDONLY | O_CREAT,
                                 O_RDONLY | O_TRUNC };

    (void)state;
    pn_files_forbid_writing();
    for (size_t i = 0; i < PN_COUNT_OF(flags); i++) {
        assert_int_equal(pn_files_open("plain", flags[i] | O_CLOEXEC, 0666), -1);
        assert_int_equal(errno, EROFS);
        assert_int_equal(pn_files_open("a.rules", flags[i] | O_CLOEXEC, 0666), -1);
    }
    assert_string_equal(content("plain"), "plain");
}

static void
file_write(const char *name, const char *text)
{
    int fd = pn_files_open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_stands_for_a_file_by_any_tidy_name),
        cmocka_unit_test(a_name_is_taken_once_and_leads_nowhere_else),
        cmocka_unit_test(nothing_is_opened_to_be_written),
    };
    int failed;

    if (!mkdtemp(folder) || chdir(folder) < 0 || !pn_files_confine("."))
        return 1;
    file_write("b.rules", "file");
    file_write("plain", "plain");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink("b.rules");
    (void)unlink("plain");
    (void)rmdir(folder);
    return failed;
}
