/* A FILE operand that holds rules: a source text or a compiled cdb, answering alike. */
#ifndef PN_TOOLS_INPUT_RULES_FILE_H
#define PN_TOOLS_INPUT_RULES_FILE_H

#include "analysis/answer.h"
#include "base/source.h"
#include "compiler/compile.h"
#include "compiler/image_decode.h"
#include "postern/postern.h"
#include "tools/input/git.h"
#include "tools/tool.h"

struct pn_rules_file {
    const char *name;
    struct postern_rules *rules;
    struct pn_source source;         /* all zero for a compiled file */
    struct pn_origins origins;       /* likewise */
    struct pn_reading reading;       /* of a REV:FILE; else all zero, */
    struct pn_git_revision revision; /* and what it reads from */
    int image;                       /* a descriptor of the compiled rules, or -1 */
};

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
 * A pn_class_fn whose payload is a struct pn_rules_file: rules that one statement of a
 * source made have one number.
 */
uint32_t
pn_rules_file_statement(void *payload, uint32_t rule);

void
pn_rules_file_close(struct pn_rules_file *file);

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

/* Fills the place of the rule that answer->decision names. */
enum postern_status
pn_rules_file_place(const struct pn_rules_file *file, struct pn_answer *answer);

/* Decides, and finds the rule. `trace` may be NULL. */
enum postern_status
pn_rules_file_decide(const struct pn_rules_file *file,
                     const struct postern_query *query, postern_trace_fn trace,
                     void *payload, struct pn_answer *out);

/* The same without a trace: a pn_answer_fn, whose policy is a struct pn_rules_file. */
enum postern_status
pn_rules_file_answer(const void *policy, const struct postern_query *query,
                     struct pn_answer *out);

#endif
