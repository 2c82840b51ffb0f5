/* What the words of a command line say of a server. */
#ifndef PN_TOOLS_LINT_SERVER_WORDS_H
#define PN_TOOLS_LINT_SERVER_WORDS_H

#include "tools/lint_server.h"
#include "tools/script_words.h"

/* What is needed to cut a command into its words. */
struct pn_server_option {
    char letter; /* 0: a long name only */
    const char *name;
    bool has_argument;
};

/* A server whose command is read. */
struct pn_server_kind {
    const char *name;
    const struct pn_server_option *options;
    size_t option_count;
    bool has_idents;    /* asks for them, if no option says otherwise */
    bool has_hosts;     /* looks all of them up, if no option says otherwise */
    bool has_penalties; /* obeys them */
};

enum { PN_SERVER_TCP, PN_SERVER_UDP, PN_SERVER_KINDS };

extern const struct pn_server_kind pn_server_kinds[PN_SERVER_KINDS];

/* The last part of a path. */
const char *
pn_word_base(const char *word);

/* Programs that give what they run a user, and those that only name one. */
void
pn_server_user_look(struct pn_server_flags *flags, const char *word);

/*
 * Options, HOST, PORT and a program of such a server. False when they are not all
 * there: then it is only spoken of.
 */
bool
pn_server_words_apply(struct pn_server_flags *flags, const struct pn_server_kind *kind,
                      struct pn_words words);

#endif
