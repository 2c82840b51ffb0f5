/* Fuzz: lines of text as queries, and addresses. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/check.h"
#include "tools/input/query.h"

/* What an address prints reads back as the same address. */
static void
check_address(const struct postern_addr *addr)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    size_t len = postern_addr_print(addr, text);
    struct postern_addr back;

    CHECK(len > 0 && len < sizeof(text));
    CHECK(postern_addr_parse(text, len, &back));
    CHECK(memcmp(addr, &back, sizeof(back)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_query_line line = { 0 };
    char *text = malloc(size ? size : 1); /* of just that size, with no NUL behind */

    CHECK(text);
    if (size) /* an empty input comes as NULL */
        memcpy(text, data, size);
    pn_query_parse(&line, (struct pn_str){ text, size });
    CHECK((line.kind == PN_QUERY_FAULTY) == (line.fault != NULL));
    if (line.kind == PN_QUERY_READ)
        check_address(&line.query.remote);
    pn_buffer_free(&line.decoded);
    free(text);
    return 0;
}
