/* compiler/atomic: what of a file stays when it is replaced, and when it is not */
#include "tests/support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/atomic.h"

static char folder[] = "/tmp/postern-atomic-XXXXXX";
static char path[64];

static void
file_make(mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "old", 3), 3);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void
assert_holds(const char *text)
{
    char read_back[16] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_true(read(fd, read_back, sizeof(read_back) - 1) >= 0);
    close(fd);
    assert_string_equal(read_back, text);
}

static void
permissions_stay_and_rights_of_others_do_not(void **state)
{
    static const mode_t modes[] = { 0600, 0644, 0640, 06750, 01777, 0400 };
    struct stat st;

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        file_make(modes[i]);
        assert_true(pn_atomic_put(path, "new", 3));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, modes[i] & 0777);
        assert_holds("new");
        unlink(path);
    }
}

static void
an_owner_stays_where_it_may(void **state)
{
    struct stat st;

    (void)state;
    if (geteuid() != 0)
        skip();
    file_make(0640);
    assert_int_equal(chown(path, 1234, 5678), 0);
    assert_true(pn_atomic_put(path, "new", 3));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 1234);
    assert_int_equal(st.st_gid, 5678);
    assert_int_equal(st.st_mode & 07777, 0640);
    unlink(path);
}

static bool
refuse(void *payload, const char *target)
{
    *(const char **)payload = target;
    return false;
}

static void
what_may_not_be_replaced_stays_whole(void **state)
{
    const char *asked = NULL;

    (void)state;
    file_make(0644);
    assert_false(pn_atomic_put_if(path, "new", 3, refuse, &asked));
    assert_int_equal(errno, ECANCELED);
    assert_string_equal(asked, path);
    assert_holds("old");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* no temporary file is left */
    memset(folder + sizeof(folder) - 7, 'X', 6);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/f", folder);
}

/* Every reader of a folder may lock it. */
static void
a_lock_of_the_folder_holds_nobody_up(void **state)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_true(pn_atomic_put(path, "new", 3));
    close(fd);
    unlink(path);
}

/* Lets it pass, and saves another file there the moment after; then sees what it was.
 */
static bool
overtake(void *payload, const char *target)
{
    unsigned *asked = payload;
    char text[16] = "", other[80];
    int fd;

    if (!(*asked)++) {
        (void)snprintf(other, sizeof(other), "%s/other", folder);
        fd = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(write(fd, "edit", 4), 4);
        close(fd);
        assert_int_equal(rename(other, target), 0);
        return true;
    }
    fd = open(target, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof(text)), 4);
    close(fd);
    return strcmp(text, "old") == 0;
}

static void
what_is_saved_in_the_last_moment_stays(void **state)
{
    unsigned asked = 0;

    (void)state;
    file_make(0644);
    assert_false(pn_atomic_put_if(path, "new", 3, overtake, &asked));
    assert_int_equal(errno, ECANCELED);
    assert_int_equal(asked, 2);
    assert_holds("edit");
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing is left beside it */
    assert_int_equal(mkdir(folder, 0700), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_in_the_last_moment_stays),
        cmocka_unit_test(permissions_stay_and_rights_of_others_do_not),
        cmocka_unit_test(an_owner_stays_where_it_may),
        cmocka_unit_test(what_may_not_be_replaced_stays_whole),
        cmocka_unit_test(a_lock_of_the_folder_holds_nobody_up),
    };
    int failed;

    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/f", folder);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
