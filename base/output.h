/* Buffered writing to a descriptor that never loses an error. */
#ifndef PN_BASE_OUTPUT_H
#define PN_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * Bytes gather in `pending` and leave in large pieces. The first failure is kept in
 * `error` (an errno value) and everything after it is dropped: write freely, and ask
 * pn_output_flush() at the end. What finds no memory to gather in is written at once.
 * With an fd of -1 nothing leaves: the bytes are in
 * `pending`, to be freed.
 */
struct pn_output {
    int fd;
    int error;
    struct pn_buffer pending;
    bool guarded; /* by pn_output_guard() */
    char held[4]; /* an incomplete character */
    size_t held_size;
    void (*before)(void *payload); /* called before a write; NULL: nothing is */
    void *payload;
};

void
pn_output_begin(struct pn_output *output, int fd);

/*
 * From now on control characters are shown as "\xHH": bytes below a blank except
 * newline, tab and return, 0x7f to 0x9f, and U+0080 to U+009F. So no string, whatever
 * its origin, can control the terminal; pn_output_paint() is for deliberate control
 * sequences.
 */
void
pn_output_guard(struct pn_output *output);

/* The same, if the descriptor is a terminal. */
void
pn_output_guard_terminal(struct pn_output *output);

void
pn_output_add(struct pn_output *output, const void *bytes, size_t size);

/* Writes a control sequence for a terminal unchanged: colours. */
void
pn_output_paint(struct pn_output *output, const char *text);

void
pn_output_text(struct pn_output *output, const char *text);

/* In decimal. */
void
pn_output_number(struct pn_output *output, uint64_t number);

__attribute__((format(printf, 2, 3))) void
pn_output_format(struct pn_output *output, const char *format, ...);

/*
 * Writes what is pending. False with errno set when anything since the beginning
 * failed.
 */
bool
pn_output_flush(struct pn_output *output);

/* Flushes and frees; the descriptor stays open. */
bool
pn_output_end(struct pn_output *output);

/* Writes all of it, through interruptions and short writes; false with errno set. */
bool
pn_write_all(int fd, const void *bytes, size_t size);

#endif
