/*
 * Rules that were opened, with what is known of where they come from: a compiled file,
 * or a source that was compiled into memory.
 */
#ifndef PN_ANALYSIS_RULES_FILE_H
#define PN_ANALYSIS_RULES_FILE_H

#include "analysis/answer.h"
#include "base/source.h"
#include "compiler/compile.h"
#include "postern/postern.h"

/* Owns all but the name. All zero but `image`, which is -1, is closed. */
struct pn_rules_file {
    const char *name;
    struct postern_rules *rules;
    struct pn_source source;   /* all zero for a compiled file */
    struct pn_origins origins; /* likewise */
    struct pn_reading reading; /* of what the source names; all zero: from files */
    void (*reading_free)(void *payload); /* of the payload of `reading`; or NULL */
    int image;                           /* a descriptor of the compiled rules, or -1 */
};

/*
 * Compiles the source of a file, and opens what comes of it. The options need no
 * `origins` and no `reading`: they are those of the file. As pn_compile(); what could
 * not be opened is PN_COMPILE_MISMATCH, PN_COMPILE_MEMORY or, with errno set,
 * PN_COMPILE_WRITE.
 */
enum pn_compile_result
pn_rules_file_compile(struct pn_rules_file *file,
                      const struct pn_compile_options *options, struct pn_diags *diags);

/*
 * A pn_class_fn whose payload is a struct pn_rules_file: rules that one statement of a
 * source made have one number.
 */
uint32_t
pn_rules_file_statement(void *payload, uint32_t rule);

/* Is it a native image, and not a classic one? */
bool
pn_rules_file_is_native(const struct pn_rules_file *file);

void
pn_rules_file_close(struct pn_rules_file *file);

/* Fills the place of the rule that answer->decision names. */
enum postern_status
pn_rules_file_place(const struct pn_rules_file *file, struct pn_answer *answer);

/* Decides, and finds the rule. `trace` may be NULL. */
enum postern_status
pn_rules_file_decide(const struct pn_rules_file *file,
                     const struct postern_query *query, postern_trace_fn trace,
                     void *payload, struct pn_answer *out);

/*
 * Decides up to PN_RULES_FILE_MANY queries, and finds their rules. How many were
 * decided is in *decided, also where one was not: POSTERN_OK, or the status of the
 * first of those.
 */
enum { PN_RULES_FILE_MANY = 64 };

enum postern_status
pn_rules_file_decide_many(const struct pn_rules_file *file,
                          const struct postern_query *const *queries, size_t count,
                          struct pn_answer *out, size_t *decided);

/* One without a trace: a pn_answer_fn, whose policy is a struct pn_rules_file. */
enum postern_status
pn_rules_file_answer(const void *policy, const struct postern_query *query,
                     struct pn_answer *out);

#endif
