/*
 * The lines of a list of addresses, as lists are published: what each one says, or what
 * is wrong with it. A line is read whole or not at all.
 */
#ifndef PN_COMPILER_LIST_LINE_H
#define PN_COMPILER_LIST_LINE_H

#include "base/source.h"
#include "compiler/literal.h"

/* Texts lead into the list. */
struct pn_list_line {
    bool has_entry;
    enum pn_diag_id fault; /* what is wrong with it, or PN_DIAG_NONE */
    struct pn_str at;      /* what says the entry, or what is wrong */
    struct pn_target target;
    bool is_masked; /* bits were set beyond the length; they are 0 in the target */
    bool is_octets; /* written as octets with a dot or a range at their end */
    bool is_last;   /* and no newline stands behind it */
};

/* Goes through a list. */
struct pn_list_reader {
    const char *at, *end;
    struct pn_buffer *scratch; /* the caller's */
    bool is_front;             /* there was no line yet but remarks */
};

/* Makes a newline of each CR that has none behind it; offsets stay what they are. */
void
pn_list_newlines(struct pn_source *source);

/* `source` is as pn_list_newlines() left it, and outlives the reader. */
struct pn_list_reader
pn_list_begin(const struct pn_source *source, struct pn_buffer *scratch);

/* The next line that is more than blank or a remark; false at the end. */
bool
pn_list_next(struct pn_list_reader *reader, struct pn_list_line *out);

/* The first and the last address of an entry. */
static inline pn_number
pn_list_line_last(const struct pn_target *target)
{
    pn_number below;

    if (target->kind == PN_TARGET_RANGE)
        return target->last;
    below = target->kind == PN_TARGET_ADDRESSES
                ? 0
                : pn_host_mask(target->family, target->length);
    return target->first + (target->count - 1) * (below + 1) + below;
}

#endif
