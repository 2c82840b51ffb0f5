/* Functions of a server that all of its parts use. */
#include "server/server.h"

#include <string.h>

#include "base/sizes.h"
#include "server/clock.h"
#include "server/messages.h"

enum { WARN_EVERY_MS = 1000 };

bool
srv_server_is_verbose(const struct srv_server *server)
{
    return server->config->verbosity == SRV_VERBOSE;
}

void
srv_server_warn_repeated(struct srv_server *server,
                         struct srv_repeated_warning *warning, const char *text,
                         const char *reason)
{
    int64_t now_ms = srv_now_ms();
    struct srv_line line = { .size = 0 };

    warning->count++;
    if (now_ms < warning->next_ms || server->config->verbosity < SRV_ERRORS)
        return;
    srv_line_text(&line, text);
    if (warning->count > 1) {
        srv_line_text(&line, " (");
        srv_line_number(&line, warning->count);
        srv_line_text(&line, " times)");
    }
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    srv_message_warning(&server->log, line.bytes, reason);
    warning->next_ms = now_ms + WARN_EVERY_MS;
    warning->count = 0;
}

void
srv_server_count(const struct srv_server *server,
                 struct srv_counter counters[SRV_COUNTERS])
{
    const struct srv_counter values[] = {
        { "accepted", server->tally.accepted },
        { "served", server->tally.served },
        { "denied", server->tally.denied },
        { "limited", server->tally.limited },
        { "dropped", server->tally.dropped },
        { "live", server->children.count },
        { "looking", server->lookup_places.under_way.count },
        { "waiting", server->ready.count + server->deferred.count +
                         server->arrival_count +
                         server->lookup_places.half_closed.count },
        { "forgotten",
          server->counters.rates.evicted + server->counters.penalties.evicted },
        { "loads", server->rules.generation },
        { "penalised", server->tally.penalised },
    };

    _Static_assert(PN_COUNT_OF(values) == SRV_COUNTERS, "room for each");
    memcpy(counters, values, sizeof(values));
}

void
srv_server_counters(const struct srv_server *server, struct srv_line *line)
{
    struct srv_counter counters[SRV_COUNTERS];

    srv_server_count(server, counters);
    for (size_t i = 0; i < SRV_COUNTERS; i++) {
        srv_line_text(line, " ");
        srv_line_text(line, counters[i].name);
        srv_line_text(line, " ");
        srv_line_number(line, counters[i].value);
    }
}
