/* The two versions; the second is told by its signature, which no text begins with. */
#include "server/proxy_header.h"

#include <netinet/in.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/options.h"
#include "base/sizes.h"

static const uint8_t signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                       0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };
static const char word[] = "PROXY ";

/* The shortest header is a line of 15 bytes: so many may be read before its kind is
 * known. */
enum { FIRST = sizeof(signature), FIXED = 16, PORT_MOST = 65535 };

enum { V2 = 0x20, LOCAL = 0, PROXY = 1, TCP4 = 0x11, TCP6 = 0x21 };

/* Types of what follows the addresses, and within that of TLS; bits of its client. */
enum {
    TLV_AUTHORITY = 0x02,
    TLV_CRC32C = 0x03,
    TLV_UNIQUE_ID = 0x05,
    TLV_SSL = 0x20,
    TLV_SSL_VERSION = 0x21,
    TLV_SSL_CN = 0x22,
    TLV_SSL_CIPHER = 0x23
};
enum { TLV_HEAD = 3, SSL_HEAD = 5, CLIENT_SSL = 1, CLIENT_CERTIFICATE = 2 | 4 };

/* A variable has so many bytes at most. */
enum { TEXT_MOST = 255 };

const char *const srv_proxy_names[SRV_PROXY_TEXTS] = {
    [SRV_PROXY_SSL_PROTOCOL] = "SSL_PROTOCOL",
    [SRV_PROXY_SSL_CIPHER] = "SSL_CIPHER",
    [SRV_PROXY_SSL_CN] = "SSL_PEER_CERT_CN",
    [SRV_PROXY_SSL_SNI] = "SSL_TLS_SNI_SERVERNAME",
    [SRV_PROXY_AUTHORITY] = "PROXY_AUTHORITY",
    [SRV_PROXY_UNIQUE_ID] = "PROXY_UNIQUE_ID",
};

const char *
srv_proxy_fault_text(enum srv_proxy_fault fault)
{
    static const char *const texts[] = {
        [SRV_PROXY_GOOD] = "it is good",
        [SRV_PROXY_ABSENT] = "there is none",
        [SRV_PROXY_LONG] = "it is too long",
        [SRV_PROXY_DAMAGED] = "it is damaged",
        [SRV_PROXY_CHECKSUM] = "its checksum is wrong",
        [SRV_PROXY_FOREIGN] = "it speaks of no TCP connection over IPv4 or IPv6",
    };

    return texts[fault];
}

static size_t
number_at(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 8 | bytes[1];
}

static bool
begins(const uint8_t *bytes, size_t size, const void *with, size_t len)
{
    return memcmp(bytes, with, size < len ? size : len) == 0;
}

static struct srv_proxy_want
want(enum srv_proxy_next next, size_t count)
{
    return (struct srv_proxy_want){ next, count, SRV_PROXY_GOOD };
}

static struct srv_proxy_want
broken(enum srv_proxy_fault fault)
{
    return (struct srv_proxy_want){ SRV_PROXY_BROKEN, 0, fault };
}

struct srv_proxy_want
srv_proxy_wants(const uint8_t *bytes, size_t size, size_t most)
{
    size_t line_most = most < SRV_PROXY_LINE_MOST ? most : SRV_PROXY_LINE_MOST, whole;

    if (!begins(bytes, size, signature, sizeof(signature))) {
        if (!begins(bytes, size, word, sizeof(word) - 1))
            return broken(SRV_PROXY_ABSENT);
        if (memchr(bytes, '\n', size)) /* among the first ones: no header's end */
            return want(SRV_PROXY_WHOLE, 0);
        if (size >= line_most)
            return broken(SRV_PROXY_LONG);
        return want(SRV_PROXY_LINE, line_most - size);
    }
    if (size < FIRST)
        return want(SRV_PROXY_BYTES, FIRST - size);
    if (size < FIXED)
        return want(SRV_PROXY_BYTES, FIXED - size);
    whole = FIXED + number_at(bytes + 14);
    if (whole > most)
        return broken(SRV_PROXY_LONG);
    return size < whole ? want(SRV_PROXY_BYTES, whole - size)
                        : want(SRV_PROXY_WHOLE, 0);
}

/* --- version 1 */

/* A word up to one blank; NULL when there is none, or nothing behind it. */
static char *
word_cut(char **at)
{
    char *start = *at, *blank = strchr(start, ' ');

    if (!blank || blank == start)
        return NULL;
    *blank = '\0';
    *at = blank + 1;
    return start;
}

static bool
port_read(const char *text, uint16_t *out)
{
    size_t port;

    if (!pn_count_parse(text, 0, PORT_MOST, &port) || (text[0] == '0' && text[1]))
        return false;
    *out = (uint16_t)port;
    return true;
}

