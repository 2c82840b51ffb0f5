/*
 * The rules of ucspi-tcp6: addresses, prefixes of any length, names, the idents of
 * both, and variables. What is written is read back as that reads it, and proven to
 * decide as the policy does; else nothing is written.
 */
#include "analysis/compiled.h"
#include "compiler/dump_classic.h"
#include "interop/import.h"
#include "interop/written.h"
#include "tools/export_whole.h"

/* What cannot be said, and by which rule. */
struct refusal {
    const char *why; /* NULL: nothing */
    uint32_t rule;
};

struct writer {
    const struct postern_rules *rules;
    const struct pn_decoded *decoded;
    struct pn_buffer text, target;
    struct refusal refusal;
    bool damaged;
};

static void
refuse(struct writer *w, uint32_t rule, const char *why)
{
    if (!w->refusal.why)
        w->refusal = (struct refusal){ why, rule };
}

/* ",NAME=QvalueQ", whose line may have no end in it. */
static void
assignment_write(struct writer *w, uint32_t rule, const struct postern_env *env)
{
    struct pn_str value = { env->value.ptr, env->value.len };
    char quote = pn_classic_quote(value);

    if (!value.ptr || pn_str_has(value, '\n') || pn_str_has(value, quote))
        refuse(w, rule, "it sets a variable to what no line can hold");
    pn_buffer_add_text(&w->text, ",");
    pn_buffer_add(&w->text, env->name.ptr, env->name.len);
    pn_buffer_add_text(&w->text, "=");
    pn_buffer_add(&w->text, &quote, 1);
    pn_buffer_add_str(&w->text, value);
    pn_buffer_add(&w->text, &quote, 1);
}

/* A line of the target at hand. */
static void
line_write(struct writer *w, uint32_t rule)
{
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_env env;

    if (postern_rules_outcome(w->rules, rule, &d) != POSTERN_OK) {
        w->damaged = true;
        return;
    }
    if (d.limit.n || d.rate.n)
        refuse(w, rule, "it has a limit or a rate");
    if (d.penalties.at != d.penalties.end)
        refuse(w, rule, "it has a penalty, or is exempt");
    if (d.reject.ptr)
        refuse(w, rule, "it has a reject text");
    pn_buffer_add_str(&w->text, pn_str_of(&w->target));
    pn_buffer_add_text(&w->text, d.verdict == POSTERN_ALLOW ? ":allow" : ":deny");
    while (d.verdict == POSTERN_ALLOW && postern_env_next(&d.env, &env))
        assignment_write(w, rule, &env);
    pn_buffer_add_text(&w->text, "\n");
}

/* Begins a target: with the ident of a group, if it is of one. */
static void
target_begin(struct writer *w, uint32_t group)
{
    w->target.size = 0;
    if (group < PN_NATIVE_FIRST_GROUPS)
        return;
    pn_buffer_add_str(&w->target, pn_intern_text(&w->decoded->idents,
                                                 group - PN_NATIVE_FIRST_GROUPS));
    pn_buffer_add_text(&w->target, "@");
}

