/* Decisions in three shapes. */
#include "tools/render/answer.h"

#include <string.h>

#include "tools/environment.h"
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
    char address[POSTERN_ADDR_TEXT_SIZE];

    if (query->ident.ptr) {
        pn_render_bytes(output, private_str(query->ident));
        pn_output_text(output, "@");
    }
    postern_addr_print(&query->remote, address);
    pn_output_text(output, address);
    if (query->host.ptr) {
        pn_output_text(output, " =");
        pn_render_bytes(output, private_str(query->host));
    }
}

static void
place_text(struct pn_output *output, const struct pn_answer *answer)
{
    pn_output_text(output, "  rule ");
    if (answer->target.len)
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

void
pn_answer_text(struct pn_output *output, const struct postern_query *query,
               const struct pn_answer *answer, bool color)
{
    bool allow = answer->decision.verdict == POSTERN_ALLOW;
    struct pn_environment env = pn_environment_of(answer);

    pn_query_text(output, query);
    pn_output_text(output, ": ");
    if (color)
        pn_output_text(output, allow ? "\033[32m" : "\033[31m");
    pn_output_text(output, pn_verdict_text(answer->decision.verdict));
    pn_output_text(output, color ? "\033[0m\n" : "\n");
    if (answer->decision.rule == POSTERN_RULE_NONE)
        pn_output_text(output, "  no rule matches: what nobody decides is allowed\n");
    else
        place_text(output, answer);
    for (size_t i = 0; i < env.count; i++) {
        pn_output_text(output, "  ");
        pn_render_bytes(output, private_str(env.items[i].name));
        pn_output_text(output, "=\"");
        pn_render_bytes(output, private_str(env.items[i].value));
        pn_output_text(output, "\"\n");
    }
    pn_environment_free(&env);
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
        pn_output_format(output, ":%zu", answer->line);
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
    json_env(output, answer);
    pn_output_text(output, "}");
}
