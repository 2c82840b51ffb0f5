/* base/beneath and base/files: what leads out of a folder is not opened, by anybody */
#define _GNU_SOURCE
#include "tests/support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/files.h"
#include "base/sizes.h"

typedef int (*open_fn)(int folder, const char *path, int flags, mode_t mode);

/* A path in the tree of tree_make(), and errno; 0 where the file "in" is reached. */
static const struct {
    const char *path;
    int error;
    const char *real;
} paths[] = {
    { "in", 0, "in" },
    { "./in", 0, "in" },
    { "a/../in", 0, "in" },
    { "a/b/../../in", 0, "in" },
    { "a//b/./../../in", 0, "in" },
    { "a/up", 0, "in" },
    { "a/folder/in", 0, "in" },
    { "a/b/to-up", 0, "in" },
    { "a/b/c/deep", 0, "in" },
    { "there-and-back", EXDEV, NULL },
    { "../in", EXDEV, NULL },
    { "..", EXDEV, NULL },
    { "a/../../root/in", EXDEV, NULL },
    { "out", EXDEV, NULL },
    { "a/out-above", EXDEV, NULL },
    { "folder-out/secret", EXDEV, NULL },
    { "a/b/to-out", EXDEV, NULL },
    { "whole", EXDEV, NULL },
    { "whole-in", EXDEV, NULL },
    { "loop", ELOOP, NULL },
    { "in/", ENOTDIR, NULL },
    { "in/x", ENOTDIR, NULL },
    { "nothing", ENOENT, NULL },
    { "dangling", ENOENT, NULL },
    { "nothing/in", ENOENT, NULL },
    { "", ENOENT, NULL },
};

static char top[] = "/tmp/beneath-XXXXXX";

static void
file_put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* TOP/root is the folder, TOP/secret and TOP/elsewhere are out of it. */
static int
tree_make(void **state)
{
    static const char *const links[][2] = {
        { "../in", "root/a/up" },
        { "..", "root/a/folder" },
        { "../up", "root/a/b/to-up" },
        { "../../../a/up", "root/a/b/c/deep" },
        { "../root/in", "root/there-and-back" },
        { "../secret", "root/out" },
        { "../../secret", "root/a/out-above" },
        { "..", "root/folder-out" },
        { "../../out", "root/a/b/to-out" },
        { "/etc/passwd", "root/whole" },
        { "loop", "root/loop" },
        { "nowhere", "root/dangling" },
    };
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(top));
    assert_int_equal(chdir(top), 0);
    assert_int_equal(mkdir("root", 0755) | mkdir("root/a", 0755) |
                         mkdir("root/a/b", 0755) | mkdir("root/a/b/c", 0755) |
                         mkdir("rootx", 0755),
                     0);
    file_put("root/in", "in");
    file_put("secret", "secret");
    file_put("rootx/in", "other");
    for (size_t i = 0; i < PN_COUNT_OF(links); i++)
        assert_int_equal(symlink(links[i][0], links[i][1]), 0);
    (void)snprintf(path, sizeof(path), "%s/root/in", top);
    assert_int_equal(symlink(path, "root/whole-in"), 0);
    return 0;
}

static int
tree_remove(void **state)
{
    char command[64];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", top);
    return chdir("/") || system(command);
}

/* What is wrong with a way of opening, for a row; NULL for nothing. */
static const char *
row_fault(open_fn way, int folder, size_t row)
{
    char text[8] = "";
    int fd, error;

    errno = 0;
    fd = way(folder, paths[row].path, O_RDONLY | O_CLOEXEC, 0);
    error = fd < 0 ? errno : 0;
    if (error != paths[row].error)
        return "another errno";
    if (fd < 0)
        return NULL;
    error = read(fd, text, sizeof(text)) != 2 || memcmp(text, "in", 2) != 0;
    close(fd);
    return error ? "another file" : NULL;
}

static void
rows_try(open_fn way)
{
    int folder = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; i < PN_COUNT_OF(paths); i++) {
        const char *fault = row_fault(way, folder, i);

        if (fault)
            fail_msg("%s: %s, %s", paths[i].path, fault, strerror(errno));
    }
    close(folder);
}

static void
nothing_leads_out_of_a_folder(void **state)
{
    (void)state;
    rows_try(pn_beneath_open);
    rows_try(pn_beneath_walk);
}

