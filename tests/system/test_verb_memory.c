/*
 * Every allocation of the toolkit's verbs fails in turn: each reports it and leaves
 * nothing behind.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/support/harness.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/no_memory.h"
#include "tools/propose.h"
#include "tools/verbs.h"

enum { WORDS_MAX = 8 };

static char folder[] = "/tmp/postern-verbs.XXXXXX";

static const struct {
    const char *name, *text;
} files[] = {
    { "old.rules", "postern: 1\nset s = 10.1.0.0/16, =h.example\n$s : allow, A=\"1\"\n"
                   "joe@10.0.0.1 : deny\n10.0.0.0/8 : block\n* : allow, limit 3\n"
                   "expect 10.0.0.1 : deny\nalways 10.0.0.0/8 : deny\n" },
    { "new.rules", "postern: 1\n10.0.0.0/9 : deny   # why\n=.example : allow, B=\"2\"\n"
                   "10.0.0.0/10 : deny\n* : allow\n" },
    { "classic.rules", "10.1.:allow,A=\"1\"\n10.:deny\n=.example:allow\n:deny\n" },
    { "six.rules", "fe80:::allow,A=\"1\"\nfe80::bad:deny\n2001:db8::1::allow\n"
                   "2001:db8:0::deny\n:deny\n" },
    { "has.rules",
      "postern: 1\ninclude \"six.rules\"\n2001:db8::/49 : deny\n* : deny\n" },
    { "weak.rules", "postern: 1\nset s = 10.1.0.0/16, =h.example\n$s : allow, A=\"1\"\n"
                    "joe@10.0.0.1 : deny\n10.0.0.0/8 : block\n* : allow, limit 3\n"
                    "always 10.0.0.0/9 : deny\n" },
    { "wish.rules", "postern: 1\nexpect 10.0.0.1 : allow, A=\"1\"\n" },
    { "feed", "10.1.0.0/16\n10.1.2.3\n" },
    { "fed.rules",
      "postern: 1\nset f = file \"feed\"\n$f, 10.2.0.0/16 : deny\n"
      "10.1.2.3 : deny\n10.2.1.0/24 except $f : allow, AXFR=\"a,b\"\n"
      "* : allow, RELAYCLIENT=\"\"\nalways !10.1.0.0/16 : !RELAYCLIENT\n" },
    { "fetched", "10.9.0.0/16\n192.0.2.1\n2001:db8::/40\n" },
    { "kept.rules",
      "postern: 1\nset s = 192.0.2.0/24\nfile \"feed\" at least 9 : deny\n"
      "$s : allow\n* : allow\nexpect 192.0.2.1 : allow\n" },
    { ".postern", "only = P3\nbaseline = known\nserver = -H\ntrusted = 10.0.0.0/8\n" },
    { "known", "new.rules: P301 10.0.0.0/10 deny\n" },
    { "tree/etc/tcp.smtp", "10.:allow,A=\"1\"\n:deny\n" },
    { "tree/service/smtp/run", "exec tcpserver -x /etc/tcp.smtp.cdb 0 smtp true\n" },
    { "tree/service/smtp/log/run", "exec multilog t ./main\n" },
    { "tree/service/smtp/log/main/current",
      "tcpserver: ok 1 a:10.0.0.1:25 :10.1.1.1::5\n" },
    { "tree/etc/inetd.conf", "ftp stream tcp nowait ann /bin/tcpd in.ftpd -l\n"
                             "talk dgram udp wait ann /bin/talkd\n" },
    { "tree/etc/hosts.allow", "in.ftpd: 10.1. .example.com\nnobody: ALL\n" },
    { "tree/etc/xinetd.conf",
      "defaults\n{\nonly_from = 10.0.0.0/8\n}\nservice pop\n{\nenv = A=1\n"
      "socket_type = stream\nserver = /bin/popd\nserver_args = -v\n}\n" },
    { "tree/etc/nginx/nginx.conf", "geo $a { default 0; 10.0.0.0/8 1; }\n"
                                   "server { allow 10.1.1.1; deny all; }\n" },
    { "tree/etc/ssh/sshd_config", "AllowUsers *@10.1.1.1\n" },
    { "log", "10.1.2.3\n10.0.0.1\th.example\tjoe\n::1\n" },
};

/* The verb at hand, and its words. */
static const char *verb;
static const char *words[WORDS_MAX];

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path);
}

static bool
verb_once(void)
{
    struct pn_tool tool = { .out = { .fd = -1 }, .err = { .fd = -1 } };
    char *argv[WORDS_MAX + 1] = { NULL }, copies[WORDS_MAX][64];
    int argc = 0, status;
    bool good;

    (void)nftw("over", entry_remove, 8, FTW_DEPTH | FTW_PHYS); /* of the time before */
    for (; argc < WORDS_MAX && words[argc]; argc++) {
        snprintf(copies[argc], sizeof(copies[argc]), "%s", words[argc]);
        argv[argc] = copies[argc];
    }
    tool.verb = strcmp(verb, "propose") == 0 ? &pn_verb_propose : pn_verb_find(verb);
    status = tool.verb->run(&tool, argc, argv);
    if (status == PN_EXIT_USAGE)
        fail_msg("%s %s %s: lack of memory is reported as wrong usage", verb, words[0],
                 words[1] ? words[1] : "");
    good = (status == PN_EXIT_OK || status == PN_EXIT_FINDINGS) &&
           !tool.out.pending.failed;
    pn_buffer_free(&tool.out.pending);
    pn_buffer_free(&tool.err.pending);
    return good;
}

