/* Output gathers up to a piece, then goes out whole. */
#include "base/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 16, LINE = 512 };

bool
pn_write_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size) {
        ssize_t written = write(fd, at, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

void
pn_output_begin(struct pn_output *output, int fd)
{
    *output = (struct pn_output){ .fd = fd };
}

bool
pn_output_flush(struct pn_output *output)
{
    if (output->pending.failed && !output->error)
        output->error = ENOMEM;
    if (!output->error &&
        !pn_write_all(output->fd, output->pending.bytes, output->pending.size))
        output->error = errno;
    output->pending.size = 0;
    errno = output->error;
    return !output->error;
}

/* Words about a shortage of memory must not need any: they leave as they come. */
static void
write_through(struct pn_output *output, const void *bytes, size_t size)
{
    output->pending.failed = false;
    if (pn_output_flush(output) && !pn_write_all(output->fd, bytes, size))
        output->error = errno;
}

void
pn_output_add(struct pn_output *output, const void *bytes, size_t size)
{
    bool failed_before = output->pending.failed;

    pn_buffer_add(&output->pending, bytes, size);
    if (output->fd < 0 || failed_before)
        return;
    if (output->pending.failed)
        write_through(output, bytes, size);
    else if (output->pending.size >= PIECE)
        (void)pn_output_flush(output); /* its failure is kept in output->error */
}

void
pn_output_text(struct pn_output *output, const char *text)
{
    pn_output_add(output, text, strlen(text));
}

void
pn_output_format(struct pn_output *output, const char *format, ...)
{
    char line[LINE];
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= sizeof(line))
        output->error = EOVERFLOW; /* formats are for numbers and short words */
    else
        pn_output_add(output, line, (size_t)size);
}

bool
pn_output_end(struct pn_output *output)
{
    bool good = pn_output_flush(output);
    int saved_errno = errno;

    pn_buffer_free(&output->pending);
    errno = saved_errno;
    return good;
}
