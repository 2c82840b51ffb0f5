/* The pager is a child that reads a pipe. */
#define _GNU_SOURCE /* pipe2 */
#include "tools/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sizes.h"

extern char **environ;

enum { CANNOT_RUN = 126 }; /* and 127: as shells tell it */

/* Keys that end the pager, and its end, must not end us before it. */
static const int held[] = { SIGINT, SIGQUIT, SIGPIPE };

void
pn_paged_begin(struct pn_paged *paged, const struct pn_tool *tool)
{
    *paged = (struct pn_paged){ .laid_out = tool->out_is_terminal };
    pn_output_begin(&paged->out, -1);
    paged->styled =
        tool->common && pn_tool_color(tool, tool->common, tool->out_is_terminal);
    paged->laid_out |= paged->styled;
    if (tool->out_is_terminal)
        pn_output_guard(&paged->out);
}

/* What the shell is to run; NULL for no pager. */
static const char *
command_of(const struct pn_tool *tool)
{
    if (!tool->out_is_terminal || tool->terminal_is_dumb)
        return NULL;
    if (!tool->pager)
        return "command -v less >/dev/null 2>&1 || exit 127\nexec less -FRX";
    return *tool->pager && strcmp(tool->pager, "cat") != 0 ? tool->pager : NULL;
}

/* The shell with the command, and `fd` as its input. An errno, or 0. */
static int
start(const char *command, int fd, pid_t *out)
{
    char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, strdup(command), NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int error = ENOMEM;

    if (!argv[2])
        return error;
    (void)sigemptyset(&defaults);
    for (size_t i = 0; i < PN_COUNT_OF(held); i++)
        (void)sigaddset(&defaults, held[i]);
    if (posix_spawn_file_actions_init(&files) == 0) {
        if (posix_spawnattr_init(&attributes) == 0) {
            error = posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
            if (!error)
                error = posix_spawnattr_setsigdefault(&attributes, &defaults);
            if (!error)
                error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
            if (!error)
                error = posix_spawn(out, "/bin/sh", &files, &attributes, argv, environ);
            (void)posix_spawnattr_destroy(&attributes);
        }
        (void)posix_spawn_file_actions_destroy(&files);
    }
    free(argv[2]);
    return error;
}

/* Did the pager run? What it did not read was not wanted. */
static bool
pager_run(const char *command, const struct pn_buffer *text)
{
    int ends[2], status = CANNOT_RUN << 8;
    bool started;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    started = start(command, ends[0], &child) == 0;
    close(ends[0]);
    if (started)
        (void)pn_write_all(ends[1], text->bytes, text->size);
    close(ends[1]);
    while (started && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return started && !(WIFEXITED(status) && WEXITSTATUS(status) >= CANNOT_RUN);
}

static bool
paged(const char *command, const struct pn_buffer *text)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before[PN_COUNT_OF(held)];
    bool shown;

    (void)setenv("LESS", "FRX", 0); /* for "less" without options of its own */
    for (size_t i = 0; i < PN_COUNT_OF(held); i++)
        (void)sigaction(held[i], &ignore,
                        &before[i]); /* these signals can be ignored */
    shown = pager_run(command, text);
    for (size_t i = 0; i < PN_COUNT_OF(held); i++)
        (void)sigaction(held[i], &before[i], NULL);
    return shown;
}

int
pn_paged_end(struct pn_paged *text, struct pn_tool *tool)
{
    const char *command = command_of(tool);
    struct pn_buffer *bytes = &text->out.pending;

    if (text->out.held_size)
        pn_output_paint(&text->out, "");
    pn_buffer_add(bytes, "", 1); /* its end, for what follows */
    if (bytes->failed) {
        pn_buffer_free(bytes);
        return pn_tool_fail_memory(tool, tool->verb->name);
    }
    bytes->size--;
    pn_progress_end(&tool->progress); /* before somebody else writes to the terminal */
    if (!command || !pn_output_flush(&tool->out) || !paged(command, bytes))
        pn_output_paint(&tool->out, bytes->bytes);
    pn_buffer_free(bytes);
    return PN_EXIT_OK;
}
