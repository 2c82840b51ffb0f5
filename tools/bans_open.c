/* sqlite3 is not linked: who imports no bans does not need it. */
#define _GNU_SOURCE /* pipe2 */
#include "tools/bans_open.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "tools/child.h"

extern char **environ;

enum { SECONDS = 10 };

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
        error = pn_child_gather(ends[0], out, SECONDS, PN_SOURCE_SIZE_MAX);
        well = pn_child_end(child, error) == 0;
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
