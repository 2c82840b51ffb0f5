/* What is wrong with a word of a command line, in words: from the table of its options.
 */
#ifndef PN_BASE_OPTION_FAULTS_H
#define PN_BASE_OPTION_FAULTS_H

#include "base/buffer.h"
#include "base/options.h"

/*
 * Appends one line without its end: "--formt: no such option; did you mean --format?",
 * "--format jsn: one of text and json is wanted; did you mean json?".
 */
void
pn_option_fault_write(struct pn_option_table table,
                      const struct pn_option_result *result, struct pn_buffer *out);

/* Appends the choices as "text, json or gcc". */
void
pn_choices_write(const char *const *choices, const char *last_between,
                 struct pn_buffer *out);

#endif
