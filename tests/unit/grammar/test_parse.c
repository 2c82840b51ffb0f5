/* grammar/parse, build and tree: the whole tree, and the stream */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "grammar/parse.h"
#include "grammar/plain.h"
#include "tests/support/random.h"

static const char text[] = "# c\n10.:allow,A=\"b\",C=/d/\nskipped\nbad:line\n:deny\n"
                           "x:allow,Y\nz:deny";

static const struct {
    enum pn_node_kind kind;
    enum pn_action action;
    const char *token; /* the bytes of the token that names it */
    size_t children;
} statements[] = {
    { PN_NODE_RULE, PN_ALLOW, "10.:", 2 },
    { PN_NODE_SKIPPED, PN_ALLOW, "skipped", 0 },
    { PN_NODE_ERROR, PN_ALLOW, "bad:line", 0 },
    { PN_NODE_RULE, PN_DENY, ":", 0 },
    { PN_NODE_ERROR, PN_ALLOW, "x:", 0 },
    { PN_NODE_RULE, PN_DENY, "z:", 0 },
};

static void
check_statement(const struct pn_tree *tree, const struct pn_node *node, size_t number)
{
    struct pn_str token =
        pn_source_slice(tree->source, pn_token_span(tree->tokens[node->token]));
    size_t children = 0;

    for (const struct pn_node *n = node->children.head; n; n = n->next)
        children++;
    if (node->kind != statements[number].kind ||
        node->action != statements[number].action ||
        children != statements[number].children)
        fail_msg("statement %zu: kind %d, %zu children", number, node->kind, children);
    if (node->kind != PN_NODE_ERROR) {
        assert_int_equal(token.len, strlen(statements[number].token));
        assert_memory_equal(token.ptr, statements[number].token, token.len);
    }
}

static void
a_tree_holds_every_statement_though_some_are_wrong(void **state)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_arena *arena = pn_arena_new();
    struct pn_source source;
    struct pn_tree tree;
    size_t count = 0;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR(text)));
    assert_true(pn_parse_tree(&source, PN_CLASSIC, &diags, arena, &tree));
    for (struct pn_node *n = tree.file->children.head; n; n = n->next)
        check_statement(&tree, n, count++);
    assert_int_equal(count, PN_COUNT_OF(statements));
    assert_int_equal(diags.total, 2);
    assert_int_equal(diags.items[0].id, PN_DIAG_NO_VERDICT);
    assert_int_equal(diags.items[1].id, PN_DIAG_NO_EQUALS_SIGN);
    free(tree.tokens);
    pn_arena_free(arena);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

static bool
take(void *payload, const struct pn_tree *tree, const struct pn_node *statement)
{
    size_t *count = payload;

    check_statement(tree, statement, (*count)++);
    return *count < 4;
}

static void
a_stream_gives_the_same_statements_until_it_is_stopped(void **state)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_source source;
    size_t count = 0;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR(text)));
    assert_false(pn_parse_stream(&source, PN_CLASSIC, &diags, take, &count));
    assert_int_equal(count, 4);
    assert_int_equal(diags.total, 1);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

static void
names_and_values_lose_their_marks(void **state)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_arena *arena = pn_arena_new();
    const struct pn_node *rule, *last;
    struct pn_source source;
    struct pn_tree tree;
    struct pn_span span;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR(text)));
    assert_true(pn_parse_tree(&source, PN_CLASSIC, &diags, arena, &tree));
    rule = tree.file->children.head;
    for (last = rule->children.head; last->next;)
        last = last->next;
    assert_int_equal(pn_tree_key(&tree, rule).len, 3);
    assert_memory_equal(pn_tree_name(&tree, last).ptr, "C", 1);
    assert_int_equal(pn_tree_name(&tree, last).len, 1);
    assert_memory_equal(pn_tree_value(&tree, last).ptr, "d", 1);
    assert_int_equal(pn_tree_value(&tree, last).len, 1);
    span = pn_tree_span(&tree, rule->range);
    assert_int_equal(span.offset, 4);
    assert_int_equal(span.size, sizeof("10.:allow,A=\"b\",C=/d/\n") - 1);
    free(tree.tokens);
    pn_arena_free(arena);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

