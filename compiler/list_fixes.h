/* The parts of faulty words that are addresses all the same. */
#ifndef PN_COMPILER_LIST_FIXES_H
#define PN_COMPILER_LIST_FIXES_H

#include "base/source.h"

/* The address of ADDRESS:PORT or [ADDRESS]:PORT; empty when it is neither. */
struct pn_str
pn_list_port_cut(struct pn_str word);

/* The address before the zone of ADDRESS%ZONE; empty when there is none. */
struct pn_str
pn_list_zone_cut(struct pn_str word);

#endif
