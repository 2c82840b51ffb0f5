/* Logs of a service, decided by its policy: who would be answered otherwise. */
#ifndef PN_TOOLS_ADOPT_LOGS_H
#define PN_TOOLS_ADOPT_LOGS_H

#include "tools/adopt.h"

/*
 * Replays the logs that the logger of a service in this folder writes (log/run) under
 * its policy, and adds them to the item.
 */
void
pn_adopt_logs_replay(struct pn_adopt *adopt, const char *folder,
                     struct pn_adopt_item *item);

#endif
