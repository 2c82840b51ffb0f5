/*
 * The lines of a server as objects: docs/schema/log.json. How much of a text stands is
 * chosen so that the longest line of all has room: tests/unit/server/test_json_line.c.
 */
#include <errno.h>
#include <unistd.h>

#include "base/output.h"
#include "server/clock.h"
#include "server/json_line.h"
#include "server/message_forms.h"
#include "server/server.h"

/* Bytes of a text as written; what is longer is cut. */
enum {
    NAME_MOST = 300, /* a name of DNS, or an ident, that needs no escape */
    PLACE_MOST = 200,
    LOCAL_MOST = 255,
    TEXT_MOST = 700, /* of a warning, a drop: half of it is the reason's */
    SHORT = 100      /* what is ours, and never longer */
};

static void
line_end(struct srv_line *line, struct srv_log *log)
{
    srv_json_end(line);
    srv_log_line(log, line->bytes, line->size);
}

static void
add_client(struct srv_line *line, const struct srv_client *client)
{
    srv_json_string(line, "address", client->remote_text, SHORT);
    srv_json_number(line, "port", client->remote.port);
    if (*client->local_text) {
        srv_json_string(line, "local_address", client->local_text, SHORT);
        srv_json_number(line, "local_port", client->local.port);
    }
    srv_json_string(line, "host", client->host, NAME_MOST);
    srv_json_string(line, "ident", client->ident, NAME_MOST);
    srv_json_string(line, "local_host", client->local_host, LOCAL_MOST);
}

/* The names of what is told of a rule. */
struct rule_names {
    const char *verdict, *step, *file, *line, *target, *policy;
};

static const struct rule_names in_force = { "verdict", "step",   "file",
                                            "line",    "target", "policy" };
static const struct rule_names in_shadow = { "shadow_verdict", "shadow_step",
                                             "shadow_file",    "shadow_line",
                                             "shadow_target",  "shadow_policy" };

/* Which rule has decided, and of which policy; nothing where none was asked. */
static void
add_rule(struct srv_line *line, const struct rule_names *names,
         const struct srv_rules *rules, const struct postern_decision *decision)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (!rules->in_force)
        return;
    if (!srv_is_undecided(decision)) {
        srv_json_string(line, names->step, postern_step_text(decision->step), SHORT);
        if (decision->rule != POSTERN_RULE_NONE &&
            postern_rules_origin(rules->in_force, decision->rule, &origin) ==
                POSTERN_OK) {
            srv_json_text(line, names->file, origin.file, PLACE_MOST);
            if (origin.line)
                srv_json_number(line, names->line, origin.line);
            srv_json_text(line, names->target, origin.target, PLACE_MOST);
        }
    }
    srv_json_string(line, names->policy, rules->policy, SHORT);
}

/* What a connection came to; its places are counted with its own, if it has one. */
static void
say_connection(struct srv_server *server, pid_t pid, const struct srv_client *client,
               enum srv_admission admission, const struct postern_decision *decision,
               const struct srv_line *struck)
{
    size_t live = server->children.count + (admission == SRV_ADMIT_ALLOW);
    struct srv_line line;

    srv_json_begin(&line, "connection");
    srv_json_number(&line, "pid", (unsigned long long)pid);
    add_client(&line, client);
    srv_json_string(&line, in_force.verdict, srv_refusal_words[admission], SHORT);
    add_rule(&line, &in_force, &server->rules, decision);
    if (struck)
        srv_json_text(&line, "struck",
                      (struct postern_str){ struck->bytes, struck->size }, SHORT);
    srv_json_number(&line, "live", live);
    srv_json_number(&line, "limit", server->config->limit);
    if (client->decision_ns)
        srv_json_number(&line, "decision_us",
                        (unsigned long long)client->decision_ns / 1000);
    if (client->lookup_ns)
        srv_json_number(&line, "lookup_us",
                        (unsigned long long)client->lookup_ns / 1000);
    line_end(&line, &server->log);
}

/* That nobody has come yet is told by no object. */
static void
start(struct srv_server *server)
{
    (void)server;
}

static void
served(struct srv_server *server, pid_t pid, const struct srv_client *client,
       const struct postern_decision *decision)
{
    say_connection(server, pid, client, SRV_ADMIT_ALLOW, decision, NULL);
}

static void
refused(struct srv_server *server, const struct srv_client *client,
        enum srv_admission admission, const struct postern_decision *decision,
        const struct srv_exceeded *exceeded)
{
    struct srv_line struck;

    struck.size = 0;
    if (srv_admission_is_of_patch(admission))
        srv_limits_patch_say(&server->limits_patch, &struck);
    else
        srv_struck_say(server, admission, decision, exceeded, &struck);
    say_connection(server, server->pid, client, admission, decision,
                   struck.size ? &struck : NULL);
}

/* A connection that came to nothing, for a reason that is not the client's. */
static void
say_drop(struct srv_server *server, pid_t pid, const struct srv_client *client,
         const struct srv_line *text, const char *reason)
{
    struct srv_line line;

    srv_json_begin(&line, "drop");
    srv_json_number(&line, "pid", (unsigned long long)pid);
    srv_json_string(&line, "address", client->remote_text, SHORT);
    srv_json_number(&line, "port", client->remote.port);
    if (*client->local_text) {
        srv_json_string(&line, "local_address", client->local_text, SHORT);
        srv_json_number(&line, "local_port", client->local.port);
    }
    srv_json_text(&line, "text", (struct postern_str){ text->bytes, text->size },
                  TEXT_MOST);
    srv_json_string(&line, "reason", reason, TEXT_MOST / 2);
    srv_json_number(&line, "live", server->children.count);
    srv_json_number(&line, "limit", server->config->limit);
    line_end(&line, &server->log);
}

