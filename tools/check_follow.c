/* One look at the name for each piece of input: what was read before is of the old. */
#include "tools/check_follow.h"

#include "base/files.h"

static bool
is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool
pn_followed_look(struct pn_followed *followed, struct pn_check *check)
{
    struct pn_rules_file fresh = { .image = -1 };
    const char *name = check->file.name;
    struct stat now;

    if (!pn_files_stat(name, &now) ||
        (followed->is_known && is_same(&now, &followed->seen)))
        return false;
    followed->seen = now;
    followed->is_known = true;
    if (pn_rules_file_open(&fresh, check->tool, &check->common, name) != PN_EXIT_OK) {
        pn_rules_file_close(&fresh);
        (void)pn_output_flush(&check->tool->err);
        return false;
    }
    pn_rules_file_close(&check->file);
    check->file = fresh;
    return true;
}