/* What the parser and its short cut have to agree about. */
static const char *const pieces[] = {
    "10.0.0.1",
    "10.0.0.0/8",
    "192.0.2.",
    "::1",
    "2001:db8::/32",
    "fe80::1:",
    "1.2.3.4/",
    "10",
    "abc",
    "a:b",
    "::ffff:10.0.0.1",
    "1:2:3/4/5",
    ":",
    " : ",
    ":\t",
    "deny",
    "allow",
    "block",
    "denyy",
    "deny=",
    "deny # c",
    " # c",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    ",",
    "# c\n",
    "{",
    "}",
    "set s = {\n",
    "include ",
    "\"",
    "$s",
    "1.2.3.4:deny\n",
    "1.2.3.4 : allow\n",
    "2001:db8:: :deny\r\n",
    "/8",
    "-",
};

static bool
same_nodes(const struct pn_node *a, const struct pn_node *b, uint32_t behind)
{
    for (; a && b; a = a->next, b = b->next)
        if (a->kind != b->kind || a->action != b->action ||
            a->token != b->token + behind ||
            a->range.first != b->range.first + behind ||
            a->range.last != b->range.last + behind ||
            !same_nodes(a->children.head, b->children.head, behind))
            return false;
    return !a && !b;
}

/* Do nodes of two trees of one text stand at the same places, whatever the tokens? */
static bool
same_places(const struct pn_tree *a, const struct pn_node *from_a,
            const struct pn_tree *b, const struct pn_node *from_b)
{
    for (; from_a && from_b; from_a = from_a->next, from_b = from_b->next) {
        struct pn_span spans[] = { pn_tree_span(a, from_a->range),
                                   pn_tree_span(b, from_b->range),
                                   pn_token_span(a->tokens[from_a->token]),
                                   pn_token_span(b->tokens[from_b->token]) };

        if (from_a->kind != from_b->kind || from_a->action != from_b->action ||
            memcmp(&spans[0], &spans[1], sizeof(*spans)) != 0 ||
            memcmp(&spans[2], &spans[3], sizeof(*spans)) != 0 ||
            !same_places(a, from_a->children.head, b, from_b->children.head))
            return false;
    }
    return !from_a && !from_b;
}

/* A text behind a statement that is wrong, where no short cut is taken, or a good one.
 */
static void
parse_behind(const char *front, const char *rest, struct pn_arena *arena,
             struct pn_source *source, struct pn_tree *tree)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    char whole[1024];

    snprintf(whole, sizeof(whole), "postern: 1\n%s\n%s", front, rest);
    assert_true(pn_source_from_text(source, "s", pn_str_of_text(whole)));
    assert_true(pn_parse_tree(source, PN_EXTENDED, &diags, arena, tree));
    pn_diags_clear(&diags);
}

static void
a_short_cut_gives_the_tree_of_the_parser(void **state)
{
    enum { COUNT = 50000, PIECES_MOST = 24 };
    static const char good[] = "1.2.3.4 : deny", wrong[] = ")1.2.34 : deny";
    uint64_t seed = 7;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        struct pn_arena *arena = pn_arena_new();
        struct pn_source sources[2];
        struct pn_tree trees[2];
        uint32_t behind;
        struct pn_buffer rest_text = { 0 };
        const char *rest;

        for (unsigned k = pn_test_pick(&seed, PIECES_MOST); k > 0; k--)
            pn_buffer_add_text(&rest_text,
                               pieces[pn_test_pick(&seed, PN_COUNT_OF(pieces))]);
        pn_buffer_add(&rest_text, "", 1);
        rest = rest_text.bytes;
        parse_behind(wrong, rest, arena, &sources[0], &trees[0]);
        parse_behind(good, rest, arena, &sources[1], &trees[1]);
        behind = (uint32_t)(trees[0].token_count - trees[1].token_count);
        if (!same_nodes(trees[0].file->children.head->next->next,
                        trees[1].file->children.head->next->next, behind))
            fail_msg("another tree of %s", rest);
        for (size_t t = 6; t < trees[1].token_count; t++)
            if (memcmp(&trees[0].tokens[t + behind], &trees[1].tokens[t],
                       sizeof(struct pn_token)) != 0)
                fail_msg("token %zu of %s", t, rest);
        for (size_t t = 0; t < 2; t++) {
            free(trees[t].tokens);
            pn_source_clear(&sources[t]);
        }
        pn_buffer_free(&rest_text);
        pn_arena_free(arena);
    }
}

