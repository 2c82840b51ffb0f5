/*
 * Fuzz: PROXY headers with bytes behind them, in pieces of any size. In pieces they say
 * what they say whole, no byte behind one is taken, and what is said is well formed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/proxy_header.h"
#include "tests/fuzz/check.h"

struct seen {
    uint8_t bytes[SRV_PROXY_MOST];
    size_t size;
    struct srv_proxy_want want;
    enum srv_proxy_fault fault;
    struct srv_proxy_header header;
};

/* As a connection is read of which `piece` bytes more are there each time. */
static void
feed(const uint8_t *data, size_t size, size_t piece, size_t most, struct seen *seen)
{
    size_t there = 0;

    seen->size = 0;
    for (;;) {
        size_t count;
        const uint8_t *newline;

        seen->want = srv_proxy_wants(seen->bytes, seen->size, most);
        if (seen->want.next == SRV_PROXY_BROKEN || seen->want.next == SRV_PROXY_WHOLE)
            break;
        CHECK(seen->want.count > 0 && seen->size + seen->want.count <= most);
        count = there - seen->size;
        if (!count && there == size)
            return;
        if (!count) {
            there = size - there < piece ? size : there + piece;
            continue;
        }
        if (count > seen->want.count)
            count = seen->want.count;
        newline = memchr(data + seen->size, '\n', count);
        if (seen->want.next == SRV_PROXY_LINE && newline)
            count = (size_t)(newline - (data + seen->size)) + 1;
        memcpy(seen->bytes + seen->size, data + seen->size, count);
        seen->size += count;
    }
    seen->fault = seen->want.fault;
    if (seen->want.next == SRV_PROXY_WHOLE)
        seen->fault = srv_proxy_read(seen->bytes, seen->size, &seen->header);
}

static void
check_end(const struct srv_endpoint *end)
{
    char text[POSTERN_ADDR_TEXT_SIZE];

    CHECK(end->addr.family == 4 || end->addr.family == 6);
    CHECK(postern_addr_print(&end->addr, text) > 0);
}

static void
check_header(const struct seen *seen)
{
    const struct srv_proxy_header *header = &seen->header;

    if (header->proxied) {
        check_end(&header->remote);
        check_end(&header->local);
    }
    for (size_t i = 0; i < SRV_PROXY_TEXTS; i++) {
        const char *text = header->texts[i];

        if (!text)
            continue;
        CHECK(header->proxied && *text && strlen(text) <= 255);
        CHECK((const uint8_t *)text > seen->bytes &&
              (const uint8_t *)text + strlen(text) < seen->bytes + seen->size);
        for (; *text; text++)
            CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct seen whole, cut;
    size_t piece, most;

    if (size < 2)
        return 0;
    piece = data[0] % 16 + 1u;
    most = 107 + (size_t)data[1] * 16 % (SRV_PROXY_MOST - 106);
    feed(data + 2, size - 2, SIZE_MAX / 2, most, &whole);
    feed(data + 2, size - 2, piece, most, &cut);
    CHECK(whole.want.next == cut.want.next && whole.fault == cut.fault);
    if (whole.want.next != SRV_PROXY_WHOLE || whole.fault != SRV_PROXY_GOOD)
        return 0;
    CHECK(whole.size == cut.size);
    CHECK(whole.header.proxied == cut.header.proxied);
    check_header(&whole);
    for (size_t i = 0; i < SRV_PROXY_TEXTS; i++)
        CHECK(!whole.header.texts[i] == !cut.header.texts[i] &&
              (!whole.header.texts[i] ||
               strcmp(whole.header.texts[i], cut.header.texts[i]) == 0));
    return 0;
}
