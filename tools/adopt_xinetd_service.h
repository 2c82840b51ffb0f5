/* A service of xinetd, with what it has of the defaults. */
#ifndef PN_TOOLS_ADOPT_XINETD_SERVICE_H
#define PN_TOOLS_ADOPT_XINETD_SERVICE_H

#include "tools/adopt.h"
#include "tools/adopt_xinetd_block.h"

/* Adds the item of a service, with its policy and run script, or why it stays. */
void
pn_adopt_xinetd_service(struct pn_adopt *adopt, const struct pn_xinetd_block *service,
                        const struct pn_xinetd_block *defaults);

#endif
