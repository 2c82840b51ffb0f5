/*
 * Log lines to standard error that never block the server. Lines that the reader does
 * not take wait in a buffer of up to 64 KiB. When that is full, or there is no memory
 * for it, lines are dropped, and their number is logged as soon as there is room.
 */
#ifndef SRV_LOG_H
#define SRV_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "postern/types.h"

enum { SRV_LOG_SIZE = 65536, SRV_LOG_FIRST_SIZE = 4096, SRV_LINE_SIZE = 2048 };

struct srv_log;
struct srv_line;
struct srv_forms;

struct srv_log {
    int fd;
    bool pollable; /* poll(2) tells when there is room: a pipe, socket or terminal */
    bool socket;
    bool patient;    /* --log-block: writes block */
    size_t size;     /* bytes pending */
    size_t lost;     /* lines dropped and not yet reported */
    const char *who; /* "tcpserver": the caller's, which outlives this */
    char *pending;   /* `first` until that is too small */
    size_t room;     /* bytes of it */
    /* how lines are written: of server/messages.h, and how it is told that lines are
     * lost */
    const struct srv_forms *forms;
    void (*loss)(struct srv_line *line, const struct srv_log *log);
    char first[SRV_LOG_FIRST_SIZE];
};

/*
 * Opens standard error a second time, so that O_NONBLOCK does not affect the programs
 * that share it. Where that fails, polls before each write. The log must not move
 * afterwards, and lives as long as the process.
 */
void
srv_log_begin(struct srv_log *log, const char *who, bool patient);

/* Adds one whole line, with its newline. It is written at the next flush. */
void
srv_log_line(struct srv_log *log, const char *line, size_t size);

/* Writes as much as the reader takes. False while something is left. */
bool
srv_log_flush(struct srv_log *log);

/* A line under construction. What does not fit is left out; the newline always fits. */
struct srv_line {
    size_t size;
    char bytes[SRV_LINE_SIZE];
};

void
srv_line_text(struct srv_line *line, const char *text);

void
srv_line_bytes(struct srv_line *line, const char *bytes, size_t size);

/* What another line has. */
void
srv_line_add(struct srv_line *line, const struct srv_line *other);

void
srv_line_number(struct srv_line *line, unsigned long long number);

/*
 * A text from outside: what is unprintable, blank or "%" becomes "?", and of 100
 * bytes or more the first 100 stand, with "..." after them. NULL is an empty text.
 */
void
srv_line_field(struct srv_line *line, const char *text);

/* The same; the character `hidden` also becomes "?". NUL for none. */
void
srv_line_field_except(struct srv_line *line, const char *text, char hidden);

/* The same of a piece of text, which is put into `room` first. */
void
srv_line_piece(struct srv_line *line, char *room, size_t size, struct postern_str text);

/* Ends the line and logs it. */
void
srv_line_end(struct srv_line *line, struct srv_log *log);

#endif
