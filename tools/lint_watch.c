/* A file is another one by device, inode, size, and both times to the nanosecond. */
#include "tools/lint_watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/vector.h"

static struct pn_watched_state
state_of(const char *path)
{
    struct pn_watched_state state = { 0 };
    struct stat st;

    if (pn_files_stat(path, &st))
        state = (struct pn_watched_state){ st.st_dev, st.st_ino, st.st_size, st.st_mtim,
                                           st.st_ctim };
    return state;
}

static bool
is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
is_same(const struct pn_watched_state *a, const struct pn_watched_state *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           is_same_time(a->mtime, b->mtime) && is_same_time(a->ctime, b->ctime);
}

void
pn_watched_note(void *payload, const char *path)
{
    struct pn_watched *watched = payload;
    size_t before = watched->paths.count;
    uint32_t number;

    if (!pn_vector_reserve(&watched->states, &watched->capacity, before + 1,
                           sizeof(*watched->states)) ||
        !pn_intern_add(&watched->paths, path, strlen(path) + 1, &number))
        return; /* without memory the run itself ends, and says so */
    if (number == before)
        watched->states[number] = state_of(path);
}

bool
pn_watched_is_changed(const struct pn_watched *watched)
{
    for (uint32_t i = 0; i < watched->paths.count; i++) {
        const char *path =
            watched->paths.bytes.bytes + pn_intern_offset(&watched->paths, i);
        struct pn_watched_state now = state_of(path);

        if (!is_same(&now, &watched->states[i]))
            return true;
    }
    return false;
}

void
pn_watched_clear(struct pn_watched *watched)
{
    pn_intern_clear(&watched->paths);
    free(watched->states);
    *watched = (struct pn_watched){ 0 };
}
