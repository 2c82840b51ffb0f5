/* An extended policy from its files to its proofs: what every use of it goes through.
 */
#ifndef PN_COMPILER_LOADED_POLICY_H
#define PN_COMPILER_LOADED_POLICY_H

#include "compiler/compile.h"
#include "compiler/prove.h"

/*
 * Stays where it is: the policy points to the unit, and the claims to both. Its root
 * and the payload of its reader are the caller's, and outlive it.
 */
struct pn_loaded_policy {
    struct pn_unit unit;
    struct pn_policy policy;
    struct pn_assertions assertions;
};

/*
 * Reads a policy, extended or classic, whose root stays the caller's, and what it names
 * by `reading`; `tests`, when not NULL, is a file of more claims, which is not looked
 * for when it does not exist. What is wrong goes to `diags`, which the program forgets
 * then. PN_COMPILE_OK, _REFUSED, _READ or _MEMORY; clear it in any case.
 */
enum pn_compile_result
pn_loaded_policy_load_by(struct pn_loaded_policy *loaded, const struct pn_source *root,
                         const char *tests, const struct pn_policy_options *options,
                         struct pn_diags *diags, struct pn_reading reading);

/* The same, from files. */
enum pn_compile_result
pn_loaded_policy_load(struct pn_loaded_policy *loaded, const struct pn_source *root,
                      const char *tests, const struct pn_policy_options *options,
                      struct pn_diags *diags);

/* Writes the native image into an empty file, and verifies what was written. */
enum pn_compile_result
pn_loaded_policy_emit(struct pn_loaded_policy *loaded, int fd, bool strip);

/* Holds the claims to the image that pn_loaded_policy_emit() made. */
enum pn_compile_result
pn_loaded_policy_prove(struct pn_loaded_policy *loaded, int fd, pn_proof_fn take,
                       void *payload);

void
pn_loaded_policy_clear(struct pn_loaded_policy *loaded);

#endif
