/* Texts and images that are made of classic files, and decide as those do. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "analysis/compiled.h"
#include "analysis/dump.h"
#include "analysis/format.h"
#include "compiler/image.h"
#include "tests/support/classic_verbs.h"
#include "tests/support/harness.h"
#include "tools/input/rules_file.h"
#include "tools/verbs.h"

enum { WORDS = 6 };

const char *const pn_classic_verb_names[] = { [PN_CLASSIC_ASSERTIONS] =
                                                  "always, expect",
                                              [PN_CLASSIC_PIN] = "pin",
                                              [PN_CLASSIC_STATS] = "stats",
                                              [PN_CLASSIC_COVERAGE] = "coverage",
                                              [PN_CLASSIC_MUTANTS] = "mutants",
                                              [PN_CLASSIC_MINIMIZE] = "minimize",
                                              [PN_CLASSIC_FMT] = "fmt",
                                              [PN_CLASSIC_DUMP] = "dump",
                                              [PN_CLASSIC_DUMP_NATIVE] =
                                                  "dump of a native image",
                                              [PN_CLASSIC_AS_CLASSIC] = "--as classic",
                                              [PN_CLASSIC_INCLUDED] = "include",
                                              [PN_CLASSIC_MERGE] = "merge" };

size_t pn_classic_asked[PN_CLASSIC_VERB_COUNT];
size_t pn_classic_refused[PN_CLASSIC_VERB_COUNT];

bool
pn_classic_count(enum pn_classic_verb verb, bool answered)
{
    pn_classic_asked[verb]++;
    pn_classic_refused[verb] += !answered;
    return answered;
}

/* A text decides as a file does. */
static void
text_check(const struct pn_classic_file *f, struct pn_classic_clients clients,
           const struct pn_buffer *text)
{
    static struct pn_classic_file other;

    if (!pn_classic_parse(text->size ? text->bytes : "", text->size, &other))
        fail_msg("this is no classic text: %.*s", (int)text->size, text->bytes);
    for (size_t i = 0; i < clients.count; i++)
        if (pn_classic_outcome(f, &clients.items[i]) !=
            pn_classic_outcome(&other, &clients.items[i]))
            pn_classic_broken(f, &clients.items[i], other.text);
}

static void
rules_check(const struct pn_classic_file *f, struct pn_classic_clients clients,
            const struct postern_rules *rules, const char *what)
{
    for (size_t i = 0; i < clients.count; i++)
        if (pn_classic_outcome(f, &clients.items[i]) !=
            pn_classic_answer(rules, &clients.items[i]))
            pn_classic_broken(f, &clients.items[i], what);
}

static void
file_write(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0 && pn_write_all(fd, text, strlen(text)));
    close(fd);
}

/* Runs a verb, and gathers what it says. */
static int
verb_run(const char *name, const char *const words[WORDS], struct pn_tool *tool)
{
    char copies[WORDS][32], *argv[WORDS + 1] = { NULL };
    int argc = 0;

    *tool = (struct pn_tool){ .verb = pn_verb_find(name),
                              .out = { .fd = -1 },
                              .err = { .fd = -1 } };
    for (; argc < WORDS && words[argc]; argc++) {
        snprintf(copies[argc], sizeof(copies[argc]), "%s", words[argc]);
        argv[argc] = copies[argc];
    }
    return tool->verb->run(tool, argc, argv);
}

static void
verb_end(struct pn_tool *tool)
{
    pn_buffer_free(&tool->out.pending);
    pn_buffer_free(&tool->err.pending);
}

static void
minimize_check(const struct pn_classic_file *f, struct pn_classic_clients clients)
{
    static const char *const words[WORDS] = { "r.rules" };
    struct pn_tool tool;

    file_write("r.rules", f->text);
    if (pn_classic_count(PN_CLASSIC_MINIMIZE, verb_run("minimize", words, &tool) == 0))
        text_check(f, clients, &tool.out.pending);
    verb_end(&tool);
}

static void
fmt_check(const struct pn_classic_file *f, struct pn_classic_clients clients)
{
    struct pn_diags diags = { .limit = 1 };
    struct pn_buffer out = { 0 };
    struct pn_source source;

    assert_true(pn_source_from_text(&source, "r.rules",
                                    (struct pn_str){ f->text, strlen(f->text) }));
    if (pn_classic_count(PN_CLASSIC_FMT,
                         pn_format_text(&source, &diags, &out) == PN_FORMAT_OK))
        text_check(f, clients, &out);
    pn_diags_clear(&diags);
    pn_source_clear(&source);
    pn_buffer_free(&out);
}

static void
dump_check(const struct pn_classic_file *f, struct pn_classic_clients clients)
{
    struct pn_buffer out = { 0 }, what = { 0 };
    int fd = pn_memory_file();

    assert_true(fd >= 0);
    pn_test_compile(f->text, strlen(f->text), fd);
    if (pn_classic_count(PN_CLASSIC_DUMP,
                         pn_dump_classic(fd, &out, &what) == PN_DUMP_OK))
        text_check(f, clients, &out);
    close(fd);
    pn_buffer_free(&out);
    pn_buffer_free(&what);
}

