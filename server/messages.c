/* Which form the messages of a server have, and what both forms share. */
#include "server/messages.h"

#include "server/fatal.h"
#include "server/message_forms.h"
#include "server/server.h"

const char *const srv_refusal_words[] = {
    [SRV_ADMIT_ALLOW] = "allow",
    [SRV_ADMIT_DENY] = "deny",
    [SRV_ADMIT_LIMIT] = "limit",
    [SRV_ADMIT_RATE] = "rate",
    [SRV_ADMIT_PENALTY] = "penalty",
    /* as the patch has them, with the variable at the end of the line */
    [SRV_ADMIT_LOAD] = "deny",
    [SRV_ADMIT_PATCH] = "deny",
};

void
srv_messages_begin(struct srv_log *log, const char *who, bool patient,
                   enum srv_log_format format)
{
    srv_log_begin(log, who, patient);
    log->forms = format == SRV_LOG_JSON ? &srv_forms_json : &srv_forms_classic;
    if (log->forms->loss)
        log->loss = log->forms->loss;
    srv_fatal_say_by(log->forms->fatal);
}

void
srv_message_start(struct srv_server *server)
{
    server->log.forms->start(server);
}

void
srv_message_served(struct srv_server *server, pid_t pid,
                   const struct srv_client *client,
                   const struct postern_decision *decision)
{
    server->log.forms->served(server, pid, client, decision);
}

void
srv_message_refused(struct srv_server *server, const struct srv_client *client,
                    enum srv_admission admission,
                    const struct postern_decision *decision,
                    const struct srv_exceeded *exceeded)
{
    server->log.forms->refused(server, client, admission, decision, exceeded);
}

void
srv_message_dropped(struct srv_server *server, const struct srv_client *client,
                    const char *what, const char *name, const char *reason)
{
    server->log.forms->dropped(server, client, what, name, reason);
}

void
srv_message_gone(struct srv_server *server, const struct srv_client *client)
{
    server->log.forms->gone(server, client);
}

void
srv_message_failed(struct srv_server *server, const struct srv_client *client,
                   const char *reason)
{
    server->log.forms->failed(server, client, reason);
}

void
srv_message_ended(struct srv_server *server, pid_t pid, int status, int64_t begun_ns)
{
    server->log.forms->ended(server, pid, status, begun_ns);
}

void
srv_message_listen(struct srv_log *log, const struct srv_endpoint *end,
                   const char *reason)
{
    log->forms->listen(log, end, reason);
}

void
srv_message_warning(struct srv_log *log, const char *text, const char *reason)
{
    log->forms->warning(log, text, reason);
}

void
srv_message_cell(struct srv_log *log, const char *text)
{
    log->forms->cell(log, text);
}

void
srv_message_counters(struct srv_server *server)
{
    server->log.forms->counters(server);
}

void
srv_message_shadow(struct srv_server *server, const struct srv_client *client,
                   const struct srv_shadowed *shadowed)
{
    server->log.forms->shadow(server, client, shadowed);
}

static void
per_add(struct srv_line *line, const struct postern_per *per)
{
    srv_line_text(line, " per /");
    srv_line_number(line, per->v4);
    srv_line_text(line, ",/");
    srv_line_number(line, per->v6);
}

static void
tier_add(struct srv_line *line, const struct postern_limit *tier)
{
    srv_line_text(line, "-C ");
    srv_line_number(line, tier->n);
    srv_line_text(line, "/");
    if (tier->per.v4 != SRV_PER_NONE) {
        srv_line_number(line, tier->per.v4);
        srv_line_text(line, ":");
    }
    srv_line_number(line, tier->per.v6);
}

static void
limit_add(struct srv_line *line, const struct postern_decision *decision, uint32_t tier)
{
    struct postern_limit_iter more = decision->more_limits;
    struct postern_limit limit = decision->limit;

    for (uint32_t i = 0; i < tier; i++)
        if (!postern_limit_next(&more, &limit))
            return;
    srv_line_text(line, "limit ");
    srv_line_number(line, limit.n);
    per_add(line, &limit.per);
}

/* As a rule says it, whose units these are. */
static void
rate_add(struct srv_line *line, const struct postern_rate *rate)
{
    srv_line_text(line, "rate ");
    srv_line_number(line, rate->n);
    srv_line_text(line, rate->seconds == 1    ? "/sec"
                        : rate->seconds == 60 ? "/min"
                                              : "/hour");
    per_add(line, &rate->per);
}

void
srv_struck_say(const struct srv_server *server, enum srv_admission admission,
               const struct postern_decision *decision,
               const struct srv_exceeded *exceeded, struct srv_line *line)
{
    if (admission == SRV_ADMIT_RATE)
        rate_add(line, &decision->rate);
    if (admission == SRV_ADMIT_PENALTY) {
        srv_line_text(line, "penalty ");
        srv_line_number(line, exceeded->n);
    }
    if (admission != SRV_ADMIT_LIMIT)
        return;
    if (exceeded->struck == SRV_STRUCK_SOURCE)
        tier_add(line, &server->config->per_source.of[exceeded->tier]);
    else if (exceeded->struck == SRV_STRUCK_RULE)
        limit_add(line, decision, exceeded->tier);
    else if (exceeded->struck == SRV_STRUCK_PLACES) {
        srv_line_text(line, exceeded->tier ? "half of -c " : "-c ");
        srv_line_number(line, server->config->limit);
    } else
        srv_line_text(line, "look-ups");
}
