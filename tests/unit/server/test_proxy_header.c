/* server/proxy_header: headers of both versions, whole, cut and changed */
#include "tests/support/harness.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "server/proxy_header.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FOUR "\xc0\0\2\1\xc0\0\2\2\x12\x67\0\x19" /* 192.0.2.1:4711 to 192.0.2.2:25 */
#define SIX                                                     \
    "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0" \
    "\0\0\0\0\0\1\x12\x67\0\x19"
#define MAPPED                                                   \
    "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0" \
    "\xff\xff\xc0\0\2\2\x12\x67\0\x19"

/* What a header is read as: "REMOTE PORT LOCAL PORT", "peer", or the fault. */
static const struct {
    const char *bytes;
    size_t size;
    const char *says;
} headers[] = {
#define ROW(bytes, says)               \
    {                                  \
        bytes, sizeof(bytes) - 1, says \
    }
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\r\n", "192.0.2.1 4711 192.0.2.2 25"),
    ROW("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        "255.255.255.255 65535 255.255.255.255 65535"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 0 0\r\n", "192.0.2.1 0 192.0.2.2 0"),
    ROW("PROXY TCP6 2001:db8::1 ::1 4711 25\r\n", "2001:db8::1 4711 ::1 25"),
    ROW("PROXY TCP6 2001:DB8::1 ::1 4711 25\r\n", "2001:db8::1 4711 ::1 25"),
    ROW("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535"),
    ROW("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 4711 25\r\n",
        "192.0.2.1 4711 192.0.2.2 25"),
    ROW("PROXY UNKNOWN\r\n", "it speaks of no TCP connection over IPv4 or IPv6"),
    ROW("PROXY UNKNOWN 192.0.2.1 x y z\r\n",
        "it speaks of no TCP connection over IPv4 or IPv6"),
    ROW("PROXY UNKNOWNS\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 4711 25 \r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1  192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY  TCP4 192.0.2.1 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 4711\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 04711 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 65536 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 -1 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2 4711 +25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.01 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 ::ffff:192.0.2.1 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 2001:db8::1 ::1 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP6 192.0.2.1 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP6 fe80::1%eth0 ::1 4711 25\r\n", "it is damaged"),
    ROW("PROXY UDP4 192.0.2.1 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY tcp4 192.0.2.1 192.0.2.2 4711 25\r\n", "it is damaged"),
    ROW("PROXY TCP4 192.0.2.1 192.0.2.2\0004711 25\r\n", "it is damaged"),
    ROW("PROXY \r\n", "it is damaged"),
    ROW(SIGNATURE "\x21\x11\0\x0c" FOUR, "192.0.2.1 4711 192.0.2.2 25"),
    ROW(SIGNATURE "\x21\x21\0\x24" SIX, "2001:db8::1 4711 ::1 25"),
    ROW(SIGNATURE "\x21\x21\0\x24" MAPPED, "192.0.2.1 4711 192.0.2.2 25"),
    ROW(SIGNATURE "\x20\x00\0\0", "peer"),
    ROW(SIGNATURE "\x20\x11\0\x0c" FOUR, "peer"),
    ROW(SIGNATURE "\x20\x77\0\x03\xff\xff\xff", "peer"),
    ROW(SIGNATURE "\x21\x00\0\0", "it speaks of no TCP connection over IPv4 or IPv6"),
    ROW(SIGNATURE "\x21\x12\0\x0c" FOUR,
        "it speaks of no TCP connection over IPv4 or IPv6"),
    ROW(SIGNATURE "\x21\x31\0\0", "it speaks of no TCP connection over IPv4 or IPv6"),
    ROW(SIGNATURE "\x22\x11\0\x0c" FOUR, "it is damaged"),
    ROW(SIGNATURE "\x11\x11\0\x0c" FOUR, "it is damaged"),
    ROW(SIGNATURE "\x31\x11\0\x0c" FOUR, "it is damaged"),
    ROW(SIGNATURE "\x21\x11\0\x0b\xc0\0\2\1\xc0\0\2\2\x12\x67\0", "it is damaged"),
    ROW(SIGNATURE "\x21\x21\0\x0c" FOUR, "it is damaged"),
    ROW(SIGNATURE "\x21\x11\0\x0e" FOUR "\2\0", "it is damaged"),
    ROW(SIGNATURE "\x21\x11\0\x0f" FOUR "\2\0\1", "it is damaged"),
    ROW(SIGNATURE "\x21\x11\0\x12" FOUR "\x20\0\3\1\0\0", "it is damaged"),
    ROW("EHLO mail.example\r\n", "there is none"),
    ROW("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", "there is none"),
    ROW("PROXYING\r\n", "there is none"),
    ROW("proxy TCP4 192.0.2.1 192.0.2.2 4711 25\r\n", "there is none"),
#undef ROW
};

