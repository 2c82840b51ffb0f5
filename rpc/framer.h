/*
 * Cuts a stream of bytes into messages: behind headers, as the Language Server Protocol
 * has them, or a line each, as the Model Context Protocol does. Reads nothing itself.
 */
#ifndef PN_RPC_FRAMER_H
#define PN_RPC_FRAMER_H

#include "base/buffer.h"

enum pn_framing {
    PN_FRAMING_HEADERS, /* "Content-Length: N", an empty line, N bytes */
    PN_FRAMING_LINES    /* up to a newline */
};

/* No line of headers is longer, and no more of them stand before a message. */
enum { PN_FRAMER_LINE_MAX = 1024, PN_FRAMER_HEADERS_MAX = 16 };

enum pn_frame {
    PN_FRAME_NONE,       /* more bytes are wanted */
    PN_FRAME_MESSAGE,    /* *out is one, valid until the next call */
    PN_FRAME_BAD_HEADER, /* what is no header was passed over, to the next that is one
                          */
    PN_FRAME_TOO_LONG,   /* a message was longer than the limit, and is passed over */
    PN_FRAME_MEMORY      /* there was no memory for a message, which is passed over */
};

/* All zero but for the framing and the limit when empty. */
struct pn_framer {
    enum pn_framing framing;
    size_t limit; /* of the bytes of a message */
    struct pn_buffer held;
    size_t at;          /* what stands before it was handed out */
    size_t searched;    /* no line ends before it */
    size_t skip;        /* bytes of a message to pass over */
    size_t length;      /* of the message whose headers were read */
    unsigned headers;   /* lines of headers read, of the message at hand */
    bool has_length;    /* one of them was its length */
    bool is_lost;       /* looking for the next header */
    bool is_in_message; /* the headers have ended */
};

/* Gives more bytes of the stream; false without memory: then they are lost. */
bool
pn_framer_add(struct pn_framer *framer, const void *bytes, size_t size);

/* The next of what was given, until there is none. */
enum pn_frame
pn_framer_next(struct pn_framer *framer, struct pn_str *out);

void
pn_framer_clear(struct pn_framer *framer);

#endif
