/*
 * What a server counts under -k, and when; a log that machines read has the durations
 * too. Without both these cost a comparison.
 */
#ifndef SRV_COUNT_DECISIONS_H
#define SRV_COUNT_DECISIONS_H

#include "server/server.h"

/* Opens the file of -k, while it may be created. False after a message. */
bool
srv_count_open(struct srv_server *server);

/* The moment when something begins that is timed; 0 when nothing is. */
int64_t
srv_count_begin(const struct srv_server *server);

/* A decision has been made, or is left to look-ups; the client has its duration. */
void
srv_count_time(struct srv_server *server, struct srv_client *client,
               enum srv_admission admission, int64_t begun_ns);

void
srv_count_lookup(struct srv_server *server, struct srv_client *client,
                 int64_t begun_ns);

/* The identity of the rule that decided, as files of counts have it. */
uint64_t
srv_count_identity(const struct postern_rules *rules,
                   const struct postern_decision *decision);

/* What a rule has decided for good. */
void
srv_count_decision(struct srv_server *server, enum srv_admission admission,
                   const struct postern_decision *decision);

/* Once in a turn of the loop; makes room for the rules when others came into force. */
void
srv_count_totals(struct srv_server *server);

#endif
