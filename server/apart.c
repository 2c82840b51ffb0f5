/* What holds a cell is told under -v, and its end as a warning. */
#include "server/apart.h"

#include "server/cell_message.h"
#include "server/messages.h"

bool
srv_apart_is_wanted(const struct srv_config *config)
{
    return config->cell &&
           (config->lookup_host || !config->local_host || config->lookup_ident);
}

static void
held_say(struct srv_server *server)
{
    static const struct {
        unsigned held;
        const char *words;
    } rows[] = {
        { SRV_CELL_NO_PRIVILEGES, "no new privileges" },
        { SRV_CELL_OWN_USER, "a user of its own" },
        { SRV_CELL_NO_ROOT, "an empty root" },
        { SRV_CELL_NO_FILES, "no files" },
        { SRV_CELL_FEW_CALLS, "few system calls" },
    };
    struct srv_line line = { .size = 0 };
    const char *apart = "";

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (server->cell.held & rows[i].held) {
            srv_line_text(&line, apart);
            srv_line_text(&line, rows[i].words);
            apart = ", ";
        }
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    srv_message_cell(&server->log, line.size ? line.bytes : "nothing");
}

static void
on_cell(void *payload, enum srv_cell_event event)
{
    struct srv_server *server = payload;

    if (event == SRV_CELL_IS_HELD) {
        if (server->config->verbosity == SRV_VERBOSE)
            held_say(server);
    } else
        srv_server_warn_repeated(server, &server->no_cell, "look-ups of -S",
                                 event == SRV_CELL_IS_LOST
                                     ? "their process has ended, and another begins"
                                     : "their processes are gone");
}

bool
srv_apart_begin(struct srv_server *server)
{
    return srv_cell_attach(&server->cell, server->loop, on_cell, server);
}
