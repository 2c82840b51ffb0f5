/*
 * What a target is known by is its own, in every order; a list is read once, and
 * nothing that was told of is asked for again.
 */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "compiler/image.h"
#include "compiler/loaded_policy.h"

/* Every form of target, and whether it is for an ident; none may stand beside *. */
static const struct form {
    const char *text;
    bool has_ident, in_block;
} forms[] = {
    { "10.0.0.1", false, true },
    { "joe@10.0.0.1", true, false },
    { "10.0.0.0/8", false, true },
    { "\"odd one\"@10.1-4.", true, false },
    { "2001:db8::1-2001:db8::ff", false, true },
    { "joe@2001:db8::/32", true, false },
    { "=mx.example.com", false, true },
    { "joe@=.example.com", true, false },
    { "=", false, true },
    { "$set", false, true },
    { "joe@$set", true, false },
    { "file \"l.txt\"", false, true },
    { "file \"./l.txt\"", false, true },
    { "*", false, false },
    { "\"\"@*", true, false },
};

/* Files of the test: a list, which is the same by every path that ends in its name. */
static size_t reads;
static const char *list_text = "203.0.113.0/24\n10.0.0.1/8\n";

static bool
read_list(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const char *slash = strrchr(path, '/');

    (void)payload;
    reads++;
    if (strcmp(slash ? slash + 1 : path, "l.txt") != 0) {
        errno = ENOENT;
        return false;
    }
    if (strlen(list_text) > limit) {
        errno = EFBIG;
        return false;
    }
    return pn_source_from_text(out, path,
                               (struct pn_str){ list_text, strlen(list_text) });
}

static bool
identify(void *payload, const char *path, struct pn_buffer *out)
{
    const char *slash = strrchr(path, '/');

    (void)payload;
    pn_buffer_add_text(out, slash ? slash + 1 : path);
    return true;
}

struct world {
    struct pn_source source;
    struct pn_diags *diags; /* in memory of its own, so that it can go first */
    struct pn_loaded_policy loaded;
    enum pn_compile_result result;
};

static void
world_load(struct world *w, const char *text)
{
    const struct pn_reading reading = { read_list, NULL, identify, 0 };

    reads = 0;
    *w = (struct world){ .diags = calloc(1, sizeof(*w->diags)) };
    assert_non_null(w->diags);
    w->diags->limit = 100;
    assert_true(pn_source_from_text(&w->source, "names.rules",
                                    (struct pn_str){ text, strlen(text) }));
    w->result =
        pn_loaded_policy_load_by(&w->loaded, &w->source, NULL, NULL, w->diags, reading);
    assert_null(w->loaded.unit.diags);
}

static size_t
told(const struct world *w, enum pn_diag_id id)
{
    size_t count = 0;

    for (size_t i = 0; w->diags && i < w->diags->count; i++)
        count += w->diags->items[i].id == id;
    return count;
}

static void
diags_end(struct world *w)
{
    pn_diags_clear(w->diags);
    free(w->diags);
    w->diags = NULL;
}

static void
world_clear(struct world *w)
{
    pn_loaded_policy_clear(&w->loaded);
    pn_source_clear(&w->source);
    if (w->diags)
        diags_end(w);
}

/* A rule of some forms; what is wrong with it is what is so of each of them alone. */
static void
check_forms(const struct form *const *items, size_t count, const char *verdict)
{
    size_t idents = 0, unblocked = 0, kept;
    struct pn_buffer text = { 0 };
    struct world w;

    pn_buffer_add_text(&text, "postern: 1\nset set = 10.9.0.0/16, =set.example\n");
    for (size_t i = 0; i < count; i++) {
        pn_buffer_add_format(&text, "%s%s", i ? ", " : "", items[i]->text);
        idents += items[i]->has_ident;
        unblocked += !items[i]->in_block;
    }
    pn_buffer_add_format(&text, " : %s\n* : allow\n", verdict);
    pn_buffer_add(&text, "", 1);
    assert_false(text.failed);
    world_load(&w, text.bytes);
    kept = strcmp(verdict, "block") == 0 ? 0 : idents && idents < count;
    if (told(&w, PN_DIAG_MIXED_IDENT) != kept ||
        told(&w, PN_DIAG_BLOCK_TARGET) !=
            (strcmp(verdict, "block") == 0 ? unblocked : 0))
        fail_msg("%s: %zu mixtures, %zu that cannot be blocked", text.bytes,
                 told(&w, PN_DIAG_MIXED_IDENT), told(&w, PN_DIAG_BLOCK_TARGET));
    world_clear(&w);
    pn_buffer_free(&text);
}