/* What leads out beneath a folder stays in it when it is a root. */
static const struct {
    const char *path;
    int error;
} inside[] = {
    { "/in", 0 },
    { "//a/../in", 0 },
    { "../../in", 0 },
    { "a/up", 0 },
    { "/a/b/c/deep", 0 },
    { "to-in", 0 },
    { "a/to-in-above", 0 },
    { "out", ENOENT },
    { "whole", ENOENT },
    { "folder-out/in", 0 },
    { "folder-out/secret", ENOENT },
    { "there-and-back", ENOENT },
    { "loop", ELOOP },
    { "loop-whole", ELOOP },
    { "in/x", ENOTDIR },
    { "nothing", ENOENT },
    { "", ENOENT },
};

static void
a_root_keeps_absolute_links_and_dots_inside(void **state)
{
    int (*const ways[])(int, const char *, int) = { pn_inside_open, pn_inside_walk };
    int folder = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_int_equal(symlink("/in", "root/to-in") |
                         symlink("/../in", "root/a/to-in-above") |
                         symlink("/loop-whole", "root/loop-whole"),
                     0);
    for (size_t i = 0; i < PN_COUNT_OF(ways) * PN_COUNT_OF(inside); i++) {
        size_t row = i / PN_COUNT_OF(ways);
        int fd =
            ways[i % PN_COUNT_OF(ways)](folder, inside[row].path, O_RDONLY | O_CLOEXEC);
        char text[8] = "";

        if ((fd < 0 ? errno : 0) != inside[row].error ||
            (fd >= 0 && (read(fd, text, sizeof(text)) != 2 || memcmp(text, "in", 2))))
            fail_msg("%s by %zu: %s", inside[row].path, i % PN_COUNT_OF(ways),
                     fd < 0 ? strerror(errno) : text);
        if (fd >= 0)
            close(fd);
    }
    close(folder);
}

static void
places_are_found_without_links(void **state)
{
    int folder = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(paths); i++) {
        struct pn_buffer real = { 0 };
        bool found = pn_beneath_real(folder, paths[i].path, &real);

        if (found != (paths[i].real != NULL) ||
            (found && strcmp(real.bytes, paths[i].real) != 0))
            fail_msg("%s: %s", paths[i].path, found ? real.bytes : strerror(errno));
        pn_buffer_free(&real);
    }
    close(folder);
}

/* From now on openat2 fails with this, as a filter or an old kernel has it. */
static bool
openat2_deny(int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned)error & 0xffff)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { PN_COUNT_OF(code), code };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* In a child whose openat2 fails so: 0, or the number of the row at fault, from 1. */
static int
rows_try_without(int error)
{
    int status, folder = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    pid_t child = fork();

    if (!child) {
        if (!openat2_deny(error))
            _exit(200);
        for (size_t i = 0; i < PN_COUNT_OF(paths); i++)
            if (row_fault(pn_beneath_open, folder, i))
                _exit((int)i + 1);
        _exit(0);
    }
    assert_true(child > 0);
    close(folder);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
what_the_kernel_lacks_is_done_by_hand(void **state)
{
    (void)state;
    if (rows_try_without(ENOSYS) == 200)
        skip(); /* no filters here */
    assert_int_equal(rows_try_without(ENOSYS), 0);
    assert_int_equal(rows_try_without(EPERM), 0);
    /* what it says of a path stands: no other way is tried */
    assert_int_equal(rows_try_without(EXDEV), 1);
    assert_int_equal(rows_try_without(ELOOP), 1);
}

static void
files_are_made_where_links_do_not_lead(void **state)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const open_fn ways[] = { pn_beneath_open, pn_beneath_walk };
    int folder = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
    struct stat st;

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(ways); i++) {
        fd = ways[i](folder, "a/folder/made", flags, 0600);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(stat("root/made", &st), 0);
        assert_int_equal(unlink("root/made"), 0);
        assert_true(ways[i](folder, "dangling", flags, 0600) < 0);
        assert_int_equal(errno, EEXIST);
        assert_true(ways[i](folder, "../made", flags, 0600) < 0);
        assert_int_equal(errno, EXDEV);
        assert_true(ways[i](folder, "folder-out/made", flags, 0600) < 0);
        assert_int_equal(errno, EXDEV);
    }
    close(folder);
}

