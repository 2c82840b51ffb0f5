/* The rules of a file as a source that compiles to the same decisions. */
#ifndef PN_TOOLS_DUMP_TEXT_H
#define PN_TOOLS_DUMP_TEXT_H

#include "tools/input/rules_file.h"

/*
 * Appends the rules of an open file in their own language. What goes wrong is reported;
 * returns an enum pn_exit.
 */
int
pn_dump_text(const struct pn_rules_file *file, struct pn_tool *tool,
             struct pn_buffer *out);

/* Compiles a dump again, and proves that it decides as the file does. Likewise. */
int
pn_dump_prove(const struct pn_rules_file *file, struct pn_tool *tool,
              const struct pn_buffer *text);

#endif
