/* Log lines of the server, in the original's words. */
#ifndef SRV_MESSAGES_H
#define SRV_MESSAGES_H

#include <sys/types.h>

#include "server/client.h"
#include "server/log.h"

/* "tcpserver: status: 3/40" */
void
srv_message_status(struct srv_log *log, size_t count, size_t limit);

/* "tcpserver: pid 17 from 10.1.2.3" */
void
srv_message_pid(struct srv_log *log, pid_t pid, const struct srv_client *client);

/* "tcpserver: ok 17 LOCALHOST:LOCALIP:LOCALPORT REMOTEHOST:REMOTEIP:INFO:REMOTEPORT" */
void
srv_message_verdict(struct srv_log *log, const char *verdict, pid_t pid,
                    const struct srv_client *client);

/* The same, and behind it what the line `more` has; NULL for nothing. */
void
srv_message_refused(struct srv_log *log, const char *verdict, pid_t pid,
                    const struct srv_client *client, const struct srv_line *more);

/* "tcpserver: struck 17 -C 200/48": which of several tiers of -C is full */
void
srv_message_struck_source(struct srv_log *log, pid_t pid,
                          const struct postern_limit *tier);

/* "tcpserver: struck 17 limit 200 per /24,/48": which of several limits of a rule */
void
srv_message_struck_limit(struct srv_log *log, pid_t pid,
                         const struct postern_limit *limit);

/* "tcpserver: end 17 status 256" */
void
srv_message_end(struct srv_log *log, pid_t pid, int status);

/*
 * Of a name with several addresses: "tcpserver: listening at ::1 port 25", or, with an
 * error, "tcpserver: warning: not listening at ::1 port 25: REASON".
 */
void
srv_message_listen(struct srv_log *log, const struct srv_endpoint *end,
                   const char *reason);

/* "tcpserver: warning: dropping connection, unable to WHAT NAME: REASON" */
void
srv_message_drop(struct srv_log *log, const char *what, const char *name,
                 const char *reason);

/* "tcpserver: warning: TEXT: REASON", without REASON when it is NULL. */
void
srv_message_warning(struct srv_log *log, const char *text, const char *reason);

#endif