static void
text_make(struct pn_buffer *out, uint64_t *seed)
{
    pn_buffer_add_text(out, "postern: 1\n");
    for (unsigned k = pn_test_pick(seed, 40); k > 0; k--)
        pn_buffer_add_text(out, pieces[pn_test_pick(seed, PN_COUNT_OF(pieces))]);
}

/* Runs, which are counted, become the rules that a whole tree has. */
static size_t
runs_expand(const struct pn_source *source)
{
    struct pn_arena *arena = pn_arena_new();
    struct pn_diags diags[2] = { { .limit = PN_DIAGS_LIMIT },
                                 { .limit = PN_DIAGS_LIMIT } };
    struct pn_tree whole, runs;
    size_t count = 0;

    assert_true(pn_parse_tree(source, PN_EXTENDED, &diags[0], arena, &whole));
    assert_true(
        pn_parse_tree_of(source, PN_EXTENDED, PN_DETAIL_RUNS, &diags[1], arena, &runs));
    assert_int_equal(diags[0].errors, diags[1].errors);
    for (struct pn_node *n = runs.file->children.head; n; n = n->next)
        count += n->kind == PN_NODE_PLAINS;
    assert_true(pn_plain_expand(&runs, arena));
    if (!same_places(&whole, whole.file->children.head, &runs,
                     runs.file->children.head))
        fail_msg("other rules in runs of %s", source->text);
    for (size_t i = 0; i < 2; i++)
        pn_diags_clear(&diags[i]);
    free(whole.tokens);
    free(runs.tokens);
    pn_arena_free(arena);
    return count;
}

static void
runs_are_the_rules_of_the_tree(void **state)
{
    enum { COUNT = 5000 };
    uint64_t seed = 11;
    size_t runs = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        struct pn_buffer made = { 0 };
        struct pn_source source;

        text_make(&made, &seed);
        assert_true(pn_source_from_text(&source, "s", pn_str_of(&made)));
        runs += runs_expand(&source);
        pn_source_clear(&source);
        pn_buffer_free(&made);
    }
    assert_true(runs > COUNT / 10);
}

/* A comment takes the carriage return; then nothing stands before the end of the line.
 */
static void
a_line_may_end_behind_what_it_shows(void **state)
{
    static const char *const lines[] = { "deny # c\r\n", "allow from # c\r\n",
                                         "10.0.0.1 10.0.0.2 # c\r\n", "set s # c\r\n" };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(lines); i++) {
        struct pn_arena *arena = pn_arena_new();
        struct pn_source source;
        struct pn_tree tree;

        parse_behind("* : deny", lines[i], arena, &source, &tree);
        assert_int_equal(tree.file->children.head->next->next->kind,
                         i == 3 ? PN_NODE_BROKEN : PN_NODE_ERROR);
        free(tree.tokens);
        pn_source_clear(&source);
        pn_arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_holds_every_statement_though_some_are_wrong),
        cmocka_unit_test(a_stream_gives_the_same_statements_until_it_is_stopped),
        cmocka_unit_test(names_and_values_lose_their_marks),
        cmocka_unit_test(a_short_cut_gives_the_tree_of_the_parser),
        cmocka_unit_test(runs_are_the_rules_of_the_tree),
        cmocka_unit_test(a_line_may_end_behind_what_it_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
