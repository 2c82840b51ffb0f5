/* Fuzz: ident answers, in pieces of any size. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/ident.h"
#include "tests/fuzz/check.h"

static enum srv_ident_state
feed(struct srv_ident *ident, const char *bytes, size_t size, size_t piece)
{
    enum srv_ident_state state = SRV_IDENT_MORE;

    for (size_t at = 0; at < size && state == SRV_IDENT_MORE; at += piece)
        state =
            srv_ident_feed(ident, bytes + at, size - at < piece ? size - at : piece);
    return state;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct srv_ident whole = { 0 }, cut = { 0 };
    size_t piece = size ? data[0] % 16 + 1u : 1;
    enum srv_ident_state state = feed(&whole, (const char *)data, size, SIZE_MAX / 2);

    CHECK(feed(&cut, (const char *)data, size, piece) == state);
    CHECK(cut.size == whole.size && whole.size <= SRV_IDENT_SIZE);
    if (state != SRV_IDENT_DONE)
        return 0;
    CHECK(memcmp(cut.text, whole.text, whole.size + 1) == 0);
    CHECK(whole.text[whole.size] == '\0' && !strpbrk(whole.text, " \t\r\n"));
    return 0;
}
