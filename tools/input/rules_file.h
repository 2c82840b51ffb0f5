/* A FILE operand that holds rules: a source text or a compiled cdb, answering alike. */
#ifndef PN_TOOLS_INPUT_RULES_FILE_H
#define PN_TOOLS_INPUT_RULES_FILE_H

#include "analysis/rules_file.h"
#include "base/source.h"
#include "compiler/image_decode.h"
#include "postern/postern.h"
#include "tools/input/git.h"
#include "tools/tool.h"

/*
 * Opens a source or a compiled file; "-" is standard input, "REV:FILE" what git has of
 * it in a commit. A source is compiled into memory. What goes wrong is reported on
 * tool->err. Returns an enum pn_exit; to be closed in any case.
 */
int
pn_rules_file_open(struct pn_rules_file *out, struct pn_tool *tool,
                   const struct pn_common *common, const char *name);

/*
 * The image as what is true of every query; pn_decoded_clear() it in any case. Returns
 * an enum pn_exit.
 */
int
pn_rules_file_decode(const struct pn_rules_file *file, struct pn_tool *tool,
                     struct pn_decoded *out);

/*
 * Opens and decodes without a word: false when it cannot be, for whatever reason. Both
 * are to be closed and cleared in any case.
 */
bool
pn_rules_file_try(struct pn_rules_file *file, struct pn_decoded *decoded,
                  const struct pn_tool *tool, const char *name);

/*
 * Reads a text that is no rules, FILE or REV:FILE, whole. False with errno set; what
 * git says of it, if it says anything, is in `said` then.
 */
bool
pn_text_read(const char *name, struct pn_source *out, char said[PN_GIT_SAID_SIZE]);

/* The same, and reports what is wrong. Returns an enum pn_exit. */
int
pn_text_open(struct pn_tool *tool, const char *name, struct pn_source *out);

/*
 * Reads a FILE operand that must be a source; "-" is standard input. `compiled` is what
 * is said behind the name of one that is not. Returns an enum pn_exit.
 */
int
pn_source_open(struct pn_tool *tool, const char *name, const char *compiled,
               struct pn_source *out);

/*
 * Is it a regular file, and none of the kernel's? For a name that a file or a script
 * says, which is anything: it is not waited for.
 */
bool
pn_input_is_plain(const char *path);

/* What an open FILE operand is. */
enum pn_input {
    PN_INPUT_SOURCE, /* a text, as far as can be seen without reading it */
    PN_INPUT_COMPILED,
    PN_INPUT_FOLDER,
    PN_INPUT_DEVICE, /* one that has no end, perhaps */
    PN_INPUT_UNKNOWN /* errno says why */
};

enum pn_input
pn_input_kind(const char *name, int fd);

#endif