static void
says_print(enum srv_proxy_fault fault, const struct srv_proxy_header *header, char *out,
           size_t size)
{
    char remote[POSTERN_ADDR_TEXT_SIZE], local[POSTERN_ADDR_TEXT_SIZE];

    if (fault != SRV_PROXY_GOOD || !header->proxied) {
        snprintf(out, size, "%s",
                 fault != SRV_PROXY_GOOD ? srv_proxy_fault_text(fault) : "peer");
        return;
    }
    postern_addr_print(&header->remote.addr, remote);
    postern_addr_print(&header->local.addr, local);
    snprintf(out, size, "%s %u %s %u", remote, header->remote.port, local,
             header->local.port);
}

/*
 * Reads as a connection is read that brings `piece` bytes at a time, with more behind
 * the header. Returns how many bytes were taken.
 */
static size_t
feed(const uint8_t *bytes, size_t size, size_t piece, char *says, size_t says_size)
{
    uint8_t taken[SRV_PROXY_MOST];
    size_t there = 0, used = 0;
    struct srv_proxy_header header;

    for (;;) {
        struct srv_proxy_want want = srv_proxy_wants(taken, used, 552);
        size_t most = there - used;
        const uint8_t *newline;

        if (want.next == SRV_PROXY_WHOLE) {
            says_print(srv_proxy_read(taken, used, &header), &header, says, says_size);
            return used;
        }
        if (want.next == SRV_PROXY_BROKEN) {
            snprintf(says, says_size, "%s", srv_proxy_fault_text(want.fault));
            return used;
        }
        if (!most && there == size) {
            snprintf(says, says_size, "more");
            return used;
        }
        if (!most) {
            there = size - there < piece ? size : there + piece;
            continue;
        }
        if (most > want.count)
            most = want.count;
        newline = memchr(bytes + used, '\n', most);
        if (want.next == SRV_PROXY_LINE && newline)
            most = (size_t)(newline - (bytes + used)) + 1;
        memcpy(taken + used, bytes + used, most);
        used += most;
    }
}

static void
headers_say_who_it_is_and_take_nothing_behind_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(headers); i++)
        for (size_t piece = 1; piece <= 200; piece += piece < 20 ? 1 : 60) {
            uint8_t bytes[400];
            char says[200];
            size_t size = headers[i].size, used;

            memcpy(bytes, headers[i].bytes, size);
            memcpy(bytes + size, "EHLO x\nPROXY ", 13);
            used = feed(bytes, size + 13, piece, says, sizeof(says));
            if (strcmp(says, headers[i].says) != 0)
                fail_msg("row %zu, %zu at a time: %s", i, piece, says);
            if (used != size && strncmp(says, "it is damaged", 13) != 0 &&
                strcmp(says, "there is none") != 0)
                fail_msg("row %zu, %zu at a time: %zu bytes of %zu", i, piece, used,
                         size);
        }
}

/* A header is waited for up to its last byte. */
static void
no_beginning_of_a_header_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(headers); i++)
        for (size_t size = 0; size < headers[i].size; size++) {
            char says[200];

            if (memchr(headers[i].bytes, '\n', size) && *headers[i].bytes == 'P')
                continue;
            (void)feed((const uint8_t *)headers[i].bytes, size, size + 1, says,
                       sizeof(says));
            if (strcmp(says, "more") != 0 && strcmp(says, headers[i].says) != 0)
                fail_msg("row %zu cut to %zu: %s", i, size, says);
            if (strcmp(says, "more") != 0 && strcmp(says, "there is none") != 0)
                fail_msg("row %zu cut to %zu is one: %s", i, size, says);
        }
}

