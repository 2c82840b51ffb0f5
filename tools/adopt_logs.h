/* Logs of services, decided by their policies: who would be answered otherwise. */
#ifndef PN_TOOLS_ADOPT_LOGS_H
#define PN_TOOLS_ADOPT_LOGS_H

#include "analysis/rules_file.h"
#include "tools/adopt.h"
#include "tools/input/query_line.h"

/* A log at hand, and the policy that its connections are decided by. */
struct pn_adopt_replay {
    struct pn_adopt *adopt;
    const struct pn_rules_file *rules;
    bool asks_more; /* than the log tells: a name, or an ident */
    struct pn_adopt_log log;
};

/*
 * Decides what one line tells, if it tells of a connection. One that is decided
 * otherwise, where the policy asks more than the log tells, is one that is not told.
 */
void
pn_adopt_replay_line(struct pn_adopt_replay *replay, const struct pn_query_line *line,
                     uint64_t number);

/* Adds the log to an item. */
void
pn_adopt_replay_end(const struct pn_adopt_replay *replay, struct pn_adopt_item *item);

/*
 * Replays the logs that the logger of a service in this folder writes (log/run) under
 * its policy, and adds them to the item.
 */
void
pn_adopt_logs_replay(struct pn_adopt *adopt, const char *folder,
                     struct pn_adopt_item *item);

#endif