static void
text_begin(struct srv_line *text, const char *what, const char *name)
{
    text->size = 0;
    srv_line_text(text, "unable to ");
    srv_line_text(text, what);
    if (name) {
        srv_line_text(text, " ");
        srv_line_text(text, name);
    }
}

static void
dropped(struct srv_server *server, const struct srv_client *client, const char *what,
        const char *name, const char *reason)
{
    struct srv_line text;

    if (server->config->verbosity < SRV_ERRORS)
        return;
    text_begin(&text, what, name);
    say_drop(server, server->pid, client, &text, reason);
}

/* Under -v each of them is told of, and no warning sums them up. */
static void
gone(struct srv_server *server, const struct srv_client *client)
{
    static const char why[] = "the client has gone";
    struct srv_line text;

    if (!srv_server_is_verbose(server)) {
        srv_server_warn_repeated(server, &server->no_client, "look-ups of clients",
                                 why);
        return;
    }
    text_begin(&text, "look up", client->remote_text);
    say_drop(server, server->pid, client, &text, why);
}

/* In the child, whose pid it is. */
static void
failed(struct srv_server *server, const struct srv_client *client, const char *reason)
{
    struct srv_line text;

    text_begin(&text, "run", server->config->program[0]);
    say_drop(server, getpid(), client, &text, reason);
}

static void
ended(struct srv_server *server, pid_t pid, int status, int64_t begun_ns)
{
    struct srv_line line;

    srv_json_begin(&line, "end");
    srv_json_number(&line, "pid", (unsigned long long)pid);
    srv_json_number(&line, "status", (unsigned)status);
    if (begun_ns)
        srv_json_number(&line, "duration_us",
                        (unsigned long long)(srv_now_ns() - begun_ns) / 1000);
    srv_json_number(&line, "live", server->children.count);
    srv_json_number(&line, "limit", server->config->limit);
    line_end(&line, &server->log);
}

static void
listens(struct srv_log *log, const struct srv_endpoint *end, const char *reason)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct srv_line line;

    (void)postern_addr_print(&end->addr, text); /* the length is of no use here */
    srv_json_begin(&line, "listen");
    srv_json_string(&line, "local_address", text, SHORT);
    srv_json_number(&line, "local_port", end->port);
    srv_json_string(&line, "reason", reason, TEXT_MOST / 2);
    line_end(&line, log);
}

static void
warning(struct srv_log *log, const char *text, const char *reason)
{
    struct srv_line line;

    srv_json_begin(&line, "warning");
    srv_json_string(&line, "text", text, TEXT_MOST);
    srv_json_string(&line, "reason", reason, TEXT_MOST / 2);
    line_end(&line, log);
}

static void
cell(struct srv_log *log, const char *text)
{
    struct srv_line line;

    srv_json_begin(&line, "cell");
    srv_json_string(&line, "text", text, TEXT_MOST);
    line_end(&line, log);
}

static void
add_decision(struct srv_line *line, const struct rule_names *names,
             const struct srv_rules *rules, const struct postern_decision *decision)
{
    srv_json_string(line, names->verdict,
                    decision->verdict == POSTERN_ALLOW ? "allow" : "deny", SHORT);
    add_rule(line, names, rules, decision);
}

static void
shadow(struct srv_server *server, const struct srv_client *client,
       const struct srv_shadowed *shadowed)
{
    struct srv_line line;

    srv_json_begin(&line, "shadow");
    srv_json_string(&line, "address", client->remote_text, SHORT);
    srv_json_number(&line, "port", client->remote.port);
    add_decision(&line, &in_force, &server->rules, shadowed->live);
    add_decision(&line, &in_shadow, &server->shadow.rules, shadowed->shadow);
    srv_json_words(&line, "differences", pn_counts_difference_words,
                   PN_COUNTS_DIFFERENCES, shadowed->differences);
    srv_json_number(&line, "clients", shadowed->clients);
    line_end(&line, &server->log);
}

static void
counters(struct srv_server *server)
{
    struct srv_counter values[SRV_COUNTERS];
    struct srv_line line;

    srv_server_count(server, values);
    srv_json_begin(&line, "counters");
    for (size_t i = 0; i < SRV_COUNTERS; i++)
        srv_json_number(&line, values[i].name, values[i].value);
    line_end(&line, &server->log);
}

static void
loss(struct srv_line *line, const struct srv_log *log)
{
    srv_json_begin(line, "lost");
    srv_json_number(line, "lines", log->lost);
    srv_json_end(line);
}

/* Written at once: the process ends. */
static void
fatal(const char *program, const char *what, const char *name, const char *reason)
{
    struct srv_line line, text;

    (void)program;
    text.size = 0;
    srv_line_text(&text, what);
    if (name) {
        srv_line_text(&text, " ");
        srv_line_text(&text, name);
    }
    srv_json_begin(&line, "fatal");
    srv_json_text(&line, "text", (struct postern_str){ text.bytes, text.size },
                  TEXT_MOST);
    srv_json_string(&line, "reason", reason, TEXT_MOST / 2);
    srv_json_end(&line);
    (void)pn_write_all(STDERR_FILENO, line.bytes, line.size); /* nowhere to say so */
}

const struct srv_forms srv_forms_json = {
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
    .loss = loss,
    .fatal = fatal,
};
