/* Looks at a file again, just before it is replaced. */
#include "tools/input/seen.h"

#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "compiler/unit.h"

enum pn_seen_look
pn_seen_look(const struct pn_seen *seen, const char *path)
{
    struct pn_source source;
    bool same;

    if (!pn_read_file(NULL, path, PN_SOURCE_SIZE_MAX, &source)) {
        if (errno != ENOENT)
            return PN_SEEN_UNREAD;
        return seen->existed ? PN_SEEN_UNREAD : PN_SEEN_SAME;
    }
    same = seen->existed && source.size == seen->text.len &&
           (!source.size || memcmp(source.text, seen->text.ptr, source.size) == 0);
    pn_source_clear(&source);
    return same ? PN_SEEN_SAME : PN_SEEN_OTHER;
}

static bool
is_one(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool
pn_seen_is_still(void *payload, const char *path)
{
    const struct pn_seen *seen = payload;
    struct stat front, back;

    if (!pn_files_stat(path, &front))
        return !seen->existed && errno == ENOENT;
    return pn_seen_look(seen, path) == PN_SEEN_SAME && pn_files_stat(path, &back) &&
           is_one(&front, &back);
}

void
pn_links_report(struct pn_tool *tool, const char *path, unsigned written)
{
    struct stat st;

    if (!pn_files_stat(path, &st) || st.st_nlink <= written)
        return;
    pn_output_text(&tool->err, path);
    pn_output_text(&tool->err, ": has other names (hard links), which keep what was "
                               "there\n");
}