static void
address_write(struct writer *w, uint32_t group, pn_number first, uint8_t family)
{
    struct postern_addr addr = pn_number_address(first, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    target_begin(w, group);
    pn_buffer_add(&w->target, text, postern_addr_print(&addr, text));
}

/* Of an exact piece each address, of another one its prefixes; none of them is all. */
static void
range_write(struct writer *w, uint32_t group, uint32_t rule, struct pn_extent range,
            bool is_exact)
{
    pn_number first = range.first, next = first;
    unsigned length;
    bool more = true;

    if (group >= PN_NATIVE_FIRST_GROUPS && !is_exact) {
        refuse(w, rule, "it is for an ident at more than an address");
        return;
    }
    for (; more && !w->text.failed && !w->refusal.why; first = next) {
        if (is_exact) {
            length = pn_family_bits(range.family);
            more = first < range.last;
            next = first + 1;
        } else
            more = pn_range_cut(first, range.last, range.family, &length, &next);
        if (!length) { /* a half, and the other one again */
            length = 1;
            next = pn_host_mask(range.family, 1) + 1;
            more = true;
        }
        address_write(w, group, first, range.family);
        if (!is_exact)
            pn_buffer_add_format(&w->target, "/%u", length);
        line_write(w, rule);
    }
}

/* The rule of a piece on the step of addresses, or on that of prefixes. */
static uint32_t
rule_at(const struct pn_pieces *pieces, size_t i, bool is_exact)
{
    struct pn_native_entry entry = pn_pieces_entry(pieces, i);
    bool block_is =
        entry.block != PN_RULE_NONE && !(entry.block & PN_NATIVE_EXACT) == !is_exact;

    if (block_is)
        return entry.block & ~PN_NATIVE_EXACT;
    return is_exact ? entry.exact : entry.prefix;
}

/* Neighbours of one rule are one range. */
static void
pieces_write(struct writer *w, uint32_t group, uint8_t family, bool is_exact)
{
    const struct pn_pieces *pieces =
        pn_decoded_pieces(&w->decoded->groups[group], family, 0);

    for (size_t i = 0, end; i < pieces->count; i = end) {
        uint32_t rule = rule_at(pieces, i, is_exact);
        struct pn_extent range = { .first = pieces->items[i].start,
                                   .last = pn_host_mask(family, 0),
                                   .family = family };

        for (end = i + 1; end < pieces->count && rule_at(pieces, end, is_exact) == rule;
             end++)
            continue;
        if (end < pieces->count)
            range.last = pieces->items[end].start - 1;
        if (rule != PN_RULE_NONE)
            range_write(w, group, rule, range, is_exact);
    }
}

static void
names_write(struct writer *w, uint32_t group)
{
    const struct pn_decoded_group *g = &w->decoded->groups[group];
    bool has_ident = group >= PN_NATIVE_FIRST_GROUPS;

    for (size_t i = 0; i < g->host_count; i++) {
        struct pn_str name = pn_intern_text(&w->decoded->names, g->hosts[i].name);

        if (has_ident && pn_name_is_suffix(name.ptr, name.len))
            refuse(w, g->hosts[i].rule, "it is for an ident at more than a host");
        target_begin(w, group);
        pn_buffer_add_text(&w->target, "=");
        pn_buffer_add_str(&w->target, name);
        line_write(w, g->hosts[i].rule);
    }
    if (has_ident && (g->any_host != PN_RULE_NONE || g->fallback != PN_RULE_NONE))
        refuse(w, g->any_host != PN_RULE_NONE ? g->any_host : g->fallback,
               "it is for an ident at more than a host");
    target_begin(w, group);
    pn_buffer_add_text(&w->target, "=");
    if (g->any_host != PN_RULE_NONE)
        line_write(w, g->any_host);
    w->target.size = 0;
    if (g->fallback != PN_RULE_NONE)
        line_write(w, g->fallback);
}

/* The addresses of blocks are in the pieces of the groups behind them. */
static void
groups_write(struct writer *w)
{
    for (uint32_t i = 0; i < w->decoded->group_count && !w->refusal.why; i++) {
        for (unsigned k = 0; k < 4 && i != PN_GROUP_BLOCKS; k++)
            pieces_write(w, i, pn_family_at(k / 2), k % 2 == 0);
        names_write(w, i);
    }
}

/* What ucspi-tcp6 reads in it, as a policy of ours. */
static bool
read_back(const struct pn_buffer *text, struct pn_buffer *out)
{
    const struct pn_importer *importer = pn_importer_find("tcp6");
    struct pn_source source = { .name = NULL };
    struct pn_import import = { .files = &source, .file_count = 1 };
    bool well = pn_source_from_text(&source, "tcp6", pn_str_of(text));

    if (well)
        pn_import_run(importer, &import);
    well = well && !import.failed && !import.has_errors;
    pn_buffer_add_text(out, "postern: 1\n");
    pn_buffer_add(out, import.out.bytes, import.out.size);
    pn_import_clear(&import);
    pn_source_clear(&source);
    return well && !out->failed;
}

/* Holds what is written to the policy; a rule that decides otherwise is refused. */
static enum postern_status
text_prove(struct writer *w)
{
    const struct pn_compiled_options how = { .diags = NULL };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_difference difference = { 0 };
    struct pn_source source = { .name = NULL };
    struct pn_buffer policy = { 0 };
    enum postern_status status = POSTERN_E_NOMEM;

    if (!read_back(&w->text, &policy)) {
        refuse(w, POSTERN_RULE_NONE,
               "there is a name or an ident that its lines break at");
        status = policy.failed ? POSTERN_E_NOMEM : POSTERN_OK;
    } else if (pn_source_from_text(&source, "tcp6", pn_str_of(&policy)) &&
               pn_compiled_make(&compiled, &source, &how) && compiled.rules) {
        status = pn_images_equivalent((struct pn_image){ w->rules, w->decoded },
                                      pn_compiled_image(&compiled), &difference, NULL);
        if (status == POSTERN_OK && difference.found)
            refuse(w, difference.left.rule,
                   "its order of look-ups would decide otherwise");
    }
    pn_difference_clear(&difference);
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    pn_buffer_free(&policy);
    return status;
}

static int
exported_write(struct pn_tool *tool, const struct pn_exported *exported,
               bool *is_refused)
{
    const struct pn_rules_file *file = pn_exported_native(exported);
    struct pn_decoded decoded = { 0 };
    struct writer w = { .rules = file->rules, .decoded = &decoded };
    int status = pn_rules_file_decode(file, tool, &decoded);
    enum postern_status proven = POSTERN_OK;

    if (status == PN_EXIT_OK) {
        groups_write(&w);
        w.damaged |= w.text.failed || w.target.failed;
        if (!w.damaged && !w.refusal.why)
            proven = text_prove(&w);
        if (w.damaged || proven != POSTERN_OK)
            status = pn_tool_fail_status(tool, exported->name,
                                         w.damaged ? POSTERN_E_FORMAT : proven);
    }
    if (status == PN_EXIT_OK && w.refusal.why && !is_refused) {
        pn_exported_place_write(tool, exported, w.refusal.rule);
        pn_output_format(&tool->err, "%s, which tcp6 cannot say\n", w.refusal.why);
        status = pn_tool_failf(tool, PN_EXIT_USAGE,
                               "nothing is written: --lossy writes what can be said");
    } else if (status == PN_EXIT_OK && w.refusal.why)
        *is_refused = true;
    else if (status == PN_EXIT_OK)
        pn_output_add(&tool->out, w.text.bytes, w.text.size);
    pn_buffer_free(&w.text);
    pn_buffer_free(&w.target);
    pn_decoded_clear(&decoded);
    return status;
}

int
pn_export_tcp6(struct pn_tool *tool, const struct pn_common *common, const char *name,
               bool *is_refused)
{
    struct pn_exported exported = PN_EXPORTED_NONE;
    int status = pn_exported_open(&exported, tool, common, name);

    if (status == PN_EXIT_OK)
        status = exported_write(tool, &exported, is_refused);
    pn_exported_close(&exported);
    return status;
}
