/* P7: what has a better form with the same meaning. */
#include <idn2.h>
#include <string.h>
#include <uniconv.h>
#include <unictype.h>
#include <unistr.h>

#include "analysis/format.h"
#include "analysis/lint/context.h"
#include "analysis/lint/endings.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/walk.h"
#include "compiler/literal.h"

enum { LABEL_MAX = 256 };

static struct pn_str
word_of(const struct pn_lint *lint, uint32_t file, const struct pn_node *node,
        struct pn_span *span)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);

    *span = pn_token_span(tree->tokens[node->token]);
    return pn_source_slice(tree->source, *span);
}

/* Prints an address; in brackets where the source has them. */
static void
print_address(struct pn_buffer *out, pn_number number, uint8_t family, bool boxed)
{
    struct postern_addr addr = pn_number_address(number, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&addr, text);
    pn_buffer_add_text(out, boxed ? "[" : "");
    pn_buffer_add_text(out, text);
    pn_buffer_add_text(out, boxed ? "]" : "");
}

/* The canonical form of a word; false when it can be written in one form only. */
static bool
canonical(const struct pn_target *target, struct pn_str word, struct pn_buffer *out)
{
    bool boxed = word.len && word.ptr[0] == '[';
    const char *dash = memchr(word.ptr, '-', word.len);

    if (target->family != 6 || target->kind > PN_TARGET_RANGE)
        return false;
    print_address(out, target->first, 6, boxed);
    if (target->kind == PN_TARGET_PREFIXES)
        pn_buffer_add_format(out, "/%u", target->length);
    if (target->kind == PN_TARGET_RANGE) {
        pn_buffer_add_text(out, "-");
        print_address(out, target->last, 6, dash && dash[1] == '[');
    }
    return true;
}

/* The prefix that a range is exactly; false when it is none. */
static bool
as_prefix(const struct pn_target *target, struct pn_str word, struct pn_buffer *out)
{
    uint8_t length;

    if (target->kind != PN_TARGET_RANGE)
        return false;
    length = pn_prefix_at(target->family, target->first, target->last);
    if (target->last - target->first != pn_host_mask(target->family, length))
        return false;
    print_address(out, target->first, target->family, word.ptr[0] == '[');
    pn_buffer_add_format(out, "/%u", length);
    return true;
}

static void
form_find(struct pn_lint *lint, enum pn_check check, uint32_t file, struct pn_span span,
          struct pn_str rest, const struct pn_buffer *text)
{
    struct pn_str word = pn_source_slice(pn_lint_source(lint, file), span);
    struct pn_finding *f;

    span.offset += (uint32_t)(word.len - rest.len); /* skip the ident */
    span.size = (uint32_t)rest.len;
    f = pn_lint_add_span(lint, check, file, span);
    if (!f)
        return;
    f->label = pn_report_format(lint->report, "%.*s", (int)text->size, text->bytes);
    pn_lint_replace(lint, f, file, span, pn_str_of(text), 0);
}

/* Does a label mix scripts, apart from characters common to all (UTS 39)? */
static bool
mixes_scripts(const char *label, size_t size)
{
    const uc_script_t *first = NULL;
    bool cjk = true, several = false;
    ucs4_t code;

    for (size_t at = 0; at < size;) {
        int len = u8_mbtouc(&code, (const uint8_t *)label + at, size - at);
        const uc_script_t *script = uc_script(code);

        at += len > 0 ? (size_t)len : 1;
        if (!script || strcmp(script->name, "Common") == 0 ||
            strcmp(script->name, "Inherited") == 0)
            continue;
        cjk &=
            strcmp(script->name, "Han") == 0 || strcmp(script->name, "Hiragana") == 0 ||
            strcmp(script->name, "Katakana") == 0 ||
            strcmp(script->name, "Hangul") == 0 ||
            strcmp(script->name, "Bopomofo") == 0 || strcmp(script->name, "Latin") == 0;
        several |= first && first != script;
        first = first ? first : script;
    }
    return several && !cjk;
}

static void
mixed_script(struct pn_lint *lint, uint32_t file, struct pn_span span,
             struct pn_str name)
{
    char text[LABEL_MAX + 1];
    char *unicode = NULL;
    size_t size;

    if (name.len > LABEL_MAX || !name.len)
        return;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    if (!strstr(text, "xn--") || idn2_to_unicode_8z8z(text, &unicode, 0) != IDN2_OK)
        return;
    size = strlen(unicode);
    for (size_t start = 0, i = 0; i <= size; i++)
        if (i == size || unicode[i] == '.') {
            if (mixes_scripts(unicode + start, i - start)) {
                struct pn_finding *f =
                    pn_lint_add_span(lint, PN_CHECK_MIXED_SCRIPT_NAME, file, span);

                if (f)
                    f->label = pn_report_format(lint->report, "%s", text);
                break;
            }
            start = i + 1;
        }
    idn2_free(unicode);
}

