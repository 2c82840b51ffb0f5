/* The server's lines on standard error. */
#define _GNU_SOURCE
#include "server/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/reopen.h"

enum { FIELD_SIZE = 100, PIECE = 4096 };

static void
loss_say(struct srv_line *line, const struct srv_log *log)
{
    srv_line_text(line, log->who);
    srv_line_text(line, ": warning: ");
    srv_line_number(line, log->lost);
    srv_line_text(line, " lines lost\n");
}

void
srv_log_begin(struct srv_log *log, const char *who, bool patient)
{
    struct stat st;
    int fd;

    log->fd = STDERR_FILENO;
    log->who = who;
    log->loss = loss_say;
    log->patient = patient;
    log->size = log->lost = 0;
    log->pending = log->first;
    log->room = sizeof(log->first);
    log->pollable = log->socket = false;
    if (patient || fstat(STDERR_FILENO, &st) < 0 || S_ISREG(st.st_mode))
        return;
    log->pollable = true;
    log->socket = S_ISSOCK(st.st_mode);
    fd = srv_reopen_pipe(STDERR_FILENO);
    if (fd >= 0)
        log->fd = fd;
}

static bool
has_room(int fd)
{
    struct pollfd ask = { .fd = fd, .events = POLLOUT };

    return poll(&ask, 1, 0) == 1;
}

/* How many bytes go into one write: whole lines, so that no line of ours is split. */
static size_t
piece_size(const struct srv_log *log)
{
    const char *end;

    if (log->size <= PIECE)
        return log->size;
    end = memrchr(log->pending, '\n', PIECE);
    return end ? (size_t)(end - log->pending) + 1 : PIECE;
}

static ssize_t
write_piece(const struct srv_log *log, size_t size)
{
    if (log->socket)
        return send(log->fd, log->pending, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (log->pollable && log->fd == STDERR_FILENO && !has_room(log->fd)) {
        errno = EAGAIN;
        return -1;
    }
    return write(log->fd, log->pending, size);
}

static bool
write_pending(struct srv_log *log)
{
    while (log->size) {
        size_t size = piece_size(log);
        ssize_t wrote = write_piece(log, size);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return false;
        if (wrote < 0) /* the reader is gone or the disk is full: the lines are lost */
            wrote = (ssize_t)size;
        log->size -= (size_t)wrote;
        memmove(log->pending, log->pending + wrote, log->size);
    }
    return true;
}

/* Makes room for `size` more bytes, within the limit and if there is memory. */
static bool
grow(struct srv_log *log, size_t size)
{
    size_t room = log->room;
    char *fresh;

    while (size > room - log->size && room < SRV_LOG_SIZE)
        room *= 2;
    if (size > room - log->size)
        return false;
    if (room == log->room)
        return true;
    fresh = realloc(log->pending == log->first ? NULL : log->pending, room);
    if (!fresh)
        return false;
    if (log->pending == log->first)
        memcpy(fresh, log->first, log->size);
    log->pending = fresh;
    log->room = room;
    return true;
}

static bool
append(struct srv_log *log, const char *line, size_t size)
{
    if (!grow(log, size))
        return false;
    memcpy(log->pending + log->size, line, size);
    log->size += size;
    return true;
}

static void
loss_log(struct srv_log *log)
{
    struct srv_line line = { .size = 0 };

    log->loss(&line, log);
    if (append(log, line.bytes, line.size))
        log->lost = 0;
}

void
srv_log_line(struct srv_log *log, const char *line, size_t size)
{
    if (!grow(log, size))
        (void)write_pending(log); /* what is left tells */
    if (log->lost)
        loss_log(log);
    if (log->lost || !append(log, line, size))
        log->lost++;
}

bool
srv_log_flush(struct srv_log *log)
{
    if (!write_pending(log))
        return false;
    if (log->lost)
        loss_log(log);
    return write_pending(log);
}

static void
add(struct srv_line *line, char c)
{
    if (line->size + 1 < SRV_LINE_SIZE)
        line->bytes[line->size++] = c;
}

void
srv_line_text(struct srv_line *line, const char *text)
{
    for (; *text; text++)
        add(line, *text);
}

void
srv_line_bytes(struct srv_line *line, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        add(line, bytes[i]);
}

void
srv_line_add(struct srv_line *line, const struct srv_line *other)
{
    srv_line_bytes(line, other->bytes, other->size);
}

void
srv_line_number(struct srv_line *line, unsigned long long number)
{
    char digits[24];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count)
        add(line, digits[--count]);
}

void
srv_line_field_except(struct srv_line *line, const char *text, char hidden)
{
    if (!text)
        return;
    for (size_t i = 0; text[i]; i++) {
        bool shown =
            text[i] >= '!' && text[i] <= '~' && text[i] != '%' && text[i] != hidden;

        add(line, shown ? text[i] : '?');
        if (i + 1 == FIELD_SIZE) {
            srv_line_text(line, "...");
            return;
        }
    }
}

void
srv_line_field(struct srv_line *line, const char *text)
{
    srv_line_field_except(line, text, '\0');
}

void
srv_line_piece(struct srv_line *line, char *room, size_t size, struct postern_str text)
{
    size_t len = text.len < size ? text.len : size - 1;

    if (text.ptr)
        memcpy(room, text.ptr, len);
    room[text.ptr ? len : 0] = '\0';
    srv_line_field(line, room);
}

void
srv_line_end(struct srv_line *line, struct srv_log *log)
{
    line->bytes[line->size++] = '\n'; /* add() keeps this room */
    srv_log_line(log, line->bytes, line->size);
}
