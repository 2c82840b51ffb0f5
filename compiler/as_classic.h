/* Writes a policy as a classic image, where that can decide the same. */
#ifndef PN_COMPILER_AS_CLASSIC_H
#define PN_COMPILER_AS_CLASSIC_H

#include "compiler/loaded_policy.h"

/*
 * Writes a classic image into an empty file and proves that it decides as the native
 * image in `native_fd`. PN_COMPILE_REFUSED after a diagnostic that names the rule which
 * has no classic form.
 */
enum pn_compile_result
pn_as_classic(struct pn_loaded_policy *loaded, int native_fd, int fd,
              struct pn_diags *diags);

#endif
