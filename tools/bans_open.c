/* sqlite3 is not linked: who imports no bans does not need it. */
#define _GNU_SOURCE /* pipe2 */
#include "tools/bans_open.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"

extern char **environ;

enum { SECONDS = 10, CHUNK = 65536 };

static const char query[] =
    "select jail, ip, max(case when bantime < 0 then 9e15 else timeofban + bantime "
    "end) "
    "as ends from bans where bantime < 0 or timeofban + bantime > "
    "cast(strftime('%s', 'now') as integer) group by jail, ip order by jail, ip;";

/* Its output and what it says against us are one stream: what failed is in it. */
static int
spawn(const char *path, int out, pid_t *child)
{
    const char *const words[] = { "sqlite3",   "-init", "/dev/null", "-batch",
                                  "-readonly", "-safe", "-json",     path,
                                  query,       NULL };
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return error;
    error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, 2);
    if (!error)
        error = posix_spawnp(child, words[0], &actions, NULL, (char *const *)words,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* All of a pipe, until its end or the time is over. 0, or an errno. */
static int
gather(int fd, struct pn_buffer *into)
{
    int64_t until = now_ms() + SECONDS * 1000, left;
    struct pollfd one = { fd, POLLIN, 0 };
    ssize_t got = 1;

    while (got) {
        left = until - now_ms();
        if (left <= 0)
            return ETIMEDOUT;
        if (poll(&one, 1, (int)left) <= 0)
            continue;
        if (!pn_buffer_reserve(into, CHUNK))
            return ENOMEM;
        got = read(fd, into->bytes + into->size, CHUNK);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0)
            into->size += (size_t)got;
        if (into->size > PN_SOURCE_SIZE_MAX)
            return EFBIG;
    }
    return 0;
}

/* Does it leave with 0? */
static bool
ends_well(pid_t child, bool stop)
{
    int status = -1;

    if (stop)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The first line of what it said. */
static int
refused(struct pn_tool *tool, const char *name, struct pn_buffer *said)
{
    char line[160] = "it says nothing";
    size_t size = 0;

    while (size < said->size && size < sizeof(line) - 1 && said->bytes[size] >= ' ')
        size++;
    if (size) {
        memcpy(line, said->bytes, size);
        line[size] = '\0';
    }
    return pn_tool_failf(tool, PN_EXIT_USAGE, "%s: sqlite3 cannot read it: %s", name,
                         line);
}

static int
path_read(struct pn_tool *tool, const char *name, const char *path,
          struct pn_buffer *out)
{
    int ends[2], error;
    pid_t child = -1;
    bool well = false;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, name);
    error = spawn(path, ends[1], &child);
    close(ends[1]);
    if (error == ENOENT) {
        close(ends[0]);
        return pn_tool_fail_of(tool, PN_EXIT_USAGE, name,
                               "the program sqlite3 reads it, and is not installed");
    }
    if (!error) {
        error = gather(ends[0], out);
        well = ends_well(child, error);
    }
    close(ends[0]);
    if (error) {
        errno = error;
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, name);
    }
    return well ? PN_EXIT_OK : refused(tool, name, out);
}

int
pn_bans_open(struct pn_tool *tool, const char *name, struct pn_source *out)
{
    char *path = pn_files_real(name);
    struct pn_buffer text = { 0 };
    int status;

    if (!path)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, name);
    status = path_read(tool, name, path, &text);
    if (status == PN_EXIT_OK && !text.size)
        pn_buffer_add_text(&text, "[]"); /* there are no bans, and it prints none */
    if (status == PN_EXIT_OK &&
        (text.failed || !pn_source_from_text(out, name, pn_str_of(&text))))
        status = pn_tool_fail_memory(tool, name);
    pn_buffer_free(&text);
    free(path);
    return status;
}
