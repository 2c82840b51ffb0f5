/* What the words of a command line say of a server. */
#ifndef PN_TOOLS_LINT_SERVER_WORDS_H
#define PN_TOOLS_LINT_SERVER_WORDS_H

#include "tools/lint_server.h"
#include "tools/script_words.h"

/* The last part of a path. */
const char *
pn_word_base(const char *word);

/* Programs that give what they run a user, and those that only name one. */
void
pn_server_user_look(struct pn_server_flags *flags, const char *word);

/*
 * Options, HOST, PORT and a program. False when they are not all there: then tcpserver
 * is only spoken of.
 */
bool
pn_server_words_apply(struct pn_server_flags *flags, struct pn_words words);

#endif
