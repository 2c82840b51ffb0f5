/* Decisions in three shapes. */
#include "tools/render/answer.h"

#include <string.h>

#include "compiler/query_text.h"
#include "compiler/terms.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

const char *
pn_verdict_text(uint8_t verdict)
{
    return verdict == POSTERN_ALLOW ? "allow" : "deny";
}

static struct pn_str
private_str(struct postern_str text)
{
    return (struct pn_str){ text.ptr, text.len };
}

void
pn_query_text(struct pn_output *output, const struct postern_query *query)
{
    struct pn_buffer text = { 0 };

    pn_query_write(&text, query);
    pn_render_bytes(output, (struct pn_str){ text.bytes, text.size });
    pn_buffer_free(&text);
}

static void
place_text(struct pn_output *output, const struct pn_answer *answer)
{
    pn_output_text(output, "rule ");
    if (!answer->target.ptr)
        pn_output_text(output, "(its name was left out)");
    else if (answer->target.len)
        pn_render_bytes(output, private_str(answer->target));
    else
        pn_output_text(output, "(empty)");
    if (answer->file.ptr) {
        pn_output_text(output, " at ");
        pn_render_bytes(output, private_str(answer->file));
        pn_output_format(output, ":%zu", answer->line);
        if (answer->column)
            pn_output_format(output, ":%zu", answer->column);
    }
    pn_output_format(output, ", step %s%s\n", postern_step_text(answer->decision.step),
                     answer->decision.ident_rule ? " of this ident" : "");
}

/* The line of a list by which the rule takes this client. */
static void
entry_text(struct pn_output *output, const struct pn_answer *answer, const char *indent)
{
    if (!answer->entry.ptr)
        return;
    pn_output_format(output, "%sentry ", indent);
    pn_render_bytes(output, private_str(answer->entry));
    pn_output_text(output, " at ");
    pn_render_bytes(output, private_str(answer->list));
    pn_output_format(output, ":%zu\n", answer->entry_line);
}

static void
per_text(struct pn_output *output, struct postern_per per)
{
    pn_output_format(output, " per /%u,/%u\n", (unsigned)per.v4, (unsigned)per.v6);
}

static void
note_text(struct pn_output *output, const char *indent, const char *name,
          struct postern_str text)
{
    if (!text.ptr)
        return;
    pn_output_format(output, "%s%s \"", indent, name);
    pn_render_bytes(output, private_str(text));
    pn_output_text(output, "\"\n");
}

/* As a rule has them, each on a line of its own. */
static void
penalties_text(struct pn_output *output, struct postern_penalty_iter iter,
               const char *indent)
{
    struct postern_penalty penalty;

    while (postern_penalty_next(&iter, &penalty)) {
        struct pn_buffer text = { 0 };

        pn_penalty_write(&text, &penalty);
        pn_output_text(output, indent);
        pn_output_add(output, text.bytes, text.size);
        pn_output_text(output, "\n");
        pn_buffer_free(&text);
    }
}

static void
terms_text(struct pn_output *output, const struct pn_answer *answer, const char *indent)
{
    const struct postern_decision *d = &answer->decision;
    struct postern_limit_iter more = d->more_limits;
    struct postern_limit limit = d->limit;

    if (limit.n)
        do {
            pn_output_format(output, "%slimit %u", indent, limit.n);
            per_text(output, limit.per);
        } while (postern_limit_next(&more, &limit));
    if (d->rate.n) {
        pn_output_format(output, "%srate %u/%s", indent, d->rate.n,
                         pn_rate_unit(d->rate.seconds));
        per_text(output, d->rate.per);
    }
    penalties_text(output, d->penalties, indent);
    note_text(output, indent, "reject", d->reject);
    note_text(output, indent, "owner", answer->owner);
    note_text(output, indent, "ticket", answer->ticket);
    if (answer->until)
        pn_output_format(output, "%suntil %04u-%02u-%02u\n", indent,
                         answer->until / 10000, answer->until / 100 % 100,
                         answer->until % 100);
}

void
pn_answer_details(struct pn_output *output, const struct pn_answer *answer,
                  const char *indent)
{
    struct pn_environment env = pn_environment_of(answer);

    pn_output_text(output, indent);
    if (answer->decision.rule == POSTERN_RULE_NONE || answer->nobody)
        pn_output_text(output, "no rule matches: what nobody decides is allowed\n");
    else
        place_text(output, answer);
    entry_text(output, answer, indent);
    for (size_t i = 0; i < env.count; i++) {
        pn_output_text(output, indent);
        pn_render_bytes(output, private_str(env.items[i].name));
        pn_output_text(output, "=\"");
        pn_render_bytes(output, private_str(env.items[i].value));
        pn_output_text(output, "\"\n");
    }
    pn_environment_free(&env);
    terms_text(output, answer, indent);
}

size_t
pn_verdict_paint(struct pn_output *output, const struct pn_style *style,
                 uint8_t verdict)
{
    const char *text = pn_verdict_text(verdict);

    pn_style_paint(output, style, PN_PAINT_BOLD);
    pn_style_text(output, style,
                  verdict == POSTERN_ALLOW ? PN_PAINT_GREEN : PN_PAINT_RED, text);
    return strlen(text);
}

void
pn_answer_text(struct pn_output *output, const struct postern_query *query,
               const struct pn_answer *answer, const struct pn_style *style)
{
    pn_query_text(output, query);
    pn_output_text(output, ": ");
    (void)pn_verdict_paint(output, style, answer->decision.verdict);
    pn_output_text(output, "\n");
    pn_answer_details(output, answer, "  ");
}

