/* A folder of its own for the files that an original program reads. */
#ifndef PN_TOOLS_PROVE_FOLDER_H
#define PN_TOOLS_PROVE_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

enum { PN_PROVE_PATH = 256 };

struct pn_prove_folder {
    char path[PN_PROVE_PATH]; /* empty: there is none */
};

/*
 * Makes one beneath TMPDIR, or /tmp, that only `owner` can enter. False with errno set.
 */
bool
pn_prove_folder_make(struct pn_prove_folder *folder, uid_t owner, gid_t group);

/* Removes it with all that is in it: regular files and folders, links not followed. */
void
pn_prove_folder_remove(struct pn_prove_folder *folder);

/* "FOLDER/NAME" into out, which holds PN_PROVE_PATH + 64 bytes. */
void
pn_prove_path(const char *folder, const char *name, char *out);

/* Writes a file of the folder. False with errno set. */
bool
pn_prove_write(const char *folder, const char *name, struct pn_str text, mode_t mode);

/* Makes a folder in it. False with errno set. */
bool
pn_prove_subfolder(const char *folder, const char *name);

#endif
