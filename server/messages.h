/*
 * What a server says in its log. The words are the original's, or, under --log-format
 * json, one object a line: srv_messages_begin() chooses once. What is said at all, the
 * verbosity, is the callers' affair but where it says so here.
 */
#ifndef SRV_MESSAGES_H
#define SRV_MESSAGES_H

#include <sys/types.h>

#include "server/admit.h"
#include "server/client.h"
#include "server/config.h"
#include "server/log.h"

struct srv_server;

/* srv_log_begin(), for lines of this format. */
void
srv_messages_begin(struct srv_log *log, const char *who, bool patient,
                   enum srv_log_format format);

/* "tcpserver: status: 0/40": it serves, and nobody has come yet. */
void
srv_message_start(struct srv_server *server);

/* A client's program runs: "tcpserver: ok 17 LOCALHOST:LOCALIP:LOCALPORT
 * REMOTEHOST:REMOTEIP:INFO:REMOTEPORT", behind its status and its pid. */
void
srv_message_served(struct srv_server *server, pid_t pid,
                   const struct srv_client *client,
                   const struct postern_decision *decision);

/* The same of a client that gets none, with what refuses it. */
void
srv_message_refused(struct srv_server *server, const struct srv_client *client,
                    enum srv_admission admission,
                    const struct postern_decision *decision,
                    const struct srv_exceeded *exceeded);

/* "tcpserver: warning: dropping connection, unable to WHAT NAME: REASON", and under -v
 * a status, a pid and an end; nothing under -q. */
void
srv_message_dropped(struct srv_server *server, const struct srv_client *client,
                    const char *what, const char *name, const char *reason);

/* The same of a client that has gone: many may, so that the warning is a repeated one.
 */
void
srv_message_gone(struct srv_server *server, const struct srv_client *client);

/* The warning alone, where the connection has been told of: its program does not run.
 */
void
srv_message_failed(struct srv_server *server, const struct srv_client *client,
                   const char *reason);

/* "tcpserver: end 17 status 256", and a status; `begun_ns` is when the program was
 * started, 0 when that is not known. */
void
srv_message_ended(struct srv_server *server, pid_t pid, int status, int64_t begun_ns);

/*
 * Of a name with several addresses: "tcpserver: listening at ::1 port 25", or, with an
 * error, "tcpserver: warning: not listening at ::1 port 25: REASON".
 */
void
srv_message_listen(struct srv_log *log, const struct srv_endpoint *end,
                   const char *reason);

/* "tcpserver: warning: TEXT: REASON", without REASON when it is NULL. */
void
srv_message_warning(struct srv_log *log, const char *text, const char *reason);

/* "tcpserver: look-ups are apart: TEXT": what holds the process of -S. */
void
srv_message_cell(struct srv_log *log, const char *text);

/* "tcpserver: counters: accepted 5 served 4 ..." */
void
srv_message_counters(struct srv_server *server);

/* A client whom another policy would have decided otherwise: both decisions, and of
 * how many clients of such rules this is told. */
struct srv_shadowed {
    const struct postern_decision *live, *shadow;
    unsigned differences; /* of enum pn_counts_difference */
    uint64_t clients;
};

/* "tcpserver: shadow: 10.1.2.3: allow at RULE, and deny at RULE (verdict; 3 clients)"
 */
void
srv_message_shadow(struct srv_server *server, const struct srv_client *client,
                   const struct srv_shadowed *shadowed);

/* What has struck a client, as the option or the rule has it: "limit 200 per /24,/48";
 * adds nothing where its rule alone has denied it. */
void
srv_struck_say(const struct srv_server *server, enum srv_admission admission,
               const struct postern_decision *decision,
               const struct srv_exceeded *exceeded, struct srv_line *line);

/* The word of a refusal; the limits patch says deny. */
extern const char *const srv_refusal_words[];

/* "tcpserver: ok 17 ...", the line of a connection alone, without any server. */
void
srv_message_verdict(struct srv_log *log, const char *verdict, pid_t pid,
                    const struct srv_client *client);

#endif