static void
what_is_longer_than_it_may_be_is_refused_before_it_is_read(void **state)
{
    uint8_t bytes[SRV_PROXY_LINE_MOST + 1];
    struct srv_proxy_want want;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes, "PROXY ", 6);
    want = srv_proxy_wants(bytes, SRV_PROXY_LINE_MOST - 1, 552);
    assert_int_equal(want.next, SRV_PROXY_LINE);
    assert_int_equal(want.count, 1);
    want = srv_proxy_wants(bytes, SRV_PROXY_LINE_MOST, 552);
    assert_int_equal(want.fault, SRV_PROXY_LONG);
    memcpy(bytes, SIGNATURE "\x21\x11\x02\x18", 16);
    assert_int_equal(srv_proxy_wants(bytes, 16, 552).count, 536);
    assert_int_equal(srv_proxy_wants(bytes, 16, 551).fault, SRV_PROXY_LONG);
}

/* --- what stands behind the addresses */

struct tlvs {
    uint8_t bytes[2000];
    size_t size;
};

static void
add(struct tlvs *out, unsigned type, const void *value, size_t size)
{
    uint8_t head[3] = { (uint8_t)type, (uint8_t)(size >> 8), (uint8_t)size };

    memcpy(out->bytes + out->size, head, sizeof(head));
    memcpy(out->bytes + out->size + sizeof(head), value, size);
    out->size += sizeof(head) + size;
}

static void
add_text(struct tlvs *out, unsigned type, const char *text)
{
    add(out, type, text, strlen(text));
}

static void
add_tls(struct tlvs *out, unsigned client, unsigned verify, const struct tlvs *inner)
{
    uint8_t value[2000] = { (uint8_t)client, 0, 0, 0, (uint8_t)verify };

    memcpy(value + 5, inner->bytes, inner->size);
    add(out, 0x20, value, 5 + inner->size);
}

static enum srv_proxy_fault
read_with(const struct tlvs *tlvs, uint8_t *bytes, struct srv_proxy_header *out)
{
    size_t size = 12 + tlvs->size;

    memcpy(bytes, SIGNATURE "\x21\x11\0\0" FOUR, 28);
    bytes[14] = (uint8_t)(size >> 8);
    bytes[15] = (uint8_t)size;
    memcpy(bytes + 28, tlvs->bytes, tlvs->size);
    return srv_proxy_read(bytes, 28 + tlvs->size, out);
}

static void
text_is(const struct srv_proxy_header *header, enum srv_proxy_text which,
        const char *text)
{
    if (text)
        assert_string_equal(header->texts[which], text);
    else
        assert_null(header->texts[which]);
}

static void
texts_become_variables(void **state)
{
    struct tlvs tls = { .size = 0 }, all = { .size = 0 };
    struct srv_proxy_header header;
    uint8_t bytes[SRV_PROXY_MOST];

    (void)state;
    add_text(&tls, 0x21, "TLSv1.3");
    add_text(&tls, 0x22, "J\xc3\xb6rg Doe");
    add_text(&tls, 0x23, "TLS_AES_256_GCM_SHA384");
    add_text(&tls, 0x24, "SHA256");
    add_text(&all, 0x01, "h2");
    add_text(&all, 0x02, "mail.example");
    add(&all, 0x04, "\0\0\0", 3);
    add_tls(&all, 7, 0, &tls);
    add_text(&all, 0x05, "7F000001:1");
    add_text(&all, 0x05, "a second one");
    add(&all, 0xea, "\1vpce-1", 7);
    assert_int_equal(read_with(&all, bytes, &header), SRV_PROXY_GOOD);
    text_is(&header, SRV_PROXY_SSL_PROTOCOL, "TLSv1.3");
    text_is(&header, SRV_PROXY_SSL_CN, "J\xc3\xb6rg Doe");
    text_is(&header, SRV_PROXY_SSL_CIPHER, "TLS_AES_256_GCM_SHA384");
    text_is(&header, SRV_PROXY_SSL_SNI, "mail.example");
    text_is(&header, SRV_PROXY_AUTHORITY, "mail.example");
    text_is(&header, SRV_PROXY_UNIQUE_ID, "7F000001:1");
}