/* A pn_read_fn of the file that is included. */
static bool
included_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_classic_file *f = payload;

    assert_true(strcmp(path, "c.rules") == 0 && strlen(f->text) <= limit);
    return pn_source_from_text(out, path, (struct pn_str){ f->text, strlen(f->text) });
}

/* Compiles a root that may include the file, into an open image; NULL when refused. */
static struct postern_rules *
root_compile(const struct pn_classic_file *f, struct pn_str root, bool as_classic,
             struct pn_decoded *decoded)
{
    const struct pn_compile_options options = {
        .as_classic = as_classic, .reading = { included_read, (void *)f, NULL, 0 }
    };
    struct pn_diags diags = { .limit = 4 };
    struct postern_rules *rules = NULL;
    int fd = pn_memory_file();
    struct pn_source source;
    struct pn_reader reader;
    enum pn_compile_result result;

    assert_true(fd >= 0 && pn_source_from_text(&source, "root", root));
    pn_reader_begin_source(&reader, &source);
    result = pn_compile(&reader, fd, &options, &diags);
    assert_true(result == PN_COMPILE_OK || result == PN_COMPILE_REFUSED);
    if (result == PN_COMPILE_OK) {
        assert_int_equal(postern_rules_open_fd(fd, 0, &rules), POSTERN_OK);
        if (decoded)
            assert_int_equal(pn_image_decode(decoded, fd), PN_DECODE_OK);
    }
    pn_reader_end(&reader);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    close(fd);
    return rules;
}

/* A native image, written down as an extended source; what cannot be written, a key
 * that goes by zero groups or a host such as the root, is refused. */
static void
native_dump_check(const struct pn_classic_file *f, struct pn_classic_clients clients,
                  const struct postern_rules *rules, const struct pn_decoded *decoded)
{
    struct pn_buffer out = { 0 }, what = { 0 };
    enum pn_dump_result result = pn_dump_native(rules, decoded, &out, &what);
    struct postern_rules *again = NULL;

    if (result == PN_DUMP_OK)
        again = root_compile(f, (struct pn_str){ out.bytes, out.size }, false, NULL);
    else
        assert_true(what.size > 0); /* the key is named */
    if (pn_classic_count(PN_CLASSIC_DUMP_NATIVE, again != NULL)) {
        rules_check(f, clients, again, "of a dumped native image");
        postern_rules_close(again);
    }
    pn_buffer_free(&out);
    pn_buffer_free(&what);
}

/* An extended policy has a default; here it is the one of a classic file without. */
static void
included_check(const struct pn_classic_file *f, struct pn_classic_clients clients)
{
    static const char root[] = "postern: 1\ninclude \"c.rules\"\n* : allow\n";
    struct pn_decoded decoded;
    struct postern_rules *rules =
        root_compile(f, (struct pn_str){ root, sizeof(root) - 1 }, false, &decoded);

    if (!pn_classic_count(PN_CLASSIC_INCLUDED, rules != NULL))
        return; /* it has a key that nobody asks for */
    rules_check(f, clients, rules, "of a policy that includes it");
    native_dump_check(f, clients, rules, &decoded);
    pn_decoded_clear(&decoded);
    postern_rules_close(rules);
    rules = root_compile(f, (struct pn_str){ root, sizeof(root) - 1 }, true, NULL);
    if (pn_classic_count(PN_CLASSIC_AS_CLASSIC, rules != NULL)) {
        rules_check(f, clients, rules, "--as classic");
        postern_rules_close(rules);
    }
}

void
pn_classic_texts_check(const struct pn_classic_file *f,
                       struct pn_classic_clients clients)
{
    minimize_check(f, clients);
    fmt_check(f, clients);
    dump_check(f, clients);
    included_check(f, clients);
}

/* A client that one side changed is decided as that side says. */
static void
merged_check(const struct pn_classic_file versions[3],
             const struct pn_classic_file *merged, struct pn_classic_clients clients)
{
    for (size_t i = 0; i < clients.count; i++) {
        const struct pn_classic_client *c = &clients.items[i];
        enum pn_classic_outcome base = pn_classic_outcome(&versions[0], c);
        enum pn_classic_outcome ours = pn_classic_outcome(&versions[1], c);
        enum pn_classic_outcome theirs = pn_classic_outcome(&versions[2], c);

        if (ours != base && theirs != base && ours != theirs)
            pn_classic_broken(merged, c, "both sides changed its answer");
        if (pn_classic_outcome(merged, c) != (ours != base ? ours : theirs))
            pn_classic_broken(merged, c, "nobody changed its answer so");
    }
}

void
pn_classic_merge_check(const struct pn_classic_file versions[3],
                       struct pn_classic_clients clients)
{
    static const char *const words[WORDS] = { "-p", "b.rules", "o.rules", "t.rules" };
    static struct pn_classic_file merged;
    struct pn_tool tool;
    int status;

    for (size_t i = 0; i < 3; i++)
        file_write(words[1 + i], versions[i].text);
    status = verb_run("merge", words, &tool);
    assert_true(status == 0 || status == 1);
    (void)pn_classic_count(PN_CLASSIC_MERGE, true);
    if (!status) {
        assert_true(
            pn_classic_parse(tool.out.pending.size ? tool.out.pending.bytes : "",
                             tool.out.pending.size, &merged));
        merged_check(versions, &merged, clients);
    }
    verb_end(&tool);
}
