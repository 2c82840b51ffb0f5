/* A file that reads as before has the tree that it had; any other one is parsed anew.
 */
#include "tests/support/harness.h"

#include <errno.h>

#include "base/sizes.h"
#include "compiler/kept_files.h"
#include "compiler/unit.h"

enum { FILES = 3 };

/* The files of the test, by numbers in their names; NULL is none. */
struct shelf {
    const char *texts[FILES];
};

static bool
shelf_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct shelf *shelf = payload;
    const char *text = shelf->texts[path[0] - '0'];

    if (!text || strlen(text) > limit) {
        errno = text ? EFBIG : ENOENT;
        return false;
    }
    return pn_source_from_text(out, path, (struct pn_str){ text, strlen(text) });
}

struct load {
    struct pn_source root;
    struct pn_diags diags;
    struct pn_unit unit;
};

static void
load_begin(struct load *load, struct shelf *shelf, struct pn_kept_files *kept)
{
    const struct pn_reading reading = { .read = shelf_read, .payload = shelf };

    *load = (struct load){ .diags = { .limit = 10 } };
    assert_true(shelf_read(shelf, "0", PN_UNIT_SIZE_MAX, &load->root));
    pn_unit_load_by(&load->unit, &load->root, &load->diags, reading,
                    (struct pn_parsing){ .kept = kept });
    assert_false(load->unit.failed);
    load->unit.diags = NULL;
}

static void
load_end(struct load *load)
{
    pn_unit_clear(&load->unit);
    pn_diags_clear(&load->diags);
    pn_source_clear(&load->root);
}

#define ROOT "postern: 1\ninclude \"1\"\ninclude \"2\"\n* : deny\n"

/* What is there first, and then; and which of the files has its tree still. */
static const struct {
    const char *label;
    struct shelf before, after;
    bool is_kept[FILES];
} changes[] = {
    { "nothing",
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { true, true, true } },
    { "one of two, of the same length",
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { { ROOT, "postern: 1\n10.0.0.7 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { true, false, true } },
    { "the root",
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { { ROOT "#\n", "postern: 1\n10.0.0.1 : deny\n",
          "postern: 1\n10.0.0.2 : deny\n" } },
      { false, true, true } },
    { "a file with a fault is told of again",
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : alow\n" } },
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : alow\n" } },
      { true, true, false } },
    { "texts that were exchanged",
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { { ROOT, "postern: 1\n10.0.0.2 : deny\n", "postern: 1\n10.0.0.1 : deny\n" } },
      { true, false, false } },
    { "one that is not there any more",
      { { ROOT, "postern: 1\n10.0.0.1 : deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { { ROOT, NULL, "postern: 1\n10.0.0.2 : deny\n" } },
      { true, true, false } }, /* the second is the last one */
    { "a classic file is looked at again",
      { { ROOT, "10.0.0.1:deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { { ROOT, "10.0.0.1:deny\n", "postern: 1\n10.0.0.2 : deny\n" } },
      { true, false, true } },
};

static void
a_text_that_is_as_it_was_has_its_tree(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(changes); i++) {
        struct shelf before = changes[i].before, after = changes[i].after;
        struct pn_kept_files kept = { 0 };
        const struct pn_node *trees[FILES] = { NULL };
        size_t count, total;
        struct load load;

        load_begin(&load, &before, &kept);
        count = load.unit.count;
        total = load.diags.total;
        for (size_t f = 0; f < count; f++)
            trees[f] = load.unit.files[f]->tree.file;
        load_end(&load);
        load_begin(&load, &after, &kept);
        for (size_t f = 0; f < load.unit.count; f++) {
            const struct pn_file *file = load.unit.files[f];
            bool is_kept = false;

            for (size_t t = 0; t < count; t++)
                is_kept |=
                    file->arena && file->is_faultless && file->tree.file == trees[t];
            if (file->tree.source != &file->source || !file->source.line_starts ||
                is_kept != changes[i].is_kept[f])
                fail_msg("%s: file %zu", changes[i].label, f);
        }
        if (memcmp(&before, &after, sizeof(before)) == 0)
            assert_int_equal(load.diags.total, total);
        load_end(&load);
        pn_kept_files_clear(&kept);
    }
}

/* Two places have two trees, also of one file. */
static void
a_file_that_is_included_twice_is_two(void **state)
{
    struct shelf shelf = { { "postern: 1\ninclude \"1\"\ninclude \"1\"\n* : deny\n",
                             "postern: 1\n10.0.0.1 : deny\n", NULL } };
    struct pn_kept_files kept = { 0 };
    const struct pn_node *trees[FILES];
    struct load load;

    (void)state;
    for (int round = 0; round < 3; round++) {
        load_begin(&load, &shelf, &kept);
        assert_int_equal(load.unit.count, FILES);
        for (size_t f = 0; f < FILES; f++) {
            const struct pn_node *tree = load.unit.files[f]->tree.file;

            if (round)
                assert_ptr_equal(tree, trees[f]);
            trees[f] = tree;
        }
        assert_ptr_not_equal(trees[1], trees[2]);
        load_end(&load);
    }
    pn_kept_files_clear(&kept);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_as_it_was_has_its_tree),
        cmocka_unit_test(a_file_that_is_included_twice_is_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
