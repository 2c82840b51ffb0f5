/* Policies that are fixed together, and which files of theirs may be edited. */
#ifndef PN_TOOLS_FIXING_H
#define PN_TOOLS_FIXING_H

#include "analysis/lint/lint.h"
#include "tools/input/drafts.h"

/* A policy that is fixed. What it points to is the caller's, and outlives the fixing.
 */
struct pn_fix_operand {
    const char *name, *tests;              /* tests NULL: there can be none */
    const struct pn_lint_options *options; /* its reader is replaced */
    const bool *on;                        /* the checks that are asked for */
    struct pn_intern files; /* ours: what the policy is made of, by pn_drafts_key() */
    bool broken;            /* it does not compile: nothing safe is done with it, */
    bool unprovable;        /* though there would be something to do */
};

/*
 * Policies that are fixed together. A file that several of them are made of is fixed
 * only where the fix holds for all. Who else includes a file is not known: one that is
 * included by a single operand stays as it is, unless these are all of its users.
 */
struct pn_fixing {
    struct pn_tool *tool;
    const struct pn_common *common; /* for the message about too much work */
    struct pn_fix_operand *operands;
    size_t count;
    bool unsafe;
    bool all_users;          /* no other file includes what these include */
    bool root_only;          /* what is included stays as it is */
    size_t applied, refused; /* refused: those that could not be proven */
    struct pn_buffer
        messages;        /* ours: lines about fixes that would bring in an error */
    struct pn_work work; /* of the policy that is linted at the time */
};

/* For the next policy: all that one may take, unless one before took more than that. */
struct pn_work *
pn_fix_work(struct pn_fixing *fixing);

void
pn_fixing_clear(struct pn_fixing *fixing);

/* Notes which files a policy is made of; false without memory. */
bool
pn_fix_operand_fill(struct pn_fix_operand *operand, const struct pn_unit *unit);

void
pn_fix_operand_clear(struct pn_fix_operand *operand);

/*
 * May an edit of a file of this policy be made? Its own are; an included one where it
 * is shared by operands, or where all of its users are at hand. The operands are
 * filled.
 */
bool
pn_fix_may_edit(const struct pn_fixing *fixing, const struct pn_unit *unit,
                uint32_t file);

/* What a file of a policy is known by, in place of what `out` had; false without
 * memory.
 */
bool
pn_fix_file_key(const struct pn_unit *unit, uint32_t file, struct pn_buffer *out);

/* Is a file of a policy its own: its root, or its tests? Others may include the rest.
 */
bool
pn_fix_is_own(const struct pn_unit *unit, uint32_t file);

/* How many operands have a file of this key, and which is the first of them. */
size_t
pn_fix_users(const struct pn_fixing *fixing, const struct pn_buffer *key,
             size_t *first);

#endif
