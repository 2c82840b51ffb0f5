/* Reading a text whole, and turning offsets into lines and columns. */
#include "base/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/vector.h"

enum { READ_STEP = 1 << 16 };

/* The file's size when it tells one: a first guess only, it may change as we read. */
static size_t
size_hint(int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        return (size_t)st.st_size;
    return 0;
}

static bool
read_all(int fd, size_t limit, struct pn_buffer *buffer)
{
    size_t want = size_hint(fd);

    if (want > limit) {
        errno = EFBIG;
        return false;
    }
    for (;;) {
        ssize_t got;

        /* one byte more than the hint, so that the end shows without growing */
        if (!pn_buffer_reserve(buffer, want > buffer->size ? want - buffer->size + 1
                                                           : READ_STEP)) {
            errno = ENOMEM;
            return false;
        }
        got = read(fd, buffer->bytes + buffer->size, buffer->capacity - buffer->size);
        if (got == 0)
            return pn_buffer_reserve(buffer, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        buffer->size += (size_t)got;
        if (buffer->size > limit) {
            errno = EFBIG;
            return false;
        }
    }
}

static void
adopt(struct pn_source *out, const char *name, struct pn_buffer *buffer)
{
    buffer->bytes[buffer->size] = '\0';
    *out =
        (struct pn_source){ .name = name, .text = buffer->bytes, .size = buffer->size };
}

bool
pn_source_read(struct pn_source *out, const char *name, int fd, size_t limit)
{
    struct pn_buffer buffer = { 0 };
    int saved_errno;

    if (limit > PN_SOURCE_SIZE_MAX)
        limit = PN_SOURCE_SIZE_MAX;
    if (read_all(fd, limit, &buffer)) {
        adopt(out, name, &buffer);
        return true;
    }
    saved_errno = buffer.failed ? ENOMEM : errno;
    pn_buffer_free(&buffer);
    errno = saved_errno;
    return false;
}

bool
pn_source_from_text(struct pn_source *out, const char *name, struct pn_str text)
{
    struct pn_buffer buffer = { 0 };

    if (text.len > PN_SOURCE_SIZE_MAX || !pn_buffer_reserve(&buffer, text.len + 1))
        return false;
    pn_buffer_add(&buffer, text.ptr, text.len);
    adopt(out, name, &buffer);
    return true;
}

void
pn_source_clear(struct pn_source *source)
{
    pn_free(source->text);
    pn_free(source->line_starts);
    *source = (struct pn_source){ 0 };
}

bool
pn_source_index(struct pn_source *source)
{
    const char *end = source->text + source->size, *at = source->text;
    uint32_t *starts = NULL;
    size_t count = 0, capacity = 0;

    for (;;) {
        const char *newline;

        if (!pn_vector_reserve(&starts, &capacity, count + 1, sizeof(*starts))) {
            pn_free(starts);
            return false;
        }
        starts[count++] = (uint32_t)(at - source->text);
        newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            break;
        at = newline + 1;
    }
    pn_free(source->line_starts);
    source->line_starts = starts;
    source->line_count = count;
    return true;
}

/* The number, from 0, of the last line that starts at or before the offset. */
static size_t
line_find(const struct pn_source *source, uint32_t offset)
{
    size_t low = 0, high = source->line_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static size_t
line_walk(const struct pn_source *source, uint32_t offset, size_t *start)
{
    const char *at = source->text, *stop = at + offset, *newline;
    size_t line = 0;

    while ((newline = memchr(at, '\n', (size_t)(stop - at)))) {
        at = newline + 1;
        line++;
    }
    *start = (size_t)(at - source->text);
    return line;
}

struct pn_position
pn_source_position(const struct pn_source *source, uint32_t offset)
{
    return pn_source_position_near(source, offset, 0);
}

/* Does a line, from 0, hold the offset? */
static bool
is_line_of(const struct pn_source *source, size_t line, uint32_t offset)
{
    return line < source->line_count && source->line_starts[line] <= offset &&
           (line + 1 == source->line_count || source->line_starts[line + 1] > offset);
}

struct pn_position
pn_source_position_near(const struct pn_source *source, uint32_t offset, size_t line)
{
    size_t start, end;
    const char *newline;

    if (offset > source->size)
        offset = (uint32_t)source->size;
    if (source->line_starts) {
        if (!line || !is_line_of(source, line - 1, offset))
            line = line_find(source, offset);
        else
            line--;
        start = source->line_starts[line];
    } else {
        line = line_walk(source, offset, &start);
    }
    newline = memchr(source->text + start, '\n', source->size - start);
    end = newline ? (size_t)(newline - source->text) : source->size;
    return (struct pn_position){
        .line = source->lines_before + line + 1,
        .column = offset - start + 1,
        .whole_line = { (uint32_t)start, (uint32_t)(end - start) },
    };
}

struct pn_str
pn_source_slice(const struct pn_source *source, struct pn_span span)
{
    return (struct pn_str){ source->text + span.offset, span.size };
}
