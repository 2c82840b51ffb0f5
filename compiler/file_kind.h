/* Texts that are given for a rule file and are something else. */
#ifndef PN_COMPILER_FILE_KIND_H
#define PN_COMPILER_FILE_KIND_H

#include "base/diagnostic.h"

/*
 * Of a text that is read as classic: adds the one error that explains all others to
 * `out`, if there is one: it is packed, UTF-16, a page, a compiled file, or extended
 * with a header that is misspelt or missing. For when it cannot be read as classic:
 * what 0.88 accepts is accepted, whatever it looks like.
 */
void
pn_file_kind_tell(const struct pn_source *source, struct pn_diags *out);

/* Is that a file without lines at all, which nobody means by a rule file? */
bool
pn_file_kind_is_no_text(const struct pn_diags *told);

#endif
