/* argv0 FILE NAME: runs FILE under another name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/command.h"
#include "server/fatal.h"
#include "server/spawn.h"

extern char **environ;

static const struct srv_command this = {
    .name = "argv0",
    .usage = "argv0: usage: argv0 realname program [ arg ... ]\n",
    .summary = "argv0 FILE NAME [ARGUMENT...]\n"
               "Runs the program in FILE, which is told that its name is NAME.\n",
};

int
main(int argc, char **argv)
{
    int at = srv_options_parse(&this, argc, argv, NULL);

    if (at <= 0)
        return at < 0 ? SRV_EXIT_PERMANENT : 0;
    if (argc - at < 2)
        return srv_usage(&this);
    srv_exec_file(argv[at], argv + at + 1, environ, getenv("PATH"));
    return srv_fatal(this.name, "unable to run", argv[at], errno);
}
