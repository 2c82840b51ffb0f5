/* Permissions along the path to a file, relative to the rules. */
#include "compiler/hidden.h"

#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/memory.h"

/* The folder of the rules, whole; NULL where there is none. To be freed. */
static char *
folder_of(const char *rules)
{
    const char *slash = strrchr(rules, '/');
    char *name =
        slash ? pn_strndup(rules, (size_t)(slash - rules) + 1) : pn_strdup(".");
    char *real = name ? pn_files_real(name) : NULL;

    pn_free(name);
    if (!real && slash) /* REV:FOLDER/FILE */
        real = pn_files_real(".");
    return real;
}

/* The length of the common part of two absolute paths, up to a slash or the end. */
static size_t
common_size(const char *a, const char *b)
{
    size_t common = 0;

    for (size_t i = 0; a[i] == b[i] || !a[i] || !b[i]; i++) {
        if ((a[i] == '/' || !a[i]) && (b[i] == '/' || !b[i]))
            common = i;
        if (!a[i] || !b[i])
            break;
    }
    return common;
}

static bool
is_beneath(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    return strncmp(path, folder, len) == 0 && (path[len] == '/' || !path[len]);
}

/*
 * May everybody read the file, and search the folders behind `common`? Modifies `path`.
 */
static bool
is_everybodys(char *path, size_t common)
{
    struct stat st;
    bool is = pn_files_stat(path, &st) && (st.st_mode & S_IROTH);

    for (char *slash; is && (slash = strrchr(path, '/')) != NULL;) {
        *slash = '\0';
        if ((size_t)(slash - path) <= common)
            break;
        is = pn_files_stat(path, &st) && (st.st_mode & S_IXOTH);
    }
    return is;
}

bool
pn_file_is_hidden(const char *path, const char *rules)
{
    char *real = pn_files_real(path), *folder = folder_of(rules), *home = NULL;
    bool hidden = false;

    if (real && folder)
        home = pn_strdup(folder);
    if (home) {
        pn_files_repository(home);
        hidden = strstr(real, "/.git/") != NULL;
        if (!hidden && !is_beneath(real, home))
            hidden = !is_everybodys(real, common_size(real, folder));
    } else if (real) {
        hidden = true; /* its owner is not known */
    }
    pn_free(home);
    pn_free(folder);
    pn_free(real);
    return hidden;
}
