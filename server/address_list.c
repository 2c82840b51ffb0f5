/* Ranges of addresses, which are compared as bytes in network order. */
#include "server/address_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/files.h"
#include "base/options.h"

/* A list of balancers is short: what is longer is not one. */
enum { FILE_MOST = 1 << 20, RANGES_MOST = 65536, ITEM_MOST = 100 };

static size_t
width_of(const struct postern_addr *addr)
{
    return addr->family == 4 ? 4 : 16;
}

static int
compare(const struct postern_addr *a, const struct postern_addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, width_of(a));
}

static int
by_first(const void *a, const void *b)
{
    return compare(&((const struct srv_address_range *)a)->first,
                   &((const struct srv_address_range *)b)->first);
}

/* What is wrong with an item; NULL when nothing is. */
static const char no_item[] = "no address, prefix or range:",
                  bits_behind[] = "a prefix with bits set behind its length:",
                  backwards[] = "a range that ends before it begins:";

/*
 * All addresses that have the first `length` bits of this one. A prefix of a mapped
 * address counts from its 96th bit.
 */
static const char *
prefix_bounds(const struct postern_addr *addr, size_t length, bool mapped,
              struct srv_address_range *out)
{
    size_t width = width_of(addr);

    if (mapped && length < 96)
        return bits_behind;
    length -= mapped ? 96 : 0;
    if (length > width * 8)
        return no_item;
    out->first = out->last = *addr;
    for (size_t i = length / 8; i < width; i++) {
        uint8_t below = (uint8_t)(i == length / 8 ? 0xffu >> length % 8 : 0xffu);

        if (addr->bytes[i] & below)
            return bits_behind;
        out->last.bytes[i] |= below;
    }
    return NULL;
}

static const char *
prefix_read(const char *text, const char *slash, struct srv_address_range *out)
{
    size_t len = (size_t)(slash - text), length;
    struct postern_addr addr;

    if (!postern_addr_parse(text, len, &addr) ||
        !pn_count_parse(slash + 1, 0, 128, &length))
        return no_item;
    return prefix_bounds(&addr, length, addr.family == 4 && memchr(text, ':', len),
                         out);
}

/* One item, which ends in a NUL. */
static const char *
item_read(const char *text, struct srv_address_range *out)
{
    const char *slash = strchr(text, '/'), *dash = strchr(text, '-');

    if (slash)
        return prefix_read(text, slash, out);
    if (!dash) {
        if (!postern_addr_parse(text, strlen(text), &out->first))
            return no_item;
        out->last = out->first;
        return NULL;
    }
    if (!postern_addr_parse(text, (size_t)(dash - text), &out->first) ||
        !postern_addr_parse(dash + 1, strlen(dash + 1), &out->last) ||
        out->first.family != out->last.family)
        return no_item;
    return compare(&out->first, &out->last) <= 0 ? NULL : backwards;
}

static bool
range_add(struct srv_address_list *list, const struct srv_address_range *range)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 8;
        struct srv_address_range *ranges =
            realloc(list->ranges, capacity * sizeof(*ranges));

        if (!ranges)
            return false;
        list->ranges = ranges;
        list->capacity = capacity;
    }
    list->ranges[list->count++] = *range;
    return true;
}

/* Where something is at fault: of a file its name and line, of a command line nothing.
 */
struct place {
    const char *file;
    size_t line;
    char *fault;
};

/* Says what is wrong with some bytes, or with all of it when `text` is NULL. */
static bool
fail(const struct place *place, const char *what, const char *text, size_t len)
{
    char where[SRV_ADDRESS_FAULT_SIZE / 2] = "", quoted[64] = "";
    size_t used = 0;

    if (place->file && place->line)
        snprintf(where, sizeof(where), "%.100s:%zu: ", place->file, place->line);
    else if (place->file)
        snprintf(where, sizeof(where), "%.100s: ", place->file);
    for (; text && used < len && used + 1 < sizeof(quoted); used++)
        quoted[used] = text[used] < ' ' || text[used] > '~' ? '?' : text[used];
    snprintf(place->fault, SRV_ADDRESS_FAULT_SIZE, text ? "%s%s \"%s\"" : "%s%s", where,
             what, quoted);
    return false;
}

static bool
item_add(struct srv_address_list *list, const struct place *place, const char *text,
         size_t len)
{
    struct srv_address_range range;
    char item[ITEM_MOST];
    const char *wrong = no_item;

    if (len < sizeof(item) && !memchr(text, '\0', len)) {
        memcpy(item, text, len);
        item[len] = '\0';
        wrong = item_read(item, &range);
    }
    if (wrong)
        return fail(place, wrong, text, len);
    if (list->count >= RANGES_MOST)
        return fail(place, "more than 65536 of them", NULL, 0);
    if (!range_add(list, &range))
        return fail(place, pn_errno_text(ENOMEM), NULL, 0);
    return true;
}

