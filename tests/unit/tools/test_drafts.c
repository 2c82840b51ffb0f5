/* tools/input/drafts and patch: texts as they will be, read in the place of the files,
 * shown as a patch, and written whole or not at all */
#define _GNU_SOURCE
#include "tests/support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/input/drafts.h"

static const struct {
    const char *before, *after, *patch; /* without the two lines of names */
} patches[] = {
    { "a\n", "a\n", "" },
    { "a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n" },
    { "", "a\n", "@@ -0,0 +1,1 @@\n+a\n" },
    { "a\n", "", "@@ -1,1 +0,0 @@\n-a\n" },
    { "a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n" },
    { "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n6\n7\n8\n9\n",
      "@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n" },
    { "1\n2\n3\n4\n5\n6\n7\n8\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n",
      "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -6,3 +7,4 @@\n 6\n 7\n 8\n+9\n" },
    { "1\n2\n3\n4\n", "0\n1\n2\n3\n4\n5\n",
      "@@ -1,4 +1,6 @@\n+0\n 1\n 2\n 3\n 4\n+5\n" },
};

static struct pn_draft *
draft_make(struct pn_drafts *drafts, const char *path, const char *before,
           const char *after)
{
    struct pn_source source;
    struct pn_draft *draft;

    assert_true(
        pn_source_from_text(&source, path, (struct pn_str){ before, strlen(before) }));
    draft = pn_drafts_get(drafts, &source);
    pn_source_clear(&source);
    assert_non_null(draft);
    draft->text.size = 0;
    pn_buffer_add_text(&draft->text, after);
    return draft;
}

static void
drafts_are_shown_as_a_patch(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(patches); i++) {
        struct pn_drafts drafts = { 0 };
        struct pn_output out;
        char want[256] = "";

        if (*patches[i].patch)
            snprintf(want, sizeof(want), "--- -\n+++ -\n%s", patches[i].patch);
        draft_make(&drafts, "-", patches[i].before, patches[i].after);
        pn_output_begin(&out, -1);
        pn_drafts_diff(&out, &(const struct pn_style){ 0 }, &drafts);
        pn_output_add(&out, "", 1);
        assert_string_equal(out.pending.bytes, want);
        pn_buffer_free(&out.pending);
        pn_drafts_clear(&drafts);
    }
}

/* A folder with a file, and a second name of it. */
struct world {
    char folder[32], file[48], link[48];
};

static void
file_put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
file_holds(const char *path, const char *want)
{
    struct pn_source source;

    assert_true(pn_read_file(NULL, path, 1000, &source));
    assert_int_equal(source.size, strlen(want));
    assert_memory_equal(source.text, want, source.size);
    pn_source_clear(&source);
}

static int
world_make(void **state)
{
    static struct world world;

    snprintf(world.folder, sizeof(world.folder), "/tmp/postern-drafts-XXXXXX");
    if (!mkdtemp(world.folder))
        return -1;
    snprintf(world.file, sizeof(world.file), "%s/a", world.folder);
    snprintf(world.link, sizeof(world.link), "%s/b", world.folder);
    file_put(world.file, "old\n");
    *state = &world;
    return symlink("a", world.link);
}

static int
world_clear(void **state)
{
    const struct world *world = *state;

    return unlink(world->link) | unlink(world->file) | rmdir(world->folder);
}

static void
a_draft_is_read_under_every_name_of_its_file(void **state)
{
    const struct world *world = *state;
    struct pn_drafts drafts = { 0 }, copy;
    struct pn_draft *draft = draft_make(&drafts, world->file, "old\n", "new\n");
    struct pn_reading reading = pn_drafts_reading(&drafts);
    struct pn_source source;

    assert_true(reading.read(reading.payload, world->link, 100, &source));
    assert_int_equal(source.size, 4);
    assert_memory_equal(source.text, "new\n", 4);
    assert_ptr_equal(pn_drafts_get(&drafts, &source), draft);
    pn_source_clear(&source);
    assert_false(reading.read(reading.payload, world->link, 3, &source));
    assert_int_equal(errno, EFBIG);
    file_holds(world->file, "old\n");

    assert_true(pn_draft_is_changed(draft));
    assert_true(pn_drafts_copy(&drafts, &copy));
    assert_false(pn_draft_is_touched(draft, &copy));
    pn_buffer_add_text(&draft->text, "more\n");
    assert_true(pn_draft_is_touched(draft, &copy));
    pn_drafts_clear(&copy);
    pn_drafts_clear(&drafts);
}

static const struct pn_verb verb = { .name = "lint" };

static void
what_somebody_else_has_changed_stays(void **state)
{
    const struct world *world = *state;
    struct pn_tool tool = { .verb = &verb };
    struct pn_drafts drafts = { 0 };

    pn_output_begin(&tool.err, -1);
    draft_make(&drafts, world->file, "old\n", "new\n");
    file_put(world->file, "theirs\n");
    assert_int_equal(pn_drafts_write(&tool, &drafts), PN_EXIT_SYSTEM);
    file_holds(world->file, "theirs\n");
    pn_output_add(&tool.err, "", 1);
    assert_non_null(strstr(tool.err.pending.bytes, "has changed meanwhile"));

    tool.err.pending.size = 0;
    file_put(world->file, "old\n");
    assert_int_equal(pn_drafts_write(&tool, &drafts), PN_EXIT_OK);
    file_holds(world->file, "new\n");
    assert_int_equal(tool.err.pending.size, 0);
    pn_buffer_free(&tool.err.pending);
    pn_drafts_clear(&drafts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drafts_are_shown_as_a_patch),
        cmocka_unit_test_setup_teardown(a_draft_is_read_under_every_name_of_its_file,
                                        world_make, world_clear),
        cmocka_unit_test_setup_teardown(what_somebody_else_has_changed_stays,
                                        world_make, world_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
