/* The daemons that hosts.allow and hosts.deny name. */
#ifndef PN_INTEROP_HOSTS_NAMES_H
#define PN_INTEROP_HOSTS_NAMES_H

#include "base/source.h"

/* Goes through a file. */
struct pn_hosts_names {
    struct pn_str rest, list; /* of the file; of the daemons of the line at hand */
    size_t line;              /* of that line, from 1; 0 at first */
    bool joined;              /* the list goes on in the next line */
};

struct pn_hosts_names
pn_hosts_names_begin(const struct pn_source *file);

/*
 * The next word of a list of daemons, "@HOST" behind it left out; EXCEPT is no daemon,
 * and ALL and patterns are words like any other. False at the end.
 */
bool
pn_hosts_names_next(struct pn_hosts_names *names, struct pn_str *out);

#endif
