/* The other side of an SMTP conversation in which nothing is accepted. Pure. */
#ifndef SRV_COMPANIONS_SMTP_REFUSAL_H
#define SRV_COMPANIONS_SMTP_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Longer than any command that matters; the rest of a line is not looked at. */
enum { SRV_SMTP_WORD = 8 };

struct srv_smtp_refusal {
    const char *refusal; /* "451 why\r\n" */
    struct pn_buffer *replies;
    size_t size; /* of the line so far, as far as it is kept */
    bool word_ended, done;
    char word[SRV_SMTP_WORD];
    char last; /* byte of the line: a carriage return before the newline is no part */
};

/* The greeting goes into `replies`; both stay the caller's. */
void
srv_smtp_refusal_begin(struct srv_smtp_refusal *smtp, const char *refusal,
                       struct pn_buffer *replies);

/* Takes what the client sends; `done` is set once it has said QUIT. */
void
srv_smtp_refusal_feed(struct srv_smtp_refusal *smtp, const char *bytes, size_t size);

#endif