static void
verbs_survive_every_failed_allocation(void **state)
{
    static const struct {
        const char *verb;
        const char *words[WORDS_MAX];
    } runs[] = {
        { "diff", { "old.rules", "new.rules" } },
        { "diff", { "old.rules", "classic.rules", "--format", "json" } },
        { "diff",
          { "old.rules", "new.rules", "--format", "markdown", "--weigh", "log" } },
        { "diff", { "old.rules", "new.rules", "--only", "10.0.0.0/8,=h.example" } },
        { "diff",
          { "old.rules", "new.rules", "--only", "10.0.0.0/8 except 10.1.2.0/24" } },
        { "diff", { "old.rules", "new.rules", "--only", "joe@10.0.0.1" } },
        { "diff", { "old.rules", "weak.rules", "--forbid", "looser" } },
        { "diff", { "old.rules", "weak.rules", "--format", "json" } },
        { "diff", { "classic.rules", "six.rules" } },
        { "lint", { "has.rules", "--strict" } },
        { "lint",
          { "has.rules", "--trusted", "10.9.0.0/16", "--server", "-u 7 -x x 0 1 a" } },
        { "who", { "six.rules", "A" } },
        { "check", { "six.rules", "fe80::/10" } },
        { "test", { "six.rules", "--pin" } },
        { "test", { "has.rules", "--coverage" } },
        { "fmt", { "--check", "new.rules" } },
        { "lint", { "fed.rules" } },
        { "dump", { "old.rules" } },
        { "dump", { "classic.rules", "--verify" } },
        { "minimize", { "new.rules" } },
        { "stats", { "old.rules" } },
        { "map", { "old.rules", "-o", "-", "--order", "2" } },
        { "map", { "old.rules", "new.rules", "-o", "-", "--order", "2" } },
        { "replay", { "old.rules", "new.rules", "log", "-j", "1" } },
        { "replay", { "old.rules", "new.rules", "log", "-j", "1", "--emit" } },
        { "test", { "old.rules", "--coverage", "--mutate" } },
        { "test", { "old.rules", "--suggest" } },
        { "test", { "old.rules", "--pin" } },
        { "check", { "old.rules", "10.0.0.1", "--make", "allow" } },
        { "propose", { "old.rules", "--wish", "wish.rules" } },
        { "propose", { "classic.rules", "--wish", "wish.rules" } },
        { "merge", { "-p", "old.rules", "old.rules", "new.rules" } },
        { "feed", { "feed", "fetched", "--min", "9", "--protect", "kept.rules" } },
        { "feed",
          { "feed", "fetched", "--protect", "kept.rules", "--format", "json" } },
        { "feed",
          { "feed", "fetched", "--max-loss=none", "--max-gain=none", "-v", "-o",
            "x.cdb" } },
        { "completion", { "zsh" } },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(runs); i++) {
        verb = runs[i].verb;
        memcpy(words, runs[i].words, sizeof(words));
        pn_memory_sweep(verb_once, 1);
    }
}

static void
trees_survive_every_failed_allocation(void **state)
{
    static const char *const runs[][4] = {
        { "tree" },
        { "tree", "--format", "json" },
        { "tree", "-o", "over" },
    };

    (void)state;
    verb = "adopt";
    for (size_t i = 0; i < PN_COUNT_OF(runs); i++) {
        memset(words, 0, sizeof(words));
        memcpy(words, runs[i], sizeof(runs[i]));
        pn_memory_sweep(verb_once, 1);
    }
}

/* The last of all: it is the process that is kept in the folder. */
static void
roots_survive_every_failed_allocation(void **state)
{
    static const struct {
        const char *verb;
        const char *words[WORDS_MAX];
    } runs[] = {
        { "lint", { "--root", ".", "new.rules" } },
        { "lint", { "--root", folder, "--config", ".postern", "classic.rules" } },
        { "check", { "--root", ".", "has.rules", "fe80::bad" } },
        { "compile", { "--root", ".", "new.rules", "-o", "x.cdb" } },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(runs); i++) {
        verb = runs[i].verb;
        memcpy(words, runs[i].words, sizeof(words));
        pn_memory_sweep(verb_once, 1);
    }
}

/* Two commits, of which the second renames the file. */
static void
blame_survives_every_failed_allocation(void **state)
{
    static const char *const blamed[] = { "git.rules", "10.0.0.1" };
    static const char history[] =
        "git init -q . && git add old.rules && git $WHO commit -q -m first && "
        "git mv old.rules git.rules && git $WHO commit -q -m second && "
        "git checkout -q HEAD~1 -- old.rules";

    (void)state;
    assert_int_equal(setenv("WHO", "-c user.name=n -c user.email=e@example.com", 1), 0);
    assert_int_equal(system(history), 0);
    verb = "blame";
    memset(words, 0, sizeof(words));
    memcpy(words, blamed, sizeof(blamed));
    pn_memory_sweep(verb_once, 1);
    assert_int_equal(system("rm -rf .git git.rules"), 0);
}

/* Those that a file stands in. */
static bool
folders_make(const char *name)
{
    char path[64];

    for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
        (void)snprintf(path, sizeof(path), "%.*s", (int)(at - name), name);
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static int
setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) < 0)
        return -1;
    for (size_t i = 0; i < PN_COUNT_OF(files); i++) {
        FILE *out;

        if (!folders_make(files[i].name))
            return -1;
        out = fopen(files[i].name, "w");

        if (!out || fputs(files[i].text, out) < 0 || fclose(out) != 0)
            return -1;
    }
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(files); i++)
        unlink(files[i].name);
    unlink("x.cdb");
    if (system("rm -rf tree over") != 0)
        return -1;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_survive_every_failed_allocation),
        cmocka_unit_test(trees_survive_every_failed_allocation),
        cmocka_unit_test(blame_survives_every_failed_allocation),
        cmocka_unit_test(roots_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
