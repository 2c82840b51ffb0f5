/* An extended policy from its files to its proofs: what every use of it goes through.
 */
#ifndef PN_COMPILER_PROGRAM_H
#define PN_COMPILER_PROGRAM_H

#include "compiler/compile.h"
#include "compiler/prove.h"

/*
 * Stays where it is: the policy points to the unit, and the claims to both. Its root
 * and the payload of its reader are the caller's, and outlive it.
 */
struct pn_program {
    struct pn_unit unit;
    struct pn_policy policy;
    struct pn_claims claims;
};

/*
 * Reads a policy, extended or classic, whose root stays the caller's, and what it names
 * by `reading`; `tests`, when not NULL, is a file of more claims, which is not looked
 * for when it does not exist. What is wrong goes to `diags`, which the program forgets
 * then. PN_COMPILE_OK, _REFUSED, _READ or _MEMORY; clear it in any case.
 */
enum pn_compile_result
pn_program_load_by(struct pn_program *program, const struct pn_source *root,
                   const char *tests, const struct pn_policy_options *options,
                   struct pn_diags *diags, struct pn_reading reading);

/* The same, from files. */
enum pn_compile_result
pn_program_load(struct pn_program *program, const struct pn_source *root,
                const char *tests, const struct pn_policy_options *options,
                struct pn_diags *diags);

/* Writes the native image into an empty file, and compares what is there then. */
enum pn_compile_result
pn_program_emit(struct pn_program *program, int fd, bool strip);

/* Holds the claims to the image that pn_program_emit() made. */
enum pn_compile_result
pn_program_prove(struct pn_program *program, int fd, pn_proof_fn take, void *payload);

void
pn_program_clear(struct pn_program *program);

#endif
