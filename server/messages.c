/* The lines of a server. */
#include "server/messages.h"

/* Begins a line with the program's name and a word. */
static void
begin(struct srv_line *line, const struct srv_log *log, const char *word)
{
    line->size = 0;
    srv_line_text(line, log->who);
    srv_line_text(line, ": ");
    srv_line_text(line, word);
}

void
srv_message_status(struct srv_log *log, size_t count, size_t limit)
{
    struct srv_line line;

    begin(&line, log, "status: ");
    srv_line_number(&line, count);
    srv_line_text(&line, "/");
    srv_line_number(&line, limit);
    srv_line_end(&line, log);
}

void
srv_message_pid(struct srv_log *log, pid_t pid, const struct srv_client *client)
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

void
srv_message_verdict(struct srv_log *log, const char *verdict, pid_t pid,
                    const struct srv_client *client)
{
    srv_message_refused(log, verdict, pid, client, NULL);
}

void
srv_message_refused(struct srv_log *log, const char *verdict, pid_t pid,
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
srv_message_struck_source(struct srv_log *log, pid_t pid,
                          const struct postern_limit *tier)
{
    struct srv_line line;

    begin(&line, log, "struck ");
    srv_line_number(&line, (unsigned long long)pid);
    srv_line_text(&line, " -C ");
    srv_line_number(&line, tier->n);
    srv_line_text(&line, "/");
    if (tier->per.v4 != SRV_PER_NONE) {
        srv_line_number(&line, tier->per.v4);
        srv_line_text(&line, ":");
    }
    srv_line_number(&line, tier->per.v6);
    srv_line_end(&line, log);
}

void
srv_message_struck_limit(struct srv_log *log, pid_t pid,
                         const struct postern_limit *limit)
{
    struct srv_line line;

    begin(&line, log, "struck ");
    srv_line_number(&line, (unsigned long long)pid);
    srv_line_text(&line, " limit ");
    srv_line_number(&line, limit->n);
    srv_line_text(&line, " per /");
    srv_line_number(&line, limit->per.v4);
    srv_line_text(&line, ",/");
    srv_line_number(&line, limit->per.v6);
    srv_line_end(&line, log);
}

void
srv_message_end(struct srv_log *log, pid_t pid, int status)
{
    struct srv_line line;

    begin(&line, log, "end ");
    srv_line_number(&line, (unsigned long long)pid);
    srv_line_text(&line, " status ");
    srv_line_number(&line, (unsigned)status);
    srv_line_end(&line, log);
}

void
srv_message_listen(struct srv_log *log, const struct srv_endpoint *end,
                   const char *reason)
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

void
srv_message_drop(struct srv_log *log, const char *what, const char *name,
                 const char *reason)
{
    struct srv_line line;

    begin(&line, log, "warning: dropping connection, unable to ");
    srv_line_text(&line, what);
    if (name) {
        srv_line_text(&line, " ");
        srv_line_text(&line, name);
    }
    srv_line_text(&line, ": ");
    srv_line_text(&line, reason);
    srv_line_end(&line, log);
}

void
srv_message_warning(struct srv_log *log, const char *text, const char *reason)
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