/* The items of a line, with commas and blanks between them. */
static bool
items_add(struct srv_address_list *list, const struct place *place, const char *text,
          size_t len)
{
    static const char between[] = ", \t\r";
    const char *end = text + len;

    while (text < end) {
        const char *start;

        while (text < end && memchr(between, *text, sizeof(between) - 1))
            text++;
        start = text;
        while (text < end && !memchr(between, *text, sizeof(between) - 1))
            text++;
        if (text > start && !item_add(list, place, start, (size_t)(text - start)))
            return false;
    }
    return true;
}

static bool
lines_add(struct srv_address_list *list, struct place *place, const char *text,
          size_t size)
{
    const char *end = text + size;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t len = (size_t)((newline ? newline : end) - text);
        const char *remark = memchr(text, '#', len);

        place->line++;
        if (!items_add(list, place, text, remark ? (size_t)(remark - text) : len))
            return false;
        text = newline ? newline + 1 : end;
    }
    return true;
}

/* Reads a regular file whole: its text is to be freed. NULL with errno set. */
static char *
file_read(const char *path, size_t *size)
{
    int fd = pn_files_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    char *text = NULL;
    struct stat st;
    ssize_t got = 0;
    int error;

    *size = 0;
    if (fd < 0)
        return NULL;
    errno = EINVAL;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        goto out;
    errno = EFBIG;
    if (st.st_size > FILE_MOST)
        goto out;
    text = malloc(FILE_MOST + 1);
    if (!text)
        goto out;
    while (*size <= FILE_MOST &&
           (got = read(fd, text + *size, FILE_MOST + 1 - *size)) > 0)
        *size += (size_t)got;
    if (got == 0 && *size <= FILE_MOST)
        goto out;
    error = got < 0 ? errno : EFBIG;
    free(text);
    text = NULL;
    errno = error;
out:
    error = errno;
    close(fd);
    errno = error;
    return text;
}

static bool
file_add(struct srv_address_list *list, const char *path, char *fault)
{
    struct place place = { .file = path, .fault = fault };
    size_t size, before = list->count;
    char *text = file_read(path, &size);
    bool good;

    if (!text)
        return fail(&place, errno == EINVAL ? "no regular file" : pn_errno_text(errno),
                    NULL, 0);
    good = lines_add(list, &place, text, size);
    free(text);
    place.line = 0;
    if (good && list->count == before)
        return fail(&place, "no address in it", NULL, 0);
    return good;
}

bool
srv_address_list_add(struct srv_address_list *list, const char *text, char *fault)
{
    const struct place place = { .fault = fault };
    size_t before = list->count;

    while (*text) {
        size_t len = strcspn(text, ",");

        if (*text == '@') {
            if (!file_add(list, text + 1, fault)) /* a name may hold commas */
                return false;
            return true;
        }
        if (len && !items_add(list, &place, text, len))
            return false;
        text += len + (text[len] == ',');
    }
    if (list->count == before)
        return fail(&place, "no address in it", NULL, 0);
    return true;
}

bool
srv_address_next(const struct postern_addr *addr, struct postern_addr *out)
{
    size_t i = width_of(addr);

    *out = *addr;
    while (i--)
        if (++out->bytes[i])
            return true;
    return false;
}

void
srv_address_list_finish(struct srv_address_list *list)
{
    size_t kept = 0;

    if (!list->count)
        return;
    qsort(list->ranges, list->count, sizeof(*list->ranges), by_first);
    for (size_t i = 1; i < list->count; i++) {
        struct srv_address_range *last = &list->ranges[kept];
        const struct srv_address_range *range = &list->ranges[i];
        struct postern_addr behind;
        bool family = range->first.family == last->last.family;

        if (family && (!srv_address_next(&last->last, &behind) ||
                       compare(&range->first, &behind) <= 0)) {
            if (compare(&range->last, &last->last) > 0)
                last->last = range->last;
        } else {
            list->ranges[++kept] = *range;
        }
    }
    list->count = kept + 1;
}

bool
srv_address_list_has(const struct srv_address_list *list,
                     const struct postern_addr *addr)
{
    size_t low = 0, high = list->count;

    while (low < high) { /* the first range that ends at the address or behind it */
        size_t middle = low + (high - low) / 2;

        if (compare(&list->ranges[middle].last, addr) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->count && compare(&list->ranges[low].first, addr) <= 0;
}

bool
srv_address_list_is_all(const struct srv_address_list *list, int family)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct srv_address_range *range = &list->ranges[i];
        struct postern_addr behind;
        bool zero = true;

        for (size_t k = 0; k < sizeof(range->first.bytes); k++)
            zero &= !range->first.bytes[k];
        if (range->first.family == family && zero &&
            !srv_address_next(&range->last, &behind))
            return true;
    }
    return false;
}

void
srv_address_list_clear(struct srv_address_list *list)
{
    free(list->ranges);
    *list = (struct srv_address_list){ .ranges = NULL };
}
