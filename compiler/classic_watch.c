/* Watches a stream of rules and keeps only the place of the last one. */
#include "compiler/classic_watch.h"

#include <string.h>

#include "compiler/classic_rule.h"
#include "compiler/expand.h"

enum { KEY_MAX = 512 };

/* An indented comment compiles to nothing too, as is meant. */
static void
skipped_report(struct pn_classic_watch *watch, const struct pn_tree *tree,
               const struct pn_node *node)
{
    struct pn_span span = pn_token_span(tree->tokens[node->token]);
    struct pn_str text = pn_source_slice(tree->source, span);
    size_t at = 0;

    while (at < text.len && text.ptr[at] && strchr(" \t\r", text.ptr[at]))
        at++;
    if (at < text.len && text.ptr[at] != '#')
        pn_diags_add(watch->diags, PN_DIAG_SKIPPED_LINE, tree->source, span);
}

/* One key of a range stands for all of them. */
static bool
is_asked(const struct pn_expansion *expansion)
{
    char text[KEY_MAX];
    size_t size;

    if (pn_expansion_size(expansion) > sizeof(text))
        return false; /* longer than any address or name */
    size = pn_expansion_key(expansion, 0, text);
    return pn_classic_key_is_asked((struct pn_str){ text, size });
}

static void
rule_note(struct pn_classic_watch *watch, const struct pn_tree *tree,
          const struct pn_node *rule)
{
    struct pn_str key = pn_tree_key(tree, rule);
    struct pn_span span = pn_token_span(tree->tokens[rule->token]);
    struct pn_expansion expansion;

    span.size--; /* its colon */
    watch->any = true;
    watch->in_text = true;
    watch->last = span;
    watch->has_default |= key.len == 0;
    if (!pn_expand(key, &expansion))
        return; /* an error */
    if (!pn_expansion_count(&expansion))
        pn_diags_add(watch->diags, PN_DIAG_EMPTY_RANGE, tree->source, span);
    else if (rule->action == PN_DENY && !watch->denies)
        watch->denies = is_asked(&expansion);
}

void
pn_classic_watch_statement(struct pn_classic_watch *watch, const struct pn_tree *tree,
                           const struct pn_node *statement)
{
    if (statement->kind == PN_NODE_SKIPPED)
        skipped_report(watch, tree, statement);
    else if (statement->kind == PN_NODE_RULE)
        rule_note(watch, tree, statement);
}

void
pn_classic_watch_text(struct pn_classic_watch *watch, const struct pn_source *text)
{
    struct pn_position at;
    struct pn_str line;

    if (!watch->in_text || watch->denies || watch->has_default)
        return;
    at = pn_source_position(text, watch->last.offset);
    line = pn_source_slice(text, at.whole_line);
    watch->in_text = false;
    watch->line = at.line;
    watch->copy.size = 0;
    pn_buffer_add(&watch->copy, line.ptr, line.len);
    pn_buffer_add(&watch->copy, "", 1);
    watch->copy_key = watch->last.size;
    pn_diags_fail(watch->diags, watch->copy.failed);
}

void
pn_classic_watch_end(const struct pn_classic_watch *watch, const char *name)
{
    char nothing[] = "";
    struct pn_source last = { .name = name, .text = nothing };

    if (!watch->any) {
        pn_diags_add(watch->diags, PN_DIAG_NO_RULES, &last, (struct pn_span){ 0, 0 });
    } else if (!watch->denies && !watch->has_default && watch->copy.size) {
        last.text = watch->copy.bytes;
        last.size = watch->copy.size - 1;
        last.lines_before = watch->line - 1;
        pn_diags_add(watch->diags, PN_DIAG_NOBODY_DENIED, &last,
                     (struct pn_span){ 0, (uint32_t)watch->copy_key });
    }
}

void
pn_classic_watch_clear(struct pn_classic_watch *watch)
{
    pn_buffer_free(&watch->copy);
    *watch = (struct pn_classic_watch){ 0 };
}
