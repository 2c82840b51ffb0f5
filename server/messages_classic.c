/* The lines of a server in the original's words. */
#include "server/message_forms.h"

#include "server/fatal.h"
#include "server/server.h"

/* Begins a line with the program's name and a word. */
static void
begin(struct srv_line *line, const struct srv_log *log, const char *word)
{
    line->size = 0;
    srv_line_text(line, log->who);
    srv_line_text(line, ": ");
    srv_line_text(line, word);
}

static void
say_status(struct srv_server *server, size_t count)
{
    struct srv_line line;

    begin(&line, &server->log, "status: ");
    srv_line_number(&line, count);
    srv_line_text(&line, "/");
    srv_line_number(&line, server->config->limit);
    srv_line_end(&line, &server->log);
}

static void
say_pid(struct srv_log *log, pid_t pid, const struct srv_client *client)
{
    struct srv_line line;

    begin(&line, log, "pid ");
    srv_line_number(&line, (unsigned long long)pid);
    srv_line_text(&line, " from ");
    srv_line_field(&line, client->remote_text);
    srv_line_end(&line, log);
}

static void
add_address(struct srv_line *line, const struct srv_endpoint *end)
{
    char text[POSTERN_ADDR_TEXT_SIZE];

    (void)srv_addr_print_mapped(&end->addr, text); /* the length is of no use here */
    srv_line_text(line, text);
}

/*
 * Behind an IPv6 address a colon of an ident could pass for one of the address, and the
 * line for that of another client.
 */
static void
add_ident(struct srv_line *line, const struct srv_client *client)
{
    srv_line_field_except(line, client->ident,
                          client->remote.addr.family == 4 ? '\0' : ':');
}

/* The line of a connection, with what `more` has behind it; NULL for nothing. */
static void
say_connection(struct srv_log *log, const char *verdict, pid_t pid,
               const struct srv_client *client, const struct srv_line *more)
{
    struct srv_line line;

    begin(&line, log, verdict);
    srv_line_text(&line, " ");
    srv_line_number(&line, (unsigned long long)pid);
    srv_line_text(&line, " ");
    srv_line_field(&line, client->local_host);
    srv_line_text(&line, ":");
    add_address(&line, &client->local);
    srv_line_text(&line, ":");
    srv_line_number(&line, client->local.port);
    srv_line_text(&line, " ");
    srv_line_field(&line, client->host);
    srv_line_text(&line, ":");
    add_address(&line, &client->remote);
    srv_line_text(&line, ":");
    add_ident(&line, client);
    srv_line_text(&line, ":");
    srv_line_number(&line, client->remote.port);
    if (more)
        srv_line_add(&line, more);
    srv_line_end(&line, log);
}

void
srv_message_verdict(struct srv_log *log, const char *verdict, pid_t pid,
                    const struct srv_client *client)
{
    say_connection(log, verdict, pid, client, NULL);
}

static void
say_end(struct srv_server *server, pid_t pid, int status)
{
    struct srv_line line;

    begin(&line, &server->log, "end ");
    srv_line_number(&line, (unsigned long long)pid);
    srv_line_text(&line, " status ");
    srv_line_number(&line, (unsigned)status);
    srv_line_end(&line, &server->log);
    say_status(server, server->children.count);
}

static void
start(struct srv_server *server)
{
    say_status(server, 0);
}

static void
served(struct srv_server *server, pid_t pid, const struct srv_client *client,
       const struct postern_decision *decision)
{
    (void)decision;
    say_status(server, server->children.count + 1);
    say_pid(&server->log, pid, client);
    say_connection(&server->log, "ok", pid, client, NULL);
}

/*
 * A connection without a process has the server's own pid in its lines, which are
 * otherwise those of one with a process.
 */
static void
say_begin(struct srv_server *server, const struct srv_client *client)
{
    say_status(server, server->children.count + 1);
    say_pid(&server->log, server->pid, client);
}

/* A line of its own, so that the one before is what it is without tiers. */
static void
say_struck(struct srv_server *server, enum srv_admission admission,
           const struct postern_decision *decision, const struct srv_exceeded *exceeded)
{
    struct srv_line line;

    begin(&line, &server->log, "struck ");
    srv_line_number(&line, (unsigned long long)server->pid);
    srv_line_text(&line, " ");
    srv_struck_say(server, admission, decision, exceeded, &line);
    srv_line_end(&line, &server->log);
}

static void
refused(struct srv_server *server, const struct srv_client *client,
        enum srv_admission admission, const struct postern_decision *decision,
        const struct srv_exceeded *exceeded)
{
    struct srv_line more; /* not cleared: it is large, and hardly ever used */

    more.size = 0;
    if (srv_admission_is_of_patch(admission)) {
        srv_line_text(&more, " ");
        srv_limits_patch_say(&server->limits_patch, &more);
    }
    say_begin(server, client);
    say_connection(&server->log, srv_refusal_words[admission], server->pid, client,
                   &more);
    if (admission == SRV_ADMIT_LIMIT && exceeded->several)
        say_struck(server, admission, decision, exceeded);
    say_end(server, server->pid, SRV_EXIT_PERMANENT << 8);
}

