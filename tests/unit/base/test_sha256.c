/* base/sha256: the examples of FIPS 180-4, and the edges of its padding */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"

static void
check(const void *bytes, size_t size, const char *wanted)
{
    uint8_t digest[PN_SHA256_SIZE];
    char text[2 * PN_SHA256_SIZE + 1];

    pn_sha256(bytes, size, digest);
    for (size_t i = 0; i < PN_SHA256_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, wanted);
}

static void
the_examples_of_the_standard(void **state)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklm"
          "nopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    };

    (void)state;
    check(NULL, 0, rows[0].digest);
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        check(rows[i].text, strlen(rows[i].text), rows[i].digest);
}

static void
a_million_times_a(void **state)
{
    size_t size = 1000000;
    char *bytes = malloc(size);

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'a', size);
    check(bytes, size,
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(bytes);
}

/* Sizes where the padding goes into a block of its own; wanted: sha256sum(1). */
static void
the_edges_of_the_padding(void **state)
{
    static const struct {
        size_t size;
        const char *digest;
    } rows[] = {
        { 55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072" },
        { 56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e" },
        { 63, "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2" },
        { 64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c" },
        { 65, "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9" },
        { 119, "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c" },
        { 120, "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98" },
        { 127, "70156a14adbabf98cff3a71c7084b417abf057a8efd27329ca36b7202c87d81f" },
        { 128, "24da1b81d0b16df6428eee73c69fcb2a93c76bc6df706f0c6670fe6bfe800464" },
    };
    char bytes[128];

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        check(bytes, rows[i].size, rows[i].digest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard),
        cmocka_unit_test(a_million_times_a),
        cmocka_unit_test(the_edges_of_the_padding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