/* A mapped IPv4 address in a line of IPv6 is the IPv4 address. */
static bool
address_read(const char *text, bool six, struct postern_addr *out)
{
    return text && (strchr(text, ':') != NULL) == six &&
           postern_addr_parse(text, strlen(text), out);
}

/* "TCP4 192.0.2.1 192.0.2.2 4711 25", what stands behind "PROXY ". */
static enum srv_proxy_fault
words_read(char *at, struct srv_proxy_header *out)
{
    char *kind, *remote, *local, *port;
    bool six;

    if (strcmp(at, "UNKNOWN") == 0 || strncmp(at, "UNKNOWN ", 8) == 0)
        return SRV_PROXY_FOREIGN;
    kind = word_cut(&at);
    six = kind && strcmp(kind, "TCP6") == 0;
    if (!kind || (!six && strcmp(kind, "TCP4") != 0))
        return SRV_PROXY_DAMAGED;
    remote = word_cut(&at);
    local = remote ? word_cut(&at) : NULL;
    port = local ? word_cut(&at) : NULL;
    if (!port || !address_read(remote, six, &out->remote.addr) ||
        !address_read(local, six, &out->local.addr) ||
        !port_read(port, &out->remote.port) || !port_read(at, &out->local.port))
        return SRV_PROXY_DAMAGED;
    out->proxied = true;
    return SRV_PROXY_GOOD;
}

static enum srv_proxy_fault
line_read(uint8_t *bytes, size_t size, struct srv_proxy_header *out)
{
    if (size < sizeof(word) + 1 || bytes[size - 1] != '\n' || bytes[size - 2] != '\r' ||
        memchr(bytes, '\0', size))
        return SRV_PROXY_DAMAGED;
    bytes[size - 2] = '\0';
    return words_read((char *)bytes + sizeof(word) - 1, out);
}

/* --- version 2 */

/* Bytes that are gone through from their beginning. */
struct rest {
    uint8_t *at, *end;
};

struct tlv {
    uint8_t type;
    struct rest value;
};

/* The next of them; false where they are cut short. */
static bool
tlv_take(struct rest *rest, struct tlv *out)
{
    size_t size;

    if (rest->end - rest->at < TLV_HEAD)
        return false;
    size = number_at(rest->at + 1);
    out->type = rest->at[0];
    out->value.at = rest->at + TLV_HEAD;
    if (size > (size_t)(rest->end - out->value.at))
        return false;
    out->value.end = rest->at = out->value.at + size;
    return true;
}

/*
 * A text for a variable, moved over its own length, so that there is room for the NUL.
 * The first of its kind stands. What is empty, longer than a variable is, or has a
 * control character is no text.
 */
static void
text_set(const char **out, struct rest value)
{
    size_t size = (size_t)(value.end - value.at);
    uint8_t *start = value.at - 1;

    if (*out || !size || size > TEXT_MOST)
        return;
    for (const uint8_t *c = value.at; c < value.end; c++)
        if (*c < ' ' || *c == 0x7f)
            return;
    memmove(start, value.at, size);
    start[size] = '\0';
    *out = (const char *)start;
}

/* What is told of TLS. The name in a certificate that was not verified is nobody's. */
static enum srv_proxy_fault
tls_read(struct rest rest, struct srv_proxy_header *out, bool *over_tls)
{
    static const uint8_t verified[4] = { 0 };
    struct tlv tlv;
    bool known;

    if (rest.end - rest.at < SSL_HEAD)
        return SRV_PROXY_DAMAGED;
    *over_tls = rest.at[0] & CLIENT_SSL;
    known = *over_tls && rest.at[0] & CLIENT_CERTIFICATE &&
            memcmp(rest.at + 1, verified, sizeof(verified)) == 0;
    rest.at += SSL_HEAD;
    while (rest.at < rest.end) {
        if (!tlv_take(&rest, &tlv))
            return SRV_PROXY_DAMAGED;
        if (tlv.type == TLV_SSL_VERSION && *over_tls)
            text_set(&out->texts[SRV_PROXY_SSL_PROTOCOL], tlv.value);
        else if (tlv.type == TLV_SSL_CIPHER && *over_tls)
            text_set(&out->texts[SRV_PROXY_SSL_CIPHER], tlv.value);
        else if (tlv.type == TLV_SSL_CN && known)
            text_set(&out->texts[SRV_PROXY_SSL_CN], tlv.value);
    }
    return SRV_PROXY_GOOD;
}

