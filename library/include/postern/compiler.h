/**
 * @file
 * libpostern-compiler: rule files as sources. Load one, see what is wrong with it, ask
 * it, prove it, lint it, compare it, lay it out, and compile it.
 *
 * Everything is data: nothing is printed, no signal is handled, no file is read or
 * written but those that are named, and there is no state outside of what you hold.
 * Whatever a text holds, a call ends with a status, within the memory that it was
 * given, and until it is cancelled.
 *
 * Threads. Calls for one compiler, and for the policies, reports and differences that
 * were made with it, are made one after the other: the library holds a lock meanwhile,
 * so that they may come from any thread. Different compilers share nothing. What is
 * said to be another's (postern_policy_rules(), texts, items of reports) is constant:
 * any number of threads may read it, until what owns it is closed.
 *
 * Within a call, in a reader or in what takes claims, another call for the same
 * compiler is POSTERN_E_BUSY; freeing works.
 *
 * Processes. In a child of fork(2), use what was made there: a lock may be held by a
 * thread that the child does not have. postern_policy_rules() may be asked on.
 *
 * Lifetime. A compiler may be freed before what was made with it: it goes when the last
 * of it does. What a report or a difference has is its own, and ends in a NUL that its
 * length does not count. What an answer, a symbol or a claim has is a part of a text of
 * the policy, with no NUL behind it: use its length. Any text may hold NULs.
 */
#ifndef POSTERN_COMPILER_H
#define POSTERN_COMPILER_H

#include "postern/policy.h"
#include "postern/report.h"
#include "postern/review.h"
#include "postern/rules.h"

#endif
