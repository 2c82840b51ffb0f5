/* Rules of other programs as policies that compile, and what those say. */
#ifndef PN_TOOLS_ADOPT_POLICY_H
#define PN_TOOLS_ADOPT_POLICY_H

#include "analysis/compiled.h"
#include "analysis/rules_file.h"
#include "tools/adopt.h"

/* What is asked of a policy to start a server with it. */
struct pn_adopt_asked {
    bool allows_all;   /* nobody is denied */
    bool needs_names;  /* a host or an ident can change what is decided */
    bool needs_idents; /* it has rules of idents */
};

/*
 * Appends the policy that an importer makes of files to *policy; nothing when it cannot
 * be made, and a note says why. What has no equivalent is a note too. True when it was
 * made.
 */
bool
pn_adopt_import(struct pn_adopt *adopt, const struct pn_importer *importer,
                struct pn_import *import, struct pn_buffer *policy);

/*
 * Compiles a text of ROOT, which may include nothing and read no list. False when it
 * does not compile; clear *out and the source in any case.
 */
bool
pn_adopt_compile(struct pn_adopt *adopt, struct pn_str text, struct pn_source *source,
                 struct pn_compiled *out);

/* The same as it is served: a classic text makes a classic file. To be closed. */
bool
pn_adopt_serve(struct pn_adopt *adopt, struct pn_str text, struct pn_rules_file *out);

/* Asks a policy, by all its addresses; of one that does not compile nothing is so. */
struct pn_adopt_asked
pn_adopt_ask(struct pn_adopt *adopt, const struct pn_buffer *policy);

#endif