static enum srv_proxy_fault
tlvs_read(struct rest rest, struct srv_proxy_header *out)
{
    enum srv_proxy_fault fault = SRV_PROXY_GOOD;
    bool over_tls = false;
    struct tlv tlv;

    while (rest.at < rest.end && fault == SRV_PROXY_GOOD) {
        if (!tlv_take(&rest, &tlv))
            return SRV_PROXY_DAMAGED;
        if (tlv.type == TLV_AUTHORITY)
            text_set(&out->texts[SRV_PROXY_AUTHORITY], tlv.value);
        else if (tlv.type == TLV_UNIQUE_ID)
            text_set(&out->texts[SRV_PROXY_UNIQUE_ID], tlv.value);
        else if (tlv.type == TLV_SSL)
            fault = tls_read(tlv.value, out, &over_tls);
    }
    if (over_tls) /* the host that a client asked for is the one in its hello */
        out->texts[SRV_PROXY_SSL_SNI] = out->texts[SRV_PROXY_AUTHORITY];
    return fault;
}

/* The checksum is made with zeros in its own place. False: it is another. */
static bool
checksum_holds(const uint8_t *bytes, size_t size, struct rest rest)
{
    static const uint8_t zeros[4] = { 0 };
    struct tlv tlv;

    while (tlv_take(&rest, &tlv)) {
        const uint8_t *at = tlv.value.at, *end = bytes + size;
        uint32_t crc, said;

        if (tlv.type != TLV_CRC32C)
            continue;
        if (tlv.value.end - at != sizeof(zeros))
            return false;
        said = (uint32_t)(number_at(at) << 16 | number_at(at + 2));
        crc = pn_crc32c(0, bytes, (size_t)(at - bytes));
        crc = pn_crc32c(crc, zeros, sizeof(zeros));
        at = tlv.value.end;
        if (pn_crc32c(crc, at, (size_t)(end - at)) != said)
            return false;
    }
    return true;
}

/* An address and a port as they stand in a header; false for another family. */
static bool
end_read(int family, const uint8_t *address, const uint8_t *port,
         struct srv_endpoint *out)
{
    struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

    if (family == AF_INET) {
        memcpy(&v4.sin_addr, address, sizeof(v4.sin_addr));
        memcpy(&v4.sin_port, port, sizeof(v4.sin_port));
        memcpy(&storage, &v4, sizeof(v4));
    } else {
        memcpy(&v6.sin6_addr, address, sizeof(v6.sin6_addr));
        memcpy(&v6.sin6_port, port, sizeof(v6.sin6_port));
        memcpy(&storage, &v6, sizeof(v6));
    }
    return srv_endpoint_from(&storage, out);
}

static enum srv_proxy_fault
addresses_read(struct rest *rest, uint8_t kind, struct srv_proxy_header *out)
{
    int family = kind == TCP4 ? AF_INET : AF_INET6;
    size_t width = kind == TCP4 ? 4 : 16, size = 2 * width + 4;
    const uint8_t *at = rest->at, *ports = at + 2 * width;

    if ((size_t)(rest->end - at) < size)
        return SRV_PROXY_DAMAGED;
    if (!end_read(family, at, ports, &out->remote) ||
        !end_read(family, at + width, ports + 2, &out->local))
        return SRV_PROXY_FOREIGN;
    out->proxied = true;
    rest->at += size;
    return SRV_PROXY_GOOD;
}

static enum srv_proxy_fault
binary_read(uint8_t *bytes, size_t size, struct srv_proxy_header *out)
{
    struct rest rest = { bytes + FIXED, bytes + size };
    uint8_t command, kind;
    enum srv_proxy_fault fault;

    if (size < FIXED || number_at(bytes + 14) != size - FIXED)
        return SRV_PROXY_DAMAGED;
    command = bytes[12];
    kind = bytes[13];
    if (command == (V2 | LOCAL))
        return SRV_PROXY_GOOD; /* what follows is to be ignored */
    if (command != (V2 | PROXY))
        return SRV_PROXY_DAMAGED;
    if (kind != TCP4 && kind != TCP6)
        return SRV_PROXY_FOREIGN;
    fault = addresses_read(&rest, kind, out);
    if (fault != SRV_PROXY_GOOD)
        return fault;
    if (!checksum_holds(bytes, size, rest))
        return SRV_PROXY_CHECKSUM;
    return tlvs_read(rest, out);
}

enum srv_proxy_fault
srv_proxy_read(uint8_t *bytes, size_t size, struct srv_proxy_header *out)
{
    *out = (struct srv_proxy_header){ .proxied = false };
    if (size >= sizeof(signature) && memcmp(bytes, signature, sizeof(signature)) == 0)
        return binary_read(bytes, size, out);
    if (size >= sizeof(word) && memcmp(bytes, word, sizeof(word) - 1) == 0)
        return line_read(bytes, size, out);
    return SRV_PROXY_ABSENT;
}
