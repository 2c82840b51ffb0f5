/*
 * cidr_table(5) of postfix, as an access table: the first pattern that matches gives an
 * action, and an address that none matches is nobody's business of the table.
 */
#include "base/sizes.h"
#include "interop/ordered.h"

/* What an action comes to for the client: access(5). */
static const struct {
    const char *word;
    bool allows;
} actions[] = {
    { "OK", true },     { "DUNNO", true },           { "RELAY", true },
    { "PERMIT", true }, { "REJECT", false },         { "DISCARD", false },
    { "DEFER", false }, { "DEFER_IF_REJECT", true }, { "DEFER_IF_PERMIT", false },
};

/* Three digits, the first of which is 4 or 5. */
static bool
is_refusal_code(struct pn_str word)
{
    return word.len == 3 && (word.ptr[0] == '4' || word.ptr[0] == '5') &&
           word.ptr[1] >= '0' && word.ptr[1] <= '9' && word.ptr[2] >= '0' &&
           word.ptr[2] <= '9';
}

static bool
action_read(struct pn_str word, bool *allows)
{
    for (size_t i = 0; i < PN_COUNT_OF(actions); i++)
        if (pn_import_is(word, actions[i].word)) {
            *allows = actions[i].allows;
            return true;
        }
    *allows = false;
    return is_refusal_code(word);
}

static void
line_import(struct pn_import *import, struct pn_ordered *ordered,
            const struct pn_import_lines *lines)
{
    struct pn_str rest = lines->line, pattern = pn_import_word(&rest);
    struct pn_str action = pn_import_word(&rest);
    struct pn_import_prefix prefix;
    bool allows;

    if (pattern.ptr[0] == '!' || pn_import_is(pattern, "if") ||
        pn_import_is(pattern, "endif")) {
        pn_import_error(import, 0, lines->number,
                        "conditions and negated patterns are not read: write the table "
                        "without \"%.*s\"",
                        (int)pattern.len, pattern.ptr);
        return;
    }
    if (!pn_import_prefix_read(pattern, &prefix)) {
        pn_import_error(import, 0, lines->number,
                        "\"%.*s\" is no address and no prefix",
                        (int)(pattern.len < 80 ? pattern.len : 80), pattern.ptr);
        return;
    }
    if (prefix.had_host_bits || prefix.has_mask) {
        pn_import_error(
            import, 0, lines->number, "%s, and postfix passes the line over",
            prefix.has_mask ? "a mask is no length" : "bits are set behind the length");
        return;
    }
    if (!action_read(action, &allows)) {
        pn_import_note(
            import, 0, lines->number,
            "the action \"%.*s\" is no verdict: it is taken for one that allows",
            (int)(action.len < 80 ? action.len : 80), action.ptr);
        allows = true;
    }
    if (rest.len && !allows)
        pn_import_note(import, 0, lines->number, "the text behind %.*s is left out",
                       (int)action.len, action.ptr);
    pn_import_native(import, "%.*s %s", PN_IMPORT_TEXT_OF(pattern),
                     allows ? "OK" : "REJECT");
    import->failed |=
        !pn_ordered_add(ordered, (struct pn_ordered_rule){ .first = prefix.first,
                                                           .last = prefix.last,
                                                           .family = prefix.family,
                                                           .allows = allows,
                                                           .is_prefix = true,
                                                           .line = lines->number });
}

void
pn_import_postfix(struct pn_import *import)
{
    struct pn_import_lines lines = pn_import_lines_of(&import->files[0]);
    struct pn_ordered ordered = { 0 };

    while (pn_import_line_next(&lines) && !import->failed) {
        struct pn_str rest = lines.line;

        if (!pn_import_word(&rest).len || lines.line.ptr[0] == '#')
            continue;
        if (lines.line.ptr[0] == ' ' || lines.line.ptr[0] == '\t')
            pn_import_note(import, 0, lines.number,
                           "a line that goes on the one before is left out");
        else
            line_import(import, &ordered, &lines);
    }
    pn_ordered_write(&ordered, import);
    pn_ordered_clear(&ordered);
    pn_import_statement(import, 0, 0, pn_str_of_text("* : allow"));
}
