/* What is wrong with a line that no reading takes, and what to write in its place. */
#ifndef PN_COMPILER_LIST_FAULTS_H
#define PN_COMPILER_LIST_FAULTS_H

#include "compiler/list_words.h"

/* The scope of a fault, which determines how often it is reported. */
enum pn_list_scope {
    PN_LIST_LINE,   /* each line by itself */
    PN_LIST_FORM,   /* the way in which the file is written: once, and counted */
    PN_LIST_FOREIGN /* likewise, and the file is no list */
};

enum pn_list_scope
pn_list_fault_scope(enum pn_diag_id id);

/* The first fault that fits, and where it is; never PN_DIAG_NONE. */
enum pn_diag_id
pn_list_fault_find(const struct pn_list_words *words, struct pn_buffer *scratch,
                   struct pn_str *at);

/*
 * What may have been meant by the text that pn_list_fault_find() gave: at most
 * PN_DIAG_FIXES_MAX texts that are to stand there, and how many; and lines for a note.
 * Buffers remember failed allocations.
 */
size_t
pn_list_fault_fix(enum pn_diag_id id, struct pn_str at, struct pn_buffer *fixes,
                  struct pn_buffer *note);

/*
 * What a file is that is no list at all, by how it begins: packed, a page, a document.
 * PN_DIAG_NONE of what may be one.
 */
enum pn_diag_id
pn_list_file_fault(struct pn_str text);

#endif
