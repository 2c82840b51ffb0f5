/* What every decision of a server needs, of a connection or of a datagram. */
#ifndef SRV_JUDGE_H
#define SRV_JUDGE_H

#include "server/server.h"

/*
 * Checks the rules and sets the timer for the next check; `seen` as in
 * srv_rules_check(). Without memory for the timer, rules that are being loaded count as
 * broken: the old ones must not be used.
 */
enum srv_rules_state
srv_judge_rules(struct srv_server *server, uint64_t seen);

/* The rules have decided for good: what else looks at that. */
void
srv_judge_decided(struct srv_server *server, const struct srv_client *client,
                  uint32_t unknown, enum srv_admission admission,
                  const struct postern_decision *decision);

#endif