static void
what_is_so_of_a_target_is_so_of_it_alone(void **state)
{
    const size_t n = PN_COUNT_OF(forms);

    (void)state;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            for (size_t c = 0; c <= n; c++) {
                const struct form *items[] = { &forms[a], &forms[b],
                                               &forms[c < n ? c : 0] };

                check_forms(items, c < n ? 3 : 2, "deny");
                if (c == n)
                    check_forms(items, 2, "block");
            }
}

/* A list behind an ident, and before it, and what an ident has taken out of it. */
static void
an_ident_takes_no_except_wherever_it_stands(void **state)
{
    static const struct {
        const char *targets;
        size_t faults;
    } rows[] = {
        { "joe@10.0.0.0/8 except 10.1.0.0/16", 1 },
        { "joe@10.0.0.0/8, joe@$set except file \"l.txt\"", 2 },
        { "10.0.0.0/8, file \"l.txt\" except file \"l.txt\"", 0 },
        { "10.0.0.0/8, =a.example except 10.1.0.0/16", 1 },
        { "=a.example, =b.example, 10.0.0.0/8 except $empty", 1 },
        { "file \"l.txt\" except =a.example", 1 },
        { "file \"l.txt\" except joe@10.0.0.1", 1 },
        { "file \"l.txt\" except $mixed", 1 },
        { "* except 10.0.0.0/8", 1 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_buffer text = { 0 };
        struct world w;

        pn_buffer_add_format(&text,
                             "postern: 1\nset set = 10.9.0.0/16\n"
                             "set empty = 10.9.0.0/16 except 10.9.0.0/16\n"
                             "set mixed = 10.9.0.0/16, =c.example\n"
                             "%s : deny\n* : allow\n",
                             rows[i].targets);
        pn_buffer_add(&text, "", 1);
        assert_false(text.failed);
        world_load(&w, text.bytes);
        if (told(&w, PN_DIAG_EXCEPT_TARGET) != rows[i].faults)
            fail_msg("%s: %zu faults", rows[i].targets,
                     told(&w, PN_DIAG_EXCEPT_TARGET));
        world_clear(&w);
        pn_buffer_free(&text);
    }
}

static void
broken_add(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    (void)prover;
    *(size_t *)payload += !proof->holds;
}

/* Proves the claims when whoever was told of the policy is long gone. */
static size_t
broken_of(struct world *w)
{
    int fd = pn_memory_file();
    size_t broken = 0;

    diags_end(w);
    assert_true(fd >= 0);
    assert_int_equal(pn_loaded_policy_emit(&w->loaded, fd, false), PN_COMPILE_OK);
    assert_int_equal(pn_loaded_policy_prove(&w->loaded, fd, broken_add, &broken),
                     PN_COMPILE_OK);
    close(fd);
    return broken;
}

static void
a_list_is_read_once_whoever_asks(void **state)
{
    enum { ASSERTIONS = 300 };
    struct pn_buffer text = { 0 };
    struct world w;

    (void)state;
    pn_buffer_add_text(&text, "postern: 1\nset s = file \"sub/../l.txt\"\n"
                              "file \"l.txt\", 12.0.0.0/8 : deny\n"
                              "file \"./l.txt\", $s except file \"././l.txt\" : deny\n"
                              "$s : deny\n* : allow\n"
                              "always file \".//l.txt\" : deny\n");
    for (int i = 0; i < ASSERTIONS; i++)
        pn_buffer_add_format(&text, "expect 12.0.0.%d : deny, by 12.0.0.0/8\n",
                             i % 256);
    pn_buffer_add(&text, "", 1);
    assert_false(text.failed);
    world_load(&w, text.bytes);
    assert_int_equal(w.result, PN_COMPILE_OK);
    assert_int_equal(reads, 1);
    assert_int_equal(w.loaded.unit.size, strlen(text.bytes) + strlen(list_text));
    assert_int_equal(told(&w, PN_DIAG_LIST_HOST_BITS), 1);
    assert_int_equal(w.diags->total, 1);
    assert_int_equal(broken_of(&w), 0);
    assert_int_equal(reads, 1);
    world_clear(&w);
    pn_buffer_free(&text);
}

static void
a_list_that_is_missing_is_told_of_where_it_is_named(void **state)
{
    struct world w;

    (void)state;
    world_load(&w, "postern: 1\nset s = file \"gone.txt\"\n$s : deny\n"
                   "file \"gone.txt\" : deny\n$s, file \"l.txt\" : deny\n* : allow\n"
                   "expect 12.0.0.1 : allow, by *\n");
    assert_int_equal(told(&w, PN_DIAG_CANNOT_READ), 2);
    assert_int_equal(w.diags->errors, 2);
    assert_int_equal(reads, 2);
    world_clear(&w);
}

/* "by" is of what a target means, also of one that a list stands beside. */
static void
by_names_a_target_by_its_meaning(void **state)
{
    static const struct {
        const char *assertion;
        size_t broken;
    } rows[] = {
        { "expect 10.0.0.9 : deny, by $s", 0 },
        { "expect joe@10.4.0.9 : allow, by joe@10.4.0.0/16", 0 },
        { "expect joe@10.4.0.9 : allow, by 10.4.0.0/16", 1 },
        { "expect 9.0.0.9 =mx.a.example : deny, by =.a.example", 0 },
        { "expect 9.0.0.9 : allow, by *", 0 },
        { "expect 9.0.0.9 : allow, by joe@*", 1 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_buffer text = { 0 };
        struct world w;

        pn_buffer_add_format(&text,
                             "postern: 1\nset s = file \"l.txt\", 11.0.0.0/8\n"
                             "file \"l.txt\", $s : deny\njoe@10.4.0.0/16 : allow\n"
                             "=.A.example, =.b.example : deny\n* : allow\n%s\n",
                             rows[i].assertion);
        pn_buffer_add(&text, "", 1);
        assert_false(text.failed);
        world_load(&w, text.bytes);
        assert_int_equal(w.result, PN_COMPILE_OK);
        if (broken_of(&w) != rows[i].broken)
            fail_msg("%s", rows[i].assertion);
        assert_int_equal(reads, 1);
        world_clear(&w);
        pn_buffer_free(&text);
    }
}

/* One file is one file: a way that leads back to it is a cycle by any spelling. */
static void
a_cycle_is_one_by_any_name(void **state)
{
    struct world w;

    (void)state;
    list_text = "postern: 1\ninclude \"sub/./l.txt\"\n";
    world_load(&w, "postern: 1\ninclude \"l.txt\"\n* : allow\n");
    assert_int_equal(told(&w, PN_DIAG_INCLUDE_CYCLE), 1);
    assert_int_equal(reads, 1);
    world_clear(&w);
    list_text = "203.0.113.0/24\n10.0.0.1/8\n";
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_so_of_a_target_is_so_of_it_alone),
        cmocka_unit_test(an_ident_takes_no_except_wherever_it_stands),
        cmocka_unit_test(a_list_is_read_once_whoever_asks),
        cmocka_unit_test(a_list_that_is_missing_is_told_of_where_it_is_named),
        cmocka_unit_test(by_names_a_target_by_its_meaning),
        cmocka_unit_test(a_cycle_is_one_by_any_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