static void
word_lint(void *payload, struct pn_lint *lint, uint32_t file,
          const struct pn_node *node)
{
    struct pn_buffer scratch = { 0 }, text = { 0 };
    struct pn_target target;
    struct pn_span span;
    struct pn_str rest = word_of(lint, file, node, &span), ident;

    (void)payload;
    if (node->kind == PN_NODE_TARGET &&
        (memchr(rest.ptr, ':', rest.len) || memchr(rest.ptr, '-', rest.len) ||
         memchr(rest.ptr, '=', rest.len)) &&
        pn_literal_ident(&rest, &scratch, &ident) == PN_DIAG_NONE && rest.len &&
        pn_literal_target(rest, &scratch, &target) == PN_DIAG_NONE) {
        if (target.kind == PN_TARGET_HOST)
            mixed_script(lint, file, span, target.name);
        else if (as_prefix(&target, rest, &text))
            form_find(lint, PN_CHECK_RANGE_IS_CIDR, file, span, rest, &text);
        else if (canonical(&target, rest, &text) &&
                 (text.size != rest.len || memcmp(text.bytes, rest.ptr, rest.len) != 0))
            form_find(lint, PN_CHECK_NONCANONICAL_ADDRESS, file, span, rest, &text);
    }
    lint->failed |= scratch.failed || text.failed;
    pn_buffer_free(&scratch);
    pn_buffer_free(&text);
}

static void
classic_names(struct pn_lint *lint)
{
    for (uint32_t t = 0; lint->has_classic && t < lint->policy->item_count; t++)
        if (pn_lint_is_written(lint, t) && pn_lint_is_classic(lint, t)) {
            struct pn_str key = pn_lint_text(lint, t);
            const char *sign = key.len ? memchr(key.ptr, '=', key.len) : NULL;

            if (sign)
                mixed_script(lint, pn_lint_file(lint, t), pn_lint_span(lint, t),
                             (struct pn_str){ sign + 1,
                                              key.len - (size_t)(sign + 1 - key.ptr) });
        }
}

/* The size of the common beginning of two texts, in whole lines. */
static size_t
alike_front(struct pn_str a, struct pn_str b)
{
    size_t front = 0;

    for (size_t i = 0; i < a.len && i < b.len && a.ptr[i] == b.ptr[i]; i++)
        if (a.ptr[i] == '\n')
            front = i + 1;
    return front;
}

/* The size of their common end. */
static size_t
alike_back(struct pn_str a, struct pn_str b)
{
    size_t back = 0;

    for (size_t i = 1; i <= a.len && i <= b.len && a.ptr[a.len - i] == b.ptr[b.len - i];
         i++)
        if (i == a.len || a.ptr[a.len - i - 1] == '\n')
            back = i;
    return back;
}

/* Reports the first line with another layout; the edit reaches to the last. */
static void
layout_compare(struct pn_lint *lint, uint32_t file, struct pn_str have,
               struct pn_str want)
{
    size_t front = alike_front(have, want), back, line;
    struct pn_str old = { have.ptr + front, have.len - front };
    struct pn_str new = { want.ptr + front, want.len - front };
    const char *newline;
    struct pn_finding *f;

    if (!old.len && !new.len)
        return;
    back = alike_back(old, new);
    newline = memchr(old.ptr, '\n', old.len);
    line = newline ? (size_t)(newline - old.ptr) : old.len;
    f = pn_lint_add_span(lint, PN_CHECK_NOT_FORMATTED, file,
                         (struct pn_span){ (uint32_t)front, (uint32_t)line });
    pn_lint_replace(lint, f, file,
                    (struct pn_span){ (uint32_t)front, (uint32_t)(old.len - back) },
                    (struct pn_str){ new.ptr, new.len - back }, 0);
}

static void
not_formatted(struct pn_lint *lint, uint32_t file)
{
    const struct pn_source *source = pn_lint_source(lint, file);
    struct pn_buffer layout = { 0 };
    struct pn_diags diags = { 0 }; /* there are no errors */

    switch (pn_format_text(source, &diags, &layout)) {
    case PN_FORMAT_OK:
        layout_compare(lint, file, (struct pn_str){ source->text, source->size },
                       pn_str_of(&layout));
        break;
    case PN_FORMAT_MEMORY:
        lint->failed = true;
        break;
    case PN_FORMAT_REFUSED:
    case PN_FORMAT_MISMATCH: /* postern fmt reports that itself */
        break;
    }
    pn_buffer_free(&layout);
    pn_diags_clear(&diags);
}

void
pn_lint_form(struct pn_lint *lint)
{
    pn_lint_uses(lint, word_lint, NULL);
    classic_names(lint);
    for (uint32_t i = 0; i < lint->unit->count; i++) {
        pn_lint_endings(lint, i);
        if (lint->report->on[PN_CHECK_NOT_FORMATTED] && !lint->diags->errors)
            not_formatted(lint, i);
    }
}
