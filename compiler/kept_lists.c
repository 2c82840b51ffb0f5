/* A few lists, searched one by one: a policy has no more. */
#include "compiler/kept_lists.h"

#include <string.h>
#include <time.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"

/* Clocks of files may be as coarse. */
enum { STILL_SECONDS = 2 };

static bool
is_still(const struct timespec *then, const struct timespec *now)
{
    return then->tv_sec + STILL_SECONDS < now->tv_sec;
}

static uint64_t
nanoseconds(const struct timespec *at)
{
    return (uint64_t)at->tv_sec * 1000000000U + (uint64_t)at->tv_nsec;
}

bool
pn_stamp_file(void *payload, const char *path, struct pn_list_stamp *out)
{
    struct timespec now;
    struct stat st;

    (void)payload;
    if (!pn_files_stat(path, &st) || !S_ISREG(st.st_mode) ||
        clock_gettime(CLOCK_REALTIME, &now) < 0 || !is_still(&st.st_mtim, &now) ||
        !is_still(&st.st_ctim, &now))
        return false;
    *out = (struct pn_list_stamp){ { (uint64_t)st.st_dev, (uint64_t)st.st_ino,
                                     (uint64_t)st.st_size, nanoseconds(&st.st_mtim),
                                     nanoseconds(&st.st_ctim), 0 } };
    return true;
}

static void
list_clear(struct pn_kept_list *list)
{
    pn_free(list->path);
    pn_source_clear(&list->source);
    pn_list_addresses_clear(&list->addresses);
}

bool
pn_kept_lists_take(struct pn_kept_lists *kept, const char *path,
                   const struct pn_list_stamp *stamp, struct pn_kept_list *out)
{
    for (size_t i = 0; i < kept->count; i++)
        if (strcmp(kept->items[i].path, path) == 0) {
            *out = kept->items[i];
            kept->items[i] = kept->items[--kept->count];
            if (memcmp(&out->stamp, stamp, sizeof(*stamp)) == 0)
                return true;
            list_clear(out);
            return false;
        }
    return false;
}

void
pn_kept_lists_give(struct pn_kept_lists *kept, struct pn_kept_list *list)
{
    if (!pn_vector_add(&kept->items, &kept->count, &kept->capacity, list,
                       sizeof(*list)))
        list_clear(list);
    *list = (struct pn_kept_list){ 0 };
}

void
pn_kept_lists_clear(struct pn_kept_lists *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        list_clear(&kept->items[i]);
    pn_free(kept->items);
    kept->items = NULL;
    kept->count = kept->capacity = 0;
}
