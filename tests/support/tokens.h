/* A whole text's tokens as a short word, a letter each. */
#ifndef PN_TESTS_SUPPORT_TOKENS_H
#define PN_TESTS_SUPPORT_TOKENS_H

#include "base/buffer.h"
#include "grammar/dialect.h"

/*
 * Scans a text. *kinds gets a letter for each token, up to the end's ".", and *spans
 * their "offset+size", with blanks between; both end in a NUL. The caller frees them.
 */
void
pn_test_scan(struct pn_str text, enum pn_dialect dialect, struct pn_buffer *kinds,
             struct pn_buffer *spans);

#endif
