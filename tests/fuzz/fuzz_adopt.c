/*
 * Fuzz: what adopt reads of a tree, chosen by the first byte. Words of a run script
 * come back as they were, parts of nginx keep the lines of their file, and a policy of
 * sshd compiles.
 */
#include <string.h>

#include "analysis/compiled.h"
#include "base/memory.h"
#include "interop/elf_needs.h"
#include "interop/hosts_names.h"
#include "interop/import_sshd.h"
#include "interop/inetd_words.h"
#include "interop/nginx_parts.h"
#include "interop/xinetd_words.h"
#include "tests/fuzz/check.h"
#include "tools/adopt_script.h"
#include "tools/script_words.h"

/* Is it bytes of the text? */
static bool
is_within(const struct pn_source *file, struct pn_str part)
{
    return !part.len ||
           (part.ptr >= file->text && part.ptr + part.len <= file->text + file->size);
}

/* A word in quotes is one word, and the same. */
static void
word_check(struct pn_str word)
{
    struct pn_buffer text = { 0 };
    struct pn_word read = { .unknown = false };

    if (pn_script_word_add(&text, word)) {
        struct pn_words words = { text.bytes, text.bytes + text.size, false };

        CHECK(pn_words_next(&words, &read) && words.at == words.end && !read.unknown);
        CHECK(read.text.size == word.len + 1 &&
              (!word.len || memcmp(read.text.bytes, word.ptr, word.len) == 0));
    }
    pn_buffer_free(&read.text);
    pn_buffer_free(&text);
}

static void
inetd_read(const struct pn_source *file)
{
    struct pn_inetd_reader reader = pn_inetd_begin(file);
    struct pn_inetd_service service;
    size_t before = 0;

    while (pn_inetd_next(&reader, &service)) {
        struct pn_str group;

        CHECK(service.line > before && service.argument_count <= PN_INETD_ARGUMENTS);
        before = service.line;
        CHECK(is_within(file, service.host) && is_within(file, service.port));
        for (size_t i = 0; i < service.argument_count; i++) {
            CHECK(is_within(file, service.arguments[i]));
            word_check(service.arguments[i]);
        }
        (void)pn_inetd_stays(&service);
        (void)pn_inetd_is_wrapped(&service);
        CHECK(pn_inetd_user(service.user, &group).len <= service.user.len);
    }
}

static void
xinetd_read(const struct pn_source *file)
{
    struct pn_xinetd_reader reader = pn_xinetd_begin(file);
    struct pn_xinetd_line line;
    size_t before = 0;

    while (pn_xinetd_next(&reader, &line)) {
        CHECK(line.line > before);
        before = line.line;
        CHECK(is_within(file, line.name) && is_within(file, line.value));
        CHECK(line.kind != PN_XINETD_ATTRIBUTE || line.name.len);
    }
}

static void
hosts_read(const struct pn_source *file)
{
    struct pn_hosts_names names = pn_hosts_names_begin(file);
    struct pn_str word;

    while (pn_hosts_names_next(&names, &word))
        CHECK(word.len && is_within(file, word) && names.line);
}

static void
nginx_read(const struct pn_source *file)
{
    struct pn_nginx_parts parts = { 0 };

    CHECK(pn_nginx_parts_find(file, &parts));
    for (size_t i = 0; i < parts.count && i < 8; i++) {
        struct pn_buffer text = { 0 };

        CHECK(pn_nginx_part_text(file, &parts.items[i], &text));
        CHECK(text.size == file->size);
        for (size_t at = 0; at < text.size; at++)
            CHECK(text.bytes[at] == file->text[at] || text.bytes[at] == ' ');
        pn_buffer_free(&text);
    }
    pn_free(parts.items);
}

static void
sshd_read(const struct pn_source *file)
{
    struct pn_sshd_includes includes = pn_sshd_includes_of(file);
    struct pn_str pattern;
    static const struct pn_importer sshd = { "sshd", "", PN_IMPORT_TEXT,
                                             pn_sshd_import };
    struct pn_import import = { .files = file, .file_count = 1 };
    const struct pn_compiled_options how = { .diags = NULL };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_buffer text = { 0 };
    struct pn_source source = { 0 };

    (void)pn_sshd_has_rules(file);
    while (pn_sshd_include_next(&includes, &pattern))
        CHECK(pattern.len && is_within(file, pattern));
    pn_import_run(&sshd, &import);
    CHECK(!import.failed);
    if (!import.has_errors) {
        pn_buffer_add_text(&text, "postern: 1\n");
        pn_buffer_add(&text, import.out.bytes, import.out.size);
        CHECK(pn_source_from_text(&source, "import", pn_str_of(&text)));
        CHECK(pn_compiled_make(&compiled, &source, &how));
        CHECK(compiled.result == PN_COMPILE_OK);
    }
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    pn_buffer_free(&text);
    pn_import_clear(&import);
}

static bool
bytes_read(void *payload, uint64_t at, void *out, size_t size)
{
    const struct pn_source *file = payload;

    if (at > file->size || size > file->size - at)
        return false;
    memcpy(out, file->text + at, size);
    return true;
}

static void
elf_read(const struct pn_source *file)
{
    struct pn_source copy = *file;
    const struct pn_elf_file elf = { bytes_read, &copy };

    (void)pn_elf_needs(&elf, "libwrap.so");
}

/* What is exchanged is gone, and a script without it is not written. */
static void
script_read(const struct pn_source *file)
{
    const struct pn_script_edit edit = { "/etc/x.cdb", "rules.cdb", "tcpserver",
                                         "/opt/tcpserver" };
    const struct pn_str text = { file->text, file->size };
    struct pn_buffer out = { 0 };

    if (!pn_script_edit(text, &edit, &out))
        CHECK(!out.size);
    (void)pn_script_moves(text);
    pn_buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const struct pn_source *) = {
        inetd_read, xinetd_read, hosts_read,  nginx_read,
        sshd_read,  elf_read,    script_read,
    };
    struct pn_source file = { 0 };

    if (!size)
        return 0;
    CHECK(pn_source_from_text(&file, "fuzz",
                              (struct pn_str){ (const char *)data + 1, size - 1 }));
    readers[data[0] % (sizeof(readers) / sizeof(readers[0]))](&file);
    pn_source_clear(&file);
    return 0;
}