/* A path as a program is given it, from TOP, and errno. */
static const struct {
    const char *path; /* behind TOP if it begins with "@" */
    int error;
} given[] = {
    { "root/in", 0 },
    { "./root//in", 0 },
    { "root/./in", 0 },
    { "root/a/../in", 0 },
    { "@/root/in", 0 },
    { "@//root/./a/up", 0 },
    { "@/root/../root/in", EXDEV },
    { "@/root/../secret", EXDEV },
    { "@/rootx/in", EXDEV },
    { "@/secret", EXDEV },
    { "rootx/in", EXDEV },
    { "secret", EXDEV },
    { "root/out", EXDEV },
    { "root/../secret", EXDEV },
    { "/etc/passwd", EXDEV },
    { "/proc/self/root/etc/passwd", EXDEV },
    { "/", EXDEV },
    { ".", EXDEV },
};

static void
given_try(void)
{
    for (size_t i = 0; i < PN_COUNT_OF(given); i++) {
        bool whole = given[i].path[0] == '@';
        char path[128];
        struct stat st;
        char *real;
        int fd, error;

        (void)snprintf(path, sizeof(path), "%s%s", whole ? top : "",
                       given[i].path + whole);
        fd = pn_files_open(path, O_RDONLY | O_CLOEXEC, 0);
        error = fd < 0 ? errno : 0;
        if (fd >= 0)
            close(fd);
        real = pn_files_real(path);
        if (error != given[i].error || pn_files_stat(path, &st) != !error ||
            (real != NULL) != !error || pn_files_is_outside(error) != (error == EXDEV))
            fail_msg("%s: %s", path, strerror(error));
        if (real) {
            (void)snprintf(path, sizeof(path), "%s/root/in", top);
            assert_string_equal(real, path);
        }
        free(real);
    }
}

static void
a_process_is_kept_in_its_root(void **state)
{
    char root[64];
    struct stat st;

    (void)state;
    assert_true(pn_files_stat("secret", &st));
    assert_false(pn_files_confine("nowhere"));
    assert_false(pn_files_confine("secret"));
    assert_null(pn_files_root());
    assert_true(pn_files_confine("root"));
    assert_string_equal(pn_files_root(), "root");
    given_try();
    (void)snprintf(root, sizeof(root), "%s/./root//", top);
    assert_true(pn_files_confine(root));
    given_try();
    assert_int_equal(chdir("root/a/b"), 0);
    assert_true(pn_files_stat("../../in", &st));
    assert_true(pn_files_stat("../.././in", &st));
    assert_false(pn_files_stat("../../../secret", &st));
    assert_int_equal(errno, EXDEV);
    assert_false(pn_files_stat("../../../rootx/in", &st));
    assert_int_equal(chdir("../../../rootx"), 0);
    assert_true(pn_files_stat("../root/in", &st));
    assert_false(pn_files_stat("in", &st));
    assert_int_equal(chdir(top), 0);
}

static void
files_of_the_kernel_are_known_by_any_name(void **state)
{
    static const char *const made_up[] = { "/proc/self/environ", "/sys/kernel/notes",
                                           "/proc/version", "/proc/self/ns/user" };
    int ends[2], fd;

    (void)state;
    assert_int_equal(symlink("/proc/self", "by-a-link"), 0);
    for (size_t i = 0; i < PN_COUNT_OF(made_up); i++) {
        fd = open(made_up[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue; /* not every kernel has it */
        assert_true(pn_files_is_of_kernel(fd));
        close(fd);
    }
    fd = open("by-a-link/environ", O_RDONLY | O_CLOEXEC);
    assert_true(pn_files_is_of_kernel(fd));
    close(fd);
    assert_int_equal(pipe(ends), 0);
    assert_false(pn_files_is_of_kernel(ends[0]));
    fd = open("secret", O_RDONLY | O_CLOEXEC);
    assert_false(pn_files_is_of_kernel(fd));
    close(fd);
    close(ends[0]);
    close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leads_out_of_a_folder),
        cmocka_unit_test(a_root_keeps_absolute_links_and_dots_inside),
        cmocka_unit_test(places_are_found_without_links),
        cmocka_unit_test(what_the_kernel_lacks_is_done_by_hand),
        cmocka_unit_test(files_are_made_where_links_do_not_lead),
        cmocka_unit_test(files_of_the_kernel_are_known_by_any_name),
        cmocka_unit_test(a_process_is_kept_in_its_root), /* the last: it stays there */
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
