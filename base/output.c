/* Output is buffered and written in pieces. */
#include "base/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

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
    if (output->before && output->pending.size)
        output->before(output->payload);
    if (output->pending.failed && !output->error)
        output->error = ENOMEM;
    if (output->fd < 0) { /* nothing leaves */
        errno = output->error;
        return !output->error;
    }
    if (!output->error &&
        !pn_write_all(output->fd, output->pending.bytes, output->pending.size))
        output->error = errno;
    output->pending.size = 0;
    errno = output->error;
    return !output->error;
}

/* Messages about lack of memory must not need any: they are written at once. */
static void
write_through(struct pn_output *output, const void *bytes, size_t size)
{
    output->pending.failed = false;
    if (output->before)
        output->before(output->payload);
    if (pn_output_flush(output) && !pn_write_all(output->fd, bytes, size))
        output->error = errno;
}

static void
add(struct pn_output *output, const void *bytes, size_t size)
{
    bool failed_before = output->pending.failed;

    pn_buffer_add(&output->pending, bytes, size);
    if (output->fd < 0 || failed_before)
        return;
    if (output->pending.failed)
        write_through(output, bytes, size);
    else if (output->pending.size >= PIECE)
        (void)pn_output_flush(output); /* a failure is kept in output->error */
}

void
pn_output_guard(struct pn_output *output)
{
    output->guarded = true;
}

void
pn_output_guard_terminal(struct pn_output *output)
{
    int saved_errno = errno;

    if (isatty(output->fd))
        pn_output_guard(output);
    errno = saved_errno;
}

/* Is it a character that a terminal acts on? */
static bool
is_obeyed(uint32_t code)
{
    return (code < ' ' && code != '\n' && code != '\t' && code != '\r') ||
           (code >= 0x7f && code <= 0x9f);
}

static void
add_hex(struct pn_output *output, unsigned char byte)
{
    char text[8];
    int size = snprintf(text, sizeof(text), "\\x%02x", byte);

    add(output, text, (size_t)size);
}

/* The length of the character that begins with this byte; 1 for an invalid byte. */
static size_t
length_of(unsigned char front)
{
    return front < 0xc2   ? 1
           : front < 0xe0 ? 2
           : front < 0xf0 ? 3
           : front < 0xf5 ? 4
                          : 1;
}

/* Writes the held bytes: a character, or an incomplete one that is invalid. */
static void
held_add(struct pn_output *output)
{
    uint32_t code;
    size_t size = output->held_size;

    output->held_size = 0;
    if (pn_utf8_decode(output->held, size, &code) == size && !is_obeyed(code)) {
        add(output, output->held, size);
        return;
    }
    for (size_t i = 0; i < size; i++)
        add_hex(output, (unsigned char)output->held[i]);
}

/* Holds bytes until a character is complete. */
static void
add_guarded(struct pn_output *output, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool goes_on = ((unsigned char)bytes[i] & 0xc0) == 0x80;

        if (output->held_size && !goes_on)
            held_add(output);
        output->held[output->held_size++] = bytes[i];
        if (output->held_size == length_of((unsigned char)output->held[0]))
            held_add(output);
    }
}

void
pn_output_add(struct pn_output *output, const void *bytes, size_t size)
{
    if (output->guarded)
        add_guarded(output, bytes, size);
    else
        add(output, bytes, size);
}

void
pn_output_paint(struct pn_output *output, const char *text)
{
    if (output->held_size)
        held_add(output);
    add(output, text, strlen(text));
}

void
pn_output_text(struct pn_output *output, const char *text)
{
    pn_output_add(output, text, strlen(text));
}

void
pn_output_number(struct pn_output *output, uint64_t number)
{
    enum { DIGITS = 20 };
    char text[DIGITS];
    size_t at = DIGITS;

    do
        text[--at] = (char)('0' + number % 10);
    while (number /= 10);
    pn_output_add(output, text + at, DIGITS - at);
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
        output->error = EOVERFLOW; /* only for numbers and short words */
    else
        pn_output_add(output, line, (size_t)size);
}

bool
pn_output_end(struct pn_output *output)
{
    int saved_errno;
    bool good;

    if (output->held_size)
        held_add(output);
    good = pn_output_flush(output);
    saved_errno = errno;
    pn_buffer_free(&output->pending);
    errno = saved_errno;
    return good;
}
