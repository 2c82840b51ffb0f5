/* A source compiled in memory, and what it answers: for verbs that try many. */
#ifndef PN_TOOLS_SERVED_H
#define PN_TOOLS_SERVED_H

#include "compiler/lift.h"
#include "compiler/program.h"
#include "tools/rules_file.h"

struct pn_served {
    struct postern_rules *rules; /* NULL: it does not compile */
    struct pn_lifted lifted;
};

/*
 * Compiles a source, which stays the caller's. Classic keys that no server asks for are
 * left out. False when the system fails, with errno set; clear it in any case. A source
 * that does not compile is no failure.
 */
bool
pn_served_make(struct pn_served *out, const struct pn_source *source,
               struct pn_reading reading);

void
pn_served_clear(struct pn_served *served);

/* Decides, and finds the rule. */
enum postern_status
pn_served_decide(const struct pn_served *served, const struct postern_query *query,
                 struct pn_answer *out);

#endif
