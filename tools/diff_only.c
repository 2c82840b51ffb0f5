/*
 * The targets become rules of the old policy in a space of their own: a client decided
 * by one of them is among the targets.
 */
#include "tools/diff_only.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compiler/image.h"
#include "compiler/loaded_policy.h"
#include "tools/render/answer.h"

struct targets {
    struct pn_buffer name, text; /* of the old policy with a rule for each target */
    struct pn_source source;     /* that text */
    size_t count;                /* of those rules, */
    size_t others;               /* and where the one behind them stands */
    struct pn_loaded_policy loaded;
    struct postern_rules *rules;
    struct pn_decoded decoded;
    int image;
};

/* The next word of a list: up to a comma that is in no quotes. */
static size_t
word_size(const char *text)
{
    char quote = '\0';
    size_t at = 0;

    for (; text[at] && (quote || text[at] != ','); at++) {
        if (quote && text[at] == '\\' && text[at + 1])
            at++;
        else if (text[at] == quote)
            quote = '\0';
        else if (!quote && text[at] == '"')
            quote = '"';
    }
    return at;
}

/* Is " except " among the words? Then all of them are one. */
static bool
has_except(const char *text)
{
    for (const char *at = text; (at = strstr(at, "except")); at++)
        if (at > text && strchr(" \t", at[-1]) && at[6] && strchr(" \t", at[6]))
            return true;
    return false;
}

/* A name in the folder of the old policy, that says in messages what the text is. */
static bool
name_make(struct targets *t, const char *old)
{
    const char *base = pn_git_base(old);

    pn_buffer_add(&t->name, old, (size_t)(base - old));
    pn_buffer_add_text(&t->name, "--only");
    pn_buffer_add(&t->name, "", 1);
    return !t->name.failed;
}

/* Behind the header of the old policy: rules for the targets, and one for all others.
 */
static void
rules_write(struct targets *t, const struct pn_rules_file *old, const char *text)
{
    const struct pn_source *source = &old->source;
    bool whole = has_except(text);
    struct pn_header header = { 0 };
    size_t body = 0;

    if (source->text && pn_dialect_of(source, &header) == PN_EXTENDED) {
        body = header.span.offset + header.span.size;
        while (body < source->size && source->text[body] != '\n')
            body++;
        body += body < source->size;
        pn_buffer_add(&t->text, source->text, body);
    } else {
        pn_buffer_add_text(&t->text, "postern: 1\n");
    }
    for (size_t size; t->count == 0 || *text; text += size + (text[size] == ',')) {
        size = whole ? strlen(text) : word_size(text);
        pn_buffer_add(&t->text, text, size);
        pn_buffer_add_text(&t->text, " : deny\n");
        t->count++;
    }
    t->others = t->text.size;
    pn_buffer_add_text(&t->text, "* : allow\n");
    if (body)
        pn_buffer_add(&t->text, source->text + body, source->size - body);
    pn_buffer_add(&t->text, "", 1);
    t->source = (struct pn_source){ .name = t->name.bytes,
                                    .text = t->text.bytes,
                                    .size = t->text.size - 1 };
}

/* Are those rules what the text was meant to be, and nothing else? */
static bool
is_understood(const struct targets *t)
{
    const struct pn_policy *policy = &t->loaded.policy;
    struct pn_rule_node last;

    if (policy->count <= t->count)
        return false;
    last = policy->nodes[t->count];
    return last.node && !last.file &&
           pn_tree_span(pn_unit_tree(&t->loaded.unit, 0), last.node->range).offset ==
               t->others;
}

static int
usage_fail(struct pn_tool *tool)
{
    return pn_tool_usage(tool, "--only wants targets as rules of OLD write them, with "
                               "commas");
}

static int
image_make(struct targets *t, struct pn_tool *tool)
{
    enum postern_status status = POSTERN_E_IO;

    t->image = pn_memory_file();
    if (t->image >= 0 &&
        pn_loaded_policy_emit(&t->loaded, t->image, false) == PN_COMPILE_OK)
        status = postern_rules_open_fd(t->image, 0, &t->rules);
    if (status == POSTERN_OK && pn_image_decode(&t->decoded, t->image) != PN_DECODE_OK)
        status = POSTERN_E_NOMEM;
    return status == POSTERN_OK ? PN_EXIT_OK
                                : pn_tool_fail_status(tool, "--only", status);
}

static int
targets_make(struct targets *t, struct pn_tool *tool, const struct pn_rules_file *old,
             const char *text)
{
    const struct pn_common common = { .color = PN_COLOR_NEVER };
    struct pn_reading reading = old->reading.read ? old->reading : PN_READING_FILES;
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_policy_options options = { .only = true, .and_before = true };
    enum pn_compile_result result = PN_COMPILE_MEMORY;
    int status;

    if (strpbrk(text, "\r\n") || !text[strspn(text, " \t,")])
        return usage_fail(tool);
    if (name_make(t, old->name))
        rules_write(t, old, text);
    options.rule = (uint32_t)t->count;
    if (!t->text.failed && t->source.text && pn_source_index(&t->source))
        result = pn_loaded_policy_load_by(&t->loaded, &t->source, NULL, &options,
                                          &diags, reading);
    if (result == PN_COMPILE_OK)
        status = is_understood(t) ? image_make(t, tool) : usage_fail(tool);
    else if (result == PN_COMPILE_REFUSED)
        status = usage_fail(tool);
    else
        status = pn_tool_fail_memory(tool, "--only");
    if (result == PN_COMPILE_REFUSED)
        pn_tool_diagnostics(tool, &common, &diags);
    pn_diags_clear(&diags);
    return status;
}

static int
outside_report(struct pn_tool *tool, struct targets *t,
               const struct pn_rules_pair *pair,
               const struct pn_change_question *question)
{
    const struct pn_side *sides = pair->sides;
    const struct pn_image images[] = { { sides[0].rules, sides[0].decoded },
                                       { sides[1].rules, sides[1].decoded },
                                       { t->rules, &t->decoded } };
    struct pn_outside outside;
    enum postern_status status = pn_changes_outside(images, question, &outside);
    int result = PN_EXIT_OK;

    if (status != POSTERN_OK) {
        result = pn_tool_failf(tool, PN_EXIT_SYSTEM, "%s", postern_status_text(status));
    } else if (outside.found) {
        pn_output_text(&tool->err, "postern diff: --only: something outside of it "
                                   "changes, as for ");
        pn_query_text(&tool->err, &outside.query);
        pn_output_text(&tool->err, "\n");
        result = PN_EXIT_FINDINGS;
    }
    pn_buffer_free(&outside.host);
    pn_buffer_free(&outside.ident);
    return result;
}

int
pn_diff_only(struct pn_tool *tool, const struct pn_rules_pair *pair, const char *text,
             const struct pn_change_question *question)
{
    struct targets t = { .image = -1 };
    int status = targets_make(&t, tool, &pair->files[0], text);

    if (status == PN_EXIT_OK)
        status = outside_report(tool, &t, pair, question);
    pn_decoded_clear(&t.decoded);
    postern_rules_close(t.rules);
    if (t.image >= 0)
        close(t.image);
    pn_loaded_policy_clear(&t.loaded);
    t.source.text = NULL; /* it is the buffer's */
    pn_source_clear(&t.source);
    pn_buffer_free(&t.name);
    pn_buffer_free(&t.text);
    return status;
}
