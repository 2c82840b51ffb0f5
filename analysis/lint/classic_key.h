/* Faults of classic keys that no look-up asks for. */
#ifndef PN_ANALYSIS_LINT_CLASSIC_KEY_H
#define PN_ANALYSIS_LINT_CLASSIC_KEY_H

#include "analysis/lint/finding.h"

/*
 * The first of the checks P003, P007, P008 and P101 to P116 that applies to a key
 * without its colon; PN_CHECK_NONE when a server may look it up.
 */
enum pn_check
pn_classic_key_fault(struct pn_str key);

/* Is a text not empty, and each of its bytes a digit or one of `others`? */
bool
pn_is_digits_and(struct pn_str text, const char *others);

/* Can the answer of an ident server hold this byte? The answer is one line. */
bool
pn_is_ident_byte(char c);

/* The fault of a host name, or of a suffix with its dot: labels have 1 to 63 bytes,
 * names 253. */
enum pn_check
pn_host_name_fault(struct pn_str name);

#endif
