/* Fuzz: text through lexer, parser and compiler; the tree and the stream must agree. */
#define _GNU_SOURCE /* memmem */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compile.h"
#include "compiler/file_kind.h"
#include "compiler/image.h"
#include "grammar/parse.h"
#include "postern/postern.h"
#include "runtime/format/native.h"
#include "tests/fuzz/check.h"

/* Counts statements, and sees that tokens lie in order and within the text. */
static bool
count_statement(void *payload, const struct pn_tree *tree,
                const struct pn_node *statement)
{
    uint32_t end = 0;

    for (size_t i = 0; i < tree->token_count; i++) {
        CHECK(i == 0 || tree->tokens[i].offset >= end);
        end = tree->tokens[i].offset + tree->tokens[i].size;
        CHECK(end <= tree->source->size);
    }
    CHECK(statement->range.last < tree->token_count);
    ++*(size_t *)payload;
    return true;
}

static size_t
tree_statements(const struct pn_source *source, size_t *errors)
{
    struct pn_diags diags = { .limit = 3 };
    struct pn_arena *arena = pn_arena_new();
    struct pn_tree tree;
    size_t count = 0;

    CHECK(pn_parse_tree(source, PN_CLASSIC, &diags, arena, &tree));
    for (struct pn_node *n = tree.file->children.head; n; n = n->next)
        count++;
    *errors = diags.total;
    free(tree.tokens);
    pn_arena_free(arena);
    pn_diags_clear(&diags);
    return count;
}

/* All opens, but a file whose first key is the one that marks native images. */
static void
open_again(int fd, const struct pn_source *source)
{
    struct postern_rules *rules;
    enum postern_status status = postern_rules_open_fd(fd, POSTERN_OPEN_CHECK, &rules);

    if (status == POSTERN_OK)
        postern_rules_close(rules);
    else
        CHECK(memmem(source->text, source->size, pn_native_key, PN_NATIVE_KEY_SIZE));
}

static void
compile(const struct pn_source *source, size_t errors)
{
    static const struct pn_compile_options options = { 0 };
    struct pn_diags diags = { .limit = 3 }, told = { .limit = 3 };
    enum pn_compile_result result;
    struct pn_reader reader;
    int fd = pn_memory_file();

    CHECK(fd >= 0);
    pn_file_kind_tell(source, &told);
    pn_reader_begin_source(&reader, source);
    result = pn_compile(&reader, fd, &options, &diags);
    CHECK(result == PN_COMPILE_OK || result == PN_COMPILE_REFUSED);
    CHECK((result == PN_COMPILE_OK) == (diags.total == 0));
    /* the compiler may add to what the parser says, and one error may explain all */
    CHECK(diags.total >= errors || (told.total && diags.total));
    if (result == PN_COMPILE_OK)
        open_again(fd, source);
    pn_reader_end(&reader);
    pn_diags_clear(&diags);
    pn_diags_clear(&told);
    close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_diags diags = { .limit = 3 };
    struct pn_str text = { (const char *)data, size };
    size_t streamed = 0, errors;
    struct pn_source source;

    CHECK(pn_source_from_text(&source, "fuzz", text));
    if (pn_dialect_of(&source, NULL) == PN_EXTENDED) { /* fuzz_policy.c is for those */
        pn_source_clear(&source);
        return 0;
    }
    CHECK(pn_parse_stream(&source, PN_CLASSIC, &diags, count_statement, &streamed));
    CHECK(tree_statements(&source, &errors) == streamed);
    CHECK(errors == diags.total);
    compile(&source, errors);
    pn_diags_clear(&diags);
    pn_source_clear(&source);
    return 0;
}
