/* What is wrong with a key of the classic dialect that no look-up asks for. */
#ifndef PN_ANALYSIS_LINT_CLASSIC_KEY_H
#define PN_ANALYSIS_LINT_CLASSIC_KEY_H

#include "analysis/lint/finding.h"

/*
 * The first check of P003, P007, P008 and P101 to P116 that holds of a key, without its
 * colon; PN_CHECK_NONE when a server may ask for it.
 */
enum pn_check
pn_classic_key_fault(struct pn_str key);

/* Is a text not empty, and each of its bytes a digit or one of `others`? */
bool
pn_is_digits_and(struct pn_str text, const char *others);

/* May an ident server's answer hold this byte? It is one line. */
bool
pn_is_ident_byte(char c);

/* Labels of 1 to 63 bytes, 253 in all: what is wrong with a name, a suffix with its
 * dot.
 */
enum pn_check
pn_host_name_fault(struct pn_str name);

#endif
