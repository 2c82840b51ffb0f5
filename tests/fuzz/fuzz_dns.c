/*
 * Fuzz: answers of name servers: names for -h, addresses for -p, texts of block lists.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/dns_answer.h"
#include "server/dns_question.h"
#include "tests/fuzz/check.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct postern_addr found[SRV_DNS_ADDRESSES];
    char name[SRV_DNS_NAME_SIZE], text[201];
    size_t count = srv_dns_addresses(data, size, found);

    CHECK(srv_dns_question_end(data, size) <= size);
    (void)srv_dns_is_whole(data, size); /* either answer is one */
    CHECK(count <= SRV_DNS_ADDRESSES);
    for (size_t i = 0; i < count; i++)
        CHECK(found[i].family == 4 || found[i].family == 6);
    if (srv_dns_name(data, size, name)) {
        CHECK(*name && strlen(name) < sizeof(name));
        for (const char *c = name; *c; c++)
            CHECK(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.\\", *c));
    }
    if (srv_dns_text(data, size, text, sizeof(text)))
        for (const char *c = text; *c; c++)
            CHECK(*c >= ' ' && *c <= '~');
    return 0;
}
