/* Reading an image back through a window, so that memory does not grow with it. */
#include "compiler/readback.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/vector.h"
#include "runtime/format/container.h"
#include "runtime/format/record.h"

enum { WINDOW = 1 << 16 };

/* The bytes [start, start + size) of the file, in memory. */
struct window {
    int fd;
    uint8_t *bytes;
    size_t capacity, size;
    uint64_t start;
};

/* Makes `size` bytes at `position` readable; NULL at the end of the file, or errno. */
static const uint8_t *
window_get(struct window *window, uint64_t position, size_t size)
{
    size_t want = size > WINDOW ? size : WINDOW;

    if (position >= window->start && position - window->start <= window->size &&
        window->size - (position - window->start) >= size)
        return window->bytes + (position - window->start);
    if (!pn_vector_reserve(&window->bytes, &window->capacity, want, 1)) {
        errno = ENOMEM;
        return NULL;
    }
    window->start = position;
    window->size = 0;
    while (window->size < size) {
        ssize_t got =
            pread(window->fd, window->bytes + window->size,
                  window->capacity - window->size, (off_t)(position + window->size));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return NULL;
        window->size += (size_t)got;
    }
    return window->bytes;
}

static bool
records_match(struct window *window, uint64_t end, uint64_t records, uint64_t digest)
{
    uint64_t position = PN_CDB_HEADER_SIZE, seen = 0, found = 0;

    while (position < end) {
        const uint8_t *head = window_get(window, position, PN_CDB_RECORD_HEAD), *body;
        size_t key_size, value_size;

        if (!head)
            return false;
        key_size = pn_container_number(head);
        value_size = pn_container_number(head + 4);
        if (key_size + value_size > end - position)
            return false;
        body = window_get(window, position + PN_CDB_RECORD_HEAD, key_size + value_size);
        if (!body)
            return false;
        found = pn_record_digest(found, body, key_size, body + key_size, value_size);
        seen++;
        position += PN_CDB_RECORD_HEAD + key_size + value_size;
    }
    return position == end && seen == records && found == digest;
}

bool
pn_readback(int fd, uint64_t records, uint64_t digest)
{
    struct window window = { .fd = fd };
    uint64_t slots, end;
    const uint8_t *header;
    struct stat st;
    bool good = false;

    if (fstat(fd, &st) < 0)
        return false;
    header = window_get(&window, 0, PN_CDB_HEADER_SIZE);
    if (header && st.st_size >= 0 &&
        pn_container_tables(header, (uint64_t)st.st_size, &end, &slots) &&
        slots == 2 * records)
        good = records_match(&window, end, records, digest);
    pn_free(window.bytes);
    return good;
}
