/* A policy as a native image. */
#ifndef PN_COMPILER_EMIT_NATIVE_H
#define PN_COMPILER_EMIT_NATIVE_H

#include "compiler/policy.h"

/*
 * Writes the image of a policy, whose space is finished, into an empty file. The same
 * policy gives the same bytes. `strip` leaves out where
 * rules come from, and notes. False with errno set; EFBIG when it passes 4 GiB.
 */
bool
pn_emit_native(struct pn_policy *policy, bool strip, int fd);

#endif