static void
say_drop(struct srv_server *server, const char *what, const char *name,
         const char *reason)
{
    struct srv_line line;

    begin(&line, &server->log, "warning: dropping ");
    srv_line_text(&line, server->config->command->unit);
    srv_line_text(&line, ", unable to ");
    srv_line_text(&line, what);
    if (name) {
        srv_line_text(&line, " ");
        srv_line_text(&line, name);
    }
    srv_line_text(&line, ": ");
    srv_line_text(&line, reason);
    srv_line_end(&line, &server->log);
}

static void
dropped(struct srv_server *server, const struct srv_client *client, const char *what,
        const char *name, const char *reason)
{
    if (srv_server_is_verbose(server))
        say_begin(server, client);
    if (server->config->verbosity >= SRV_ERRORS)
        say_drop(server, what, name, reason);
    if (srv_server_is_verbose(server))
        say_end(server, server->pid, SRV_EXIT_TEMPORARY << 8);
}

static void
gone(struct srv_server *server, const struct srv_client *client)
{
    if (srv_server_is_verbose(server))
        say_begin(server, client);
    srv_server_warn_repeated(server, &server->no_client, "look-ups of clients",
                             "the client has gone");
    if (srv_server_is_verbose(server))
        say_end(server, server->pid, SRV_EXIT_TEMPORARY << 8);
}

static void
failed(struct srv_server *server, const struct srv_client *client, const char *reason)
{
    (void)client;
    say_drop(server, "run", server->config->program[0], reason);
}

static void
ended(struct srv_server *server, pid_t pid, int status, int64_t begun_ns)
{
    (void)begun_ns;
    say_end(server, pid, status);
}

static void
listens(struct srv_log *log, const struct srv_endpoint *end, const char *reason)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct srv_line line;

    (void)postern_addr_print(&end->addr, text); /* the length is of no use here */
    begin(&line, log, reason ? "warning: not listening at " : "listening at ");
    srv_line_text(&line, text);
    srv_line_text(&line, " port ");
    srv_line_number(&line, end->port);
    if (reason) {
        srv_line_text(&line, ": ");
        srv_line_text(&line, reason);
    }
    srv_line_end(&line, log);
}

static void
warning(struct srv_log *log, const char *text, const char *reason)
{
    struct srv_line line;

    begin(&line, log, "warning: ");
    srv_line_text(&line, text);
    if (reason) {
        srv_line_text(&line, ": ");
        srv_line_text(&line, reason);
    }
    srv_line_end(&line, log);
}

static void
cell(struct srv_log *log, const char *text)
{
    struct srv_line line;

    begin(&line, log, "look-ups are apart: ");
    srv_line_text(&line, text);
    srv_line_end(&line, log);
}

/* "allow at mail.rules:4 10.0.0.0/8". */
static void
rule_say(struct srv_line *line, const struct postern_rules *rules,
         const struct postern_decision *decision)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    char text[128];

    srv_line_text(line, decision->verdict == POSTERN_ALLOW ? "allow" : "deny");
    if (decision->rule == POSTERN_RULE_NONE ||
        postern_rules_origin(rules, decision->rule, &origin) != POSTERN_OK) {
        srv_line_text(line, " by no rule");
        return;
    }
    srv_line_text(line, " at ");
    if (origin.file.ptr) {
        srv_line_piece(line, text, sizeof(text), origin.file);
        srv_line_text(line, ":");
        srv_line_number(line, origin.line);
        srv_line_text(line, " ");
    }
    srv_line_piece(line, text, sizeof(text), origin.target);
}

static void
differences_say(struct srv_line *line, unsigned differences)
{
    const char *before = "";

    for (size_t i = 0; i < PN_COUNTS_DIFFERENCES; i++)
        if (differences & 1u << i) {
            srv_line_text(line, before);
            srv_line_text(line, pn_counts_difference_words[i]);
            before = ", ";
        }
}

static void
shadow(struct srv_server *server, const struct srv_client *client,
       const struct srv_shadowed *shadowed)
{
    struct srv_line line;

    begin(&line, &server->log, "shadow: ");
    srv_line_text(&line, client->remote_text);
    srv_line_text(&line, ": ");
    rule_say(&line, server->rules.in_force, shadowed->live);
    srv_line_text(&line, ", and ");
    rule_say(&line, server->shadow.rules.in_force, shadowed->shadow);
    srv_line_text(&line, " (");
    differences_say(&line, shadowed->differences);
    if (shadowed->clients > 1) {
        srv_line_text(&line, "; ");
        srv_line_number(&line, shadowed->clients);
        srv_line_text(&line, " clients");
    }
    srv_line_text(&line, ")");
    srv_line_end(&line, &server->log);
}

static void
counters(struct srv_server *server)
{
    struct srv_line line;

    begin(&line, &server->log, "counters:");
    srv_server_counters(server, &line);
    srv_line_end(&line, &server->log);
}

const struct srv_forms srv_forms_classic = {
    .start = start,
    .served = served,
    .refused = refused,
    .dropped = dropped,
    .gone = gone,
    .failed = failed,
    .ended = ended,
    .listen = listens,
    .warning = warning,
    .cell = cell,
    .shadow = shadow,
    .counters = counters,
};
