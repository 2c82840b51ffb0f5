/* What the parser could go on with where a token fits nowhere, in words for people. */
#ifndef PN_GRAMMAR_EXPECTED_H
#define PN_GRAMMAR_EXPECTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* A set of kinds of tokens: a bit for each. */
struct pn_expected {
    uint64_t kinds;
};

struct pn_fault;

void
pn_expected_add(struct pn_expected *expected, int kind);

bool
pn_expects(struct pn_expected expected, int kind);

/* "after a target comes a comma or a colon": appended to `out`. */
void
pn_expected_text(const struct pn_fault *fault, struct pn_buffer *out);

/* How the statement that the fault is in is written. */
const char *
pn_expected_help(const struct pn_fault *fault);

#endif
