/*
 * Lines to standard error that never hold up who writes them. A line that the reader
 * has no room for waits in up to 64 KiB of our own; when those are full, or are not to
 * be had, it is dropped, and counted in a line that is written as soon as there is
 * room.
 */
#ifndef SRV_LOG_H
#define SRV_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum { SRV_LOG_SIZE = 65536, SRV_LOG_FIRST_SIZE = 4096, SRV_LINE_SIZE = 2048 };

struct srv_log {
    int fd;
    bool pollable; /* a pipe, socket or terminal: room can be waited for */
    bool socket;
    bool patient;    /* write as the descriptor does, however long it takes */
    size_t size;     /* bytes pending */
    size_t lost;     /* lines dropped since the last word of it */
    const char *who; /* "tcpserver": the caller's, which outlives this */
    char *pending;   /* `first`, until that is too small: few servers need more */
    size_t room;     /* bytes of it */
    char first[SRV_LOG_FIRST_SIZE];
};

/*
 * Opens standard error a second time, so that not blocking is our own affair and not
 * that of the programs that share it; where that cannot be, asks before each write. The
 * log is not to be moved from then on, and lives as long as the process.
 */
void
srv_log_begin(struct srv_log *log, const char *who, bool patient);

/* One whole line, with its newline. Goes out at the next flush. */
void
srv_log_line(struct srv_log *log, const char *line, size_t size);

/* Writes what there is room for; false while something is left. */
bool
srv_log_flush(struct srv_log *log);

/* A line that is put together. What does not fit is left out, but not the newline. */
struct srv_line {
    size_t size;
    char bytes[SRV_LINE_SIZE];
};

void
srv_line_text(struct srv_line *line, const char *text);

void
srv_line_number(struct srv_line *line, unsigned long long number);

/*
 * A text from outside: what is unprintable, blank or "%" becomes "?", and of 100
 * bytes or more the first 100 stand, with "..." after them. NULL is an empty text.
 */
void
srv_line_field(struct srv_line *line, const char *text);

/* The same, with one more character as "?"; NUL for none. */
void
srv_line_field_except(struct srv_line *line, const char *text, char hidden);

/* Ends the line and logs it. */
void
srv_line_end(struct srv_line *line, struct srv_log *log);

#endif