void
pn_answer_line(struct pn_output *output, const struct pn_answer *answer)
{
    struct pn_environment env = pn_environment_of(answer);

    pn_output_text(output, pn_verdict_text(answer->decision.verdict));
    pn_output_text(output, "\t");
    pn_output_text(output, postern_step_text(answer->decision.step));
    pn_output_text(output, "\t");
    if (answer->file.ptr) {
        pn_render_bytes(output, private_str(answer->file));
        pn_output_text(output, ":");
        pn_output_number(output, answer->line);
    } else {
        pn_output_text(output, "-");
    }
    pn_output_text(output, "\t");
    if (answer->target.len)
        pn_render_bytes(output, private_str(answer->target));
    else
        pn_output_text(output, answer->target.ptr ? "(empty)" : "-");
    for (size_t i = 0; i < env.count; i++) {
        pn_output_text(output, "\t");
        pn_render_bytes(output, private_str(env.items[i].name));
        pn_output_text(output, "=");
        pn_render_bytes(output, private_str(env.items[i].value));
    }
    pn_output_text(output, "\n");
    pn_environment_free(&env);
}

static void
json_env(struct pn_output *output, const struct pn_answer *answer)
{
    struct pn_environment env = pn_environment_of(answer);

    for (size_t i = 0; i < env.count; i++) {
        pn_output_text(output, i ? ", " : ", \"env\": {");
        pn_json_string(output, env.items[i].name.ptr, env.items[i].name.len);
        pn_output_text(output, ": ");
        pn_json_string(output, env.items[i].value.ptr, env.items[i].value.len);
    }
    if (env.count)
        pn_output_text(output, "}");
    pn_environment_free(&env);
}

static void
json_text(struct pn_output *output, const char *name, struct postern_str text)
{
    if (!text.ptr)
        return;
    pn_output_format(output, ", \"%s\": ", name);
    pn_json_string(output, text.ptr, text.len);
}

void
pn_query_json(struct pn_output *output, const struct postern_query *query)
{
    char address[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&query->remote, address);
    pn_output_format(output, "{\"address\": \"%s\"", address);
    json_text(output, "host", query->host);
    json_text(output, "ident", query->ident);
    pn_output_text(output, "}");
}

static void
json_per(struct pn_output *output, struct postern_per per)
{
    pn_output_format(output, "\"per\": [%u, %u]}", (unsigned)per.v4, (unsigned)per.v6);
}

/* The first as it is where there is one; all of them where there are more. */
static void
json_limits(struct pn_output *output, const struct postern_decision *d)
{
    struct postern_limit_iter more = d->more_limits;
    struct postern_limit limit = d->limit, next;

    if (!limit.n)
        return;
    pn_output_format(output, ", \"limit\": {\"n\": %u, ", limit.n);
    json_per(output, limit.per);
    if (!postern_limit_next(&more, &next))
        return;
    more = d->more_limits;
    pn_output_text(output, ", \"limits\": [");
    do {
        pn_output_format(output, "{\"n\": %u, ", limit.n);
        json_per(output, limit.per);
        if (!postern_limit_next(&more, &limit))
            break;
        pn_output_text(output, ", ");
    } while (true);
    pn_output_text(output, "]");
}

/* An empty list for a rule that is exempt. */
static void
json_penalties(struct pn_output *output, struct postern_penalty_iter iter)
{
    struct postern_penalty penalty;
    bool more = false;

    pn_output_text(output, ", \"penalties\": [");
    while (postern_penalty_next(&iter, &penalty) && penalty.seconds) {
        pn_output_format(output, "%s{\"status\": ", more ? ", " : "");
        if (penalty.first == POSTERN_STATUS_SIGNAL)
            pn_output_text(output, "\"signal\"");
        else
            pn_output_format(output, "[%u, %u]", penalty.first, penalty.last);
        pn_output_format(output, ", \"seconds\": %u}", penalty.seconds);
        more = true;
    }
    pn_output_text(output, "]");
}

static void
json_terms(struct pn_output *output, const struct pn_answer *answer)
{
    const struct postern_decision *d = &answer->decision;

    json_text(output, "reject", d->reject);
    json_limits(output, d);
    if (d->rate.n) {
        pn_output_format(output, ", \"rate\": {\"n\": %u, \"seconds\": %u, ", d->rate.n,
                         d->rate.seconds);
        json_per(output, d->rate.per);
    }
    if (d->penalties.at != d->penalties.end)
        json_penalties(output, d->penalties);
    json_text(output, "owner", answer->owner);
    json_text(output, "ticket", answer->ticket);
    if (answer->until)
        pn_output_format(output, ", \"until\": \"%04u-%02u-%02u\"",
                         answer->until / 10000, answer->until / 100 % 100,
                         answer->until % 100);
}

void
pn_answer_json(struct pn_output *output, const struct pn_answer *answer)
{
    pn_output_format(output,
                     "{\"verdict\": \"%s\", \"step\": \"%s\", \"ident_rule\": %s",
                     pn_verdict_text(answer->decision.verdict),
                     postern_step_text(answer->decision.step),
                     answer->decision.ident_rule ? "true" : "false");
    if (answer->file.ptr) {
        pn_output_text(output, ", \"file\": ");
        pn_json_string(output, answer->file.ptr, answer->file.len);
        pn_output_format(output, ", \"line\": %zu", answer->line);
    }
    if (answer->target.ptr) {
        pn_output_text(output, ", \"target\": ");
        pn_json_string(output, answer->target.ptr, answer->target.len);
    }
    if (answer->entry.ptr) {
        pn_output_text(output, ", \"entry\": {\"text\": ");
        pn_json_string(output, answer->entry.ptr, answer->entry.len);
        json_text(output, "file", answer->list);
        pn_output_format(output, ", \"line\": %zu}", answer->entry_line);
    }
    json_env(output, answer);
    json_terms(output, answer);
    pn_output_text(output, "}");
}
