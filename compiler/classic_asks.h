/* Host names and idents that servers can look up in a classic file. */
#ifndef PN_COMPILER_CLASSIC_ASKS_H
#define PN_COMPILER_CLASSIC_ASKS_H

#include <stdbool.h>

#include "base/source.h"

/*
 * Can a name server's answer be this host, as servers write it? Lower case, and bytes
 * that are no letter, digit, - or _ as \ooo; "." is the root. A suffix has its dot.
 */
bool
pn_host_is_asked(struct pn_str name);

/* Can an ident server's answer be this? One line, without blanks. */
bool
pn_ident_is_asked(struct pn_str ident);

#endif
