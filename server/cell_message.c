/* The texts are held to what the readers of answers make: dns_answer.h, ident.h. */
#include "server/cell_message.h"

#include <string.h>

#include "server/lookup.h"

static void
text_copy(const char *text, char *out, bool *has)
{
    *has = text != NULL;
    if (text)
        memcpy(out, text, strlen(text) + 1);
}

void
srv_cell_reply_of(const struct srv_lookup *lookup, struct srv_cell_reply *out)
{
    memset(out, 0, sizeof(*out));
    out->kind = SRV_CELL_ANSWER;
    out->nameless = lookup->nameless;
    out->unanswered = lookup->unanswered;
    text_copy(lookup->client.host, out->host, &out->has_host);
    text_copy(lookup->client.local_host, out->local_host, &out->has_local_host);
    text_copy(lookup->client.ident, out->ident, &out->has_ident);
}

static bool
name_is_sound(const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);

    if (!end)
        return false;
    for (; text < end; text++)
        if (*text <= ' ' || *text > '~' || (*text >= 'A' && *text <= 'Z'))
            return false;
    return true;
}

static bool
ident_is_sound(const char *text, size_t size)
{
    return memchr(text, '\0', size) && !strpbrk(text, " \t\r\n");
}

bool
srv_cell_reply_is_sound(const void *bytes, size_t size)
{
    static const uint32_t names = SRV_LOOKUP_HOST | SRV_LOOKUP_LOCAL_HOST;
    struct srv_cell_reply reply;
    uint8_t flags[4];

    if (size != sizeof(reply))
        return false;
    memcpy(&reply, bytes, sizeof(reply));
    memcpy(flags, (const char *)bytes + offsetof(struct srv_cell_reply, unanswered),
           sizeof(flags));
    for (size_t i = 0; i < sizeof(flags); i++)
        if (flags[i] > 1)
            return false; /* no bool has that value */
    if (reply.kind < SRV_CELL_ANSWER || reply.kind > SRV_CELL_ENDED ||
        reply.held & ~(uint32_t)SRV_CELL_HOLDS || reply.nameless & ~names)
        return false;
    return name_is_sound(reply.host, sizeof(reply.host)) &&
           name_is_sound(reply.local_host, sizeof(reply.local_host)) &&
           ident_is_sound(reply.ident, sizeof(reply.ident));
}