/* A name is believed when there was a certificate and it was verified. */
static void
a_name_that_nobody_verified_is_nobodys(void **state)
{
    static const struct {
        unsigned client, verify;
        bool tls, named;
    } rows[] = {
        { 1 | 2, 0, true, true },     { 1 | 4, 0, true, true },
        { 1 | 2 | 4, 0, true, true }, { 1 | 2, 1, true, false },
        { 1, 0, true, false },        { 2 | 4, 0, false, false },
        { 0, 0, false, false },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct tlvs tls = { .size = 0 }, all = { .size = 0 };
        struct srv_proxy_header header;
        uint8_t bytes[SRV_PROXY_MOST];

        add_text(&tls, 0x22, "admin");
        add_text(&tls, 0x21, "TLSv1.3");
        add_text(&all, 0x02, "mail.example");
        add_tls(&all, rows[i].client, rows[i].verify, &tls);
        assert_int_equal(read_with(&all, bytes, &header), SRV_PROXY_GOOD);
        text_is(&header, SRV_PROXY_SSL_CN, rows[i].named ? "admin" : NULL);
        text_is(&header, SRV_PROXY_SSL_PROTOCOL, rows[i].tls ? "TLSv1.3" : NULL);
        text_is(&header, SRV_PROXY_SSL_SNI, rows[i].tls ? "mail.example" : NULL);
        text_is(&header, SRV_PROXY_AUTHORITY, "mail.example");
    }
}

static void
no_variable_holds_what_a_log_or_a_shell_would_choke_on(void **state)
{
    static const char *const texts[] = {
        "", "a\nb", "a\rb", "\033[31m", "a\tb", "\x7f"
    };
    char longest[300];

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(texts) + 3; i++) {
        struct tlvs all = { .size = 0 };
        struct srv_proxy_header header;
        uint8_t bytes[SRV_PROXY_MOST];
        size_t len = 254 + i - PN_COUNT_OF(texts);

        memset(longest, 'x', sizeof(longest));
        if (i < PN_COUNT_OF(texts))
            add_text(&all, 0x05, texts[i]);
        else if (len == 254)
            add(&all, 0x05, "a\0b", 3);
        else
            add(&all, 0x05, longest, len);
        assert_int_equal(read_with(&all, bytes, &header), SRV_PROXY_GOOD);
        if (i >= PN_COUNT_OF(texts) && len == 255)
            assert_int_equal(strlen(header.texts[SRV_PROXY_UNIQUE_ID]), 255);
        else
            text_is(&header, SRV_PROXY_UNIQUE_ID, NULL);
    }
}

static void
a_checksum_is_checked(void **state)
{
    struct tlvs all = { .size = 0 };
    struct srv_proxy_header header;
    uint8_t good[100], bytes[100];
    size_t size;
    uint32_t crc;

    (void)state;
    assert_int_equal(pn_crc32c(0, (const uint8_t *)"123456789", 9), 0xe3069283);
    add_text(&all, 0x02, "a");
    add(&all, 0x03, "\0\0\0\0", 4);
    add_text(&all, 0x05, "b");
    size = 28 + all.size;
    assert_int_equal(read_with(&all, bytes, &header), SRV_PROXY_CHECKSUM);
    (void)read_with(&all, good, &header); /* nothing was moved: it failed before that */
    crc = pn_crc32c(0, good, size);
    for (int i = 0; i < 4; i++)
        good[28 + 4 + 3 + i] = (uint8_t)(crc >> (24 - 8 * i));
    memcpy(bytes, good, size);
    assert_int_equal(srv_proxy_read(bytes, size, &header), SRV_PROXY_GOOD);
    text_is(&header, SRV_PROXY_UNIQUE_ID, "b");
    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(bytes, good, size);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (bit / 8 == 12 && bytes[12] == 0x20)
            continue; /* LOCAL: the rest is to be ignored */
        /* the type and length of the checksum itself may hide it */
        if (bit / 8 >= 28 && bit / 8 < 28 + 4 + 3)
            continue;
        assert_int_not_equal(srv_proxy_read(bytes, size, &header), SRV_PROXY_GOOD);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_say_who_it_is_and_take_nothing_behind_them),
        cmocka_unit_test(no_beginning_of_a_header_is_one),
        cmocka_unit_test(what_is_longer_than_it_may_be_is_refused_before_it_is_read),
        cmocka_unit_test(texts_become_variables),
        cmocka_unit_test(a_name_that_nobody_verified_is_nobodys),
        cmocka_unit_test(no_variable_holds_what_a_log_or_a_shell_would_choke_on),
        cmocka_unit_test(a_checksum_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
