/* A token that fits nowhere, and what surrounds it: for whoever explains it. */
#ifndef PN_GRAMMAR_FAULT_H
#define PN_GRAMMAR_FAULT_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/dialect.h"
#include "grammar/expected.h"
#include "grammar/tree.h"

struct pn_fault {
    const struct pn_tree *tree;
    uint32_t token;
    struct pn_span span;
    const char *text;        /* of the source */
    uint32_t line, line_end; /* without its newline and carriage return */
    bool ends_in_return;
    bool in_braces;
    int kind;
    int before;     /* the kind of the token before; PN_TOK_NEWLINE at a start */
    uint32_t begin; /* the first token of the statement, */
    int first;      /* and its kind */
    struct pn_expected expected;
};

/* A recognised fault: its diagnostic, its place, and the text to write instead. */
struct pn_habit {
    enum pn_diag_id id;
    struct pn_span at;
    struct pn_span mended; /* the span that `fix` replaces; on the line of `at` */
    struct pn_buffer fix;  /* nothing where none is likely */
    struct pn_buffer
        message;      /* in the place of the diagnostic's; nothing to leave it */
    const char *help; /* likewise, or NULL */
    bool has_fix;
};

/*
 * The tokens of its statement before it are in the tree. How far around it the text is
 * examined is bounded: a hostile line is long and has many faults.
 */
struct pn_fault
pn_fault_of(const struct pn_tree *tree, uint32_t token, struct pn_expected expected);

static inline int
pn_fault_kind(const struct pn_fault *fault, uint32_t token)
{
    return fault->tree->tokens[token].kind;
}

struct pn_str
pn_fault_token(const struct pn_fault *fault, uint32_t token);

static inline bool
pn_is_gap(char c)
{
    return c == ' ' || c == '\t';
}

/* From the token to the end of the line, without blanks around it. */
struct pn_str
pn_fault_rest(const struct pn_fault *fault);

/* Letters, digits, _ and - from here on. */
struct pn_str
pn_fault_word_at(const char *at, const char *end);

/* The whole word that begins with the token, which may be shorter. */
struct pn_str
pn_fault_word(const struct pn_fault *fault);

/* Do both words look like targets? */
bool
pn_fault_are_targets(struct pn_str left, struct pn_str right);

/* From here to a blank, a comma, a quote, a brace or a comment. */
struct pn_str
pn_fault_bare_at(const char *at, const char *end);

struct pn_span
pn_fault_span(const struct pn_fault *fault, struct pn_str text);

/* Recognised as `id`, at a text of the line; true. */
bool
pn_habit_tell(struct pn_habit *out, enum pn_diag_id id, struct pn_span at);

/* What to write in the place of a span, in three pieces. */
void
pn_habit_mend(struct pn_habit *out, struct pn_span span, const char *front,
              struct pn_str text, const char *back);

void
pn_habit_clear(struct pn_habit *habit);

#endif
