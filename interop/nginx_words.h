/* A configuration of nginx as directives. */
#ifndef PN_INTEROP_NGINX_WORDS_H
#define PN_INTEROP_NGINX_WORDS_H

#include "base/source.h"

enum { PN_NGINX_WORDS = 4 }; /* more are counted, and not kept */

enum pn_nginx_end {
    PN_NGINX_SEMICOLON,
    PN_NGINX_OPEN,  /* { */
    PN_NGINX_CLOSE, /* }, which no words are before */
    PN_NGINX_END,
    PN_NGINX_FAULT /* words that nothing ends, or a quote that does not */
};

/* Words without their quotes, and what stands behind them. */
struct pn_nginx_directive {
    struct pn_str words[PN_NGINX_WORDS];
    size_t count, line; /* of the first word, or of the end without any */
    enum pn_nginx_end end;
};

/* Goes through a text. */
struct pn_nginx_reader {
    struct pn_str rest;
    size_t line; /* 1 at first */
};

/* The next directive; its `end` says how it went. */
void
pn_nginx_next(struct pn_nginx_reader *reader, struct pn_nginx_directive *out);

#endif
