/* The ident answer, byte by byte. */
#include "server/ident.h"

#include <stdio.h>

enum { COLONS = 3 };

static enum srv_ident_state
byte_feed(struct srv_ident *ident, char c)
{
    if (c == '\n') {
        ident->text[ident->size] = '\0';
        return SRV_IDENT_DONE;
    }
    if (c == ' ' || c == '\t' || c == '\r')
        return SRV_IDENT_MORE;
    if (ident->colons < COLONS) {
        ident->colons += c == ':';
        return SRV_IDENT_MORE;
    }
    ident->text[ident->size++] = c;
    if (ident->size < SRV_IDENT_SIZE)
        return SRV_IDENT_MORE;
    ident->text[ident->size] = '\0';
    return SRV_IDENT_DONE;
}

enum srv_ident_state
srv_ident_feed(struct srv_ident *ident, const char *bytes, size_t size)
{
    enum srv_ident_state state = SRV_IDENT_MORE;

    for (size_t i = 0; i < size && state == SRV_IDENT_MORE; i++) {
        if (ident->read++ == SRV_IDENT_READ)
            return SRV_IDENT_FAILED;
        state = byte_feed(ident, bytes[i]);
    }
    return state;
}

size_t
srv_ident_query(unsigned remote_port, unsigned local_port, char *out, size_t size)
{
    int len = snprintf(out, size, "%u , %u\r\n", remote_port, local_port);

    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}
