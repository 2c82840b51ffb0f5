/* Fuzz: the SMTP side of rblsmtpd, with a client's bytes whole and in pieces. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/companions/smtp_refusal.h"
#include "tests/fuzz/check.h"

static void
feed(struct pn_buffer *replies, const char *bytes, size_t size, size_t piece)
{
    struct srv_smtp_refusal smtp;

    srv_smtp_refusal_begin(&smtp, "553 no\r\n", replies);
    for (size_t at = 0; at < size; at += piece)
        srv_smtp_refusal_feed(&smtp, bytes + at, size - at < piece ? size - at : piece);
}

/* One reply to each line and the greeting, up to the one that QUIT has. */
static void
check(const struct pn_buffer *replies, const uint8_t *data, size_t size)
{
    size_t lines = 1, got = 0;

    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    for (size_t i = 0; i < replies->size; i++)
        got += replies->bytes[i] == '\n';
    CHECK(got >= 1 && got <= lines);
    if (got < lines)
        CHECK(replies->size > 20 &&
              memcmp(replies->bytes + replies->size - 20, "221 ", 4) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_buffer whole = { .bytes = NULL }, cut = { .bytes = NULL };

    feed(&whole, (const char *)data, size, SIZE_MAX / 2);
    feed(&cut, (const char *)data, size, size ? data[0] % 16 + 1u : 1);
    if (!whole.failed && !cut.failed) {
        CHECK(whole.size == cut.size &&
              memcmp(whole.bytes, cut.bytes, whole.size) == 0);
        check(&whole, data, size);
    }
    pn_buffer_free(&whole);
    pn_buffer_free(&cut);
    return 0;
}
