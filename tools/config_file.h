/* A .postern: which file is taken, and what it may say. */
#ifndef PN_TOOLS_CONFIG_FILE_H
#define PN_TOOLS_CONFIG_FILE_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "tools/lint_watch.h"
#include "tools/render/notices.h"
#include "tools/tool.h"

/* The text of a .postern, and where its paths begin. */
struct pn_config_file {
    struct pn_source source; /* its name is `name` */
    char *name;              /* ours: relative to where we are, if it lies there */
};

/* Where it is noted which places were searched, and which files were passed over. */
struct pn_config_search {
    struct pn_watched *watched;
    struct pn_notices *notices;
};

/*
 * The .postern of a rule file ("-": of the working directory): the nearest one from its
 * folder up to the root of the repository (.git); without a repository, only that of
 * its folder. It must be a regular file of the user, of root or of the owner of the
 * rules, and not writable for everybody; others are skipped with a notice. *found says
 * whether there is one. Returns an enum pn_exit.
 */
int
pn_config_find(struct pn_config_file *out, bool *found, struct pn_tool *tool,
               const char *rules, const struct pn_config_search *search);

/* One that is named, FILE or REV:FILE, of any owner. Returns an enum pn_exit. */
int
pn_config_open(struct pn_config_file *out, struct pn_tool *tool, const char *name,
               const struct pn_config_search *search);

void
pn_config_clear(struct pn_config_file *file);

/* Takes one word of a command line, "--NAME" or "--NAME=VALUE"; false without memory.
 */
typedef bool (*pn_config_word_fn)(void *payload, const char *word, size_t size);

/*
 * Gives the lines as words, paths resolved. What a .postern may not say is reported in
 * its place: it chooses what is looked for and shown, and nothing that writes. Returns
 * an enum pn_exit.
 */
int
pn_config_words(const struct pn_config_file *file, struct pn_tool *tool,
                const struct pn_common *common, pn_config_word_fn take, void *payload);

#endif
