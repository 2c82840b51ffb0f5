/*
 * check --why-not: why a rule does not decide a query, and the nearest query that it
 * does decide.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/image.h"
#include "compiler/loaded_policy.h"
#include "compiler/query_text.h"
#include "compiler/regions.h"
#include "tools/check.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

/* The rule that is asked about, and what is found of it. */
struct inquiry {
    struct pn_check *check;
    const struct postern_query *query;
    struct pn_str file;
    size_t line;
    struct postern_str target;
    bool exists, decides;
    bool matches_known,
        matches; /* would it decide the query if it were the only rule? */
    struct postern_decision alone;
    bool reached; /* some query is decided by it: */
    struct postern_query nearest;
    struct pn_buffer host, ident;
    unsigned changes; /* how many of address, host and ident differ in `nearest` */
    pn_number distance;
};

static bool
place_read(struct inquiry *q, const char *text)
{
    const char *colon = strrchr(text, ':');
    char *end;
    unsigned long line;

    if (!colon || colon == text || colon[1] < '0' || colon[1] > '9')
        return false;
    line = strtoul(colon + 1, &end, 10);
    q->file = (struct pn_str){ text, (size_t)(colon - text) };
    q->line = line;
    return !*end && line > 0;
}

/* Is this rule of the image the one that is asked about? */
static bool
is_the_rule(const struct inquiry *q, uint32_t rule, struct postern_str *target)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };

    answer.decision.rule = rule;
    if (rule == POSTERN_RULE_NONE ||
        pn_rules_file_place(&q->check->file, &answer) != POSTERN_OK ||
        answer.line != q->line || answer.file.len != q->file.len || !answer.file.ptr ||
        memcmp(answer.file.ptr, q->file.ptr, q->file.len) != 0)
        return false;
    *target = answer.target;
    return true;
}

static uint32_t
class_of(void *payload, uint32_t rule)
{
    struct postern_str target;

    return is_the_rule(payload, rule, &target);
}

/* The address of an area that is next to the one that was asked for. */
static pn_number
nearest_in(const struct pn_regions *r, const struct pn_area *area,
           const struct postern_addr *wanted, struct postern_addr *out)
{
    pn_number at = pn_number_from(wanted), best = ~(pn_number)0;

    for (size_t i = 0; i < area->extent_count; i++) {
        const struct pn_extent *e = &area->extents[i];
        bool same = e->family == wanted->family;
        pn_number near = pn_extent_nearest(&r->zeros, e, same ? at : e->first);
        pn_number distance = near > at ? near - at : at - near;

        if (!same) /* the other family counts as furthest */
            distance = ~(pn_number)0 - 1;
        if (distance < best) {
            best = distance;
            *out = pn_number_address(near, e->family);
        }
    }
    return best;
}

/* A pn_region_fn: keeps the nearest query that the rule decides. */
static bool
region_consider(void *payload, const struct pn_regions *r,
                const struct pn_region *region)
{
    struct inquiry *q = payload;
    struct postern_query near = region->query;
    pn_number distance =
        nearest_in(r, &r->areas[region->area], &q->query->remote, &near.remote);
    unsigned changes = (distance > 0 ? 1u : 0u) + (r->host == PN_ASK_ALL ? 1u : 0u) +
                       (r->ident == PN_ASK_ALL ? 1u : 0u);

    if (!class_of(q, region->decisions[0].rule) ||
        (q->reached &&
         (changes > q->changes || (changes == q->changes && distance >= q->distance))))
        return true;
    q->reached = true;
    q->changes = changes;
    q->distance = distance;
    q->nearest = pn_query_keep(&near, &q->host, &q->ident);
    return true;
}

/* All regions, with the host and the ident as asked for, or left open. */
static enum postern_status
regions_search(struct inquiry *q, const struct pn_decoded *decoded, bool any_host,
               bool any_ident)
{
    const struct postern_query *asked = q->query;
    struct pn_regions r = {
        .sides = { { q->check->file.rules, decoded, class_of, q } },
        .side_count = 1,
        .host = any_host          ? PN_ASK_ALL
                : asked->host.ptr ? PN_ASK_GIVEN
                                  : PN_ASK_NONE,
        .ident = any_ident          ? PN_ASK_ALL
                 : asked->ident.ptr ? PN_ASK_GIVEN
                                    : PN_ASK_NONE,
        .given_host = { asked->host.ptr, asked->host.len },
        .given_ident = { asked->ident.ptr, asked->ident.len },
        .keep_extents = true,
        .work = &q->check->tool->work,
    };
    enum postern_status status = pn_regions_each(&r, region_consider, q);

    pn_regions_clear(&r);
    return status;
}

static int
nearest_find(struct inquiry *q)
{
    struct pn_decoded decoded;
    enum postern_status status = POSTERN_OK;
    int code = pn_rules_file_decode(&q->check->file, q->check->tool, &decoded);

    for (unsigned open = 0; code == PN_EXIT_OK && open < 4; open++) {
        status = regions_search(q, &decoded, open & 1, open & 2);
        if (status != POSTERN_OK)
            code = pn_check_fail(q->check, status);
    }
    pn_decoded_clear(&decoded);
    return code;
}

/* The number of the rule in the policy of the source, when it is there. */
static bool
number_find(const struct inquiry *q, const struct pn_policy *policy, uint32_t *out)
{
    for (uint32_t i = 0; i < policy->count; i++) {
        const struct pn_policy_rule *rule = &policy->rules[i];

        if (rule->line == q->line &&
            pn_str_equal(pn_policy_file(policy, rule), q->file)) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* Asks an image with only this rule: does it match, and on which step? */
static void
alone_decide(struct inquiry *q, struct pn_loaded_policy *loaded)
{
    struct postern_rules *rules = NULL;
    int fd = pn_memory_file();

    if (fd < 0)
        return;
    if (pn_loaded_policy_emit(loaded, fd, false) == PN_COMPILE_OK &&
        postern_rules_open_fd(fd, 0, &rules) == POSTERN_OK) {
        q->alone = (struct postern_decision)POSTERN_DECISION_INIT;
        /* without a match there is no answer, because the image has no default */
        q->matches = postern_rules_decide(rules, q->query, &q->alone) == POSTERN_OK;
        q->matches_known = true;
    }
    postern_rules_close(rules);
    close(fd);
}

/* A source can be asked what its rule alone would do; a compiled file cannot. */
static void
alone_find(struct inquiry *q)
{
    const struct pn_source *source = &q->check->file.source;
    struct pn_policy_options only = { .only = true };
    struct pn_diags diags = { 0 };
    struct pn_loaded_policy loaded;
    bool found;

    if (!source->text)
        return;
    found =
        pn_loaded_policy_load(&loaded, source, NULL, NULL, &diags) == PN_COMPILE_OK &&
        number_find(q, &loaded.policy, &only.rule);
    pn_loaded_policy_clear(&loaded);
    if (!found)
        return;
    if (pn_loaded_policy_load(&loaded, source, NULL, &only, &diags) == PN_COMPILE_OK)
        alone_decide(q, &loaded);
    pn_loaded_policy_clear(&loaded);
}

static void
show_place(struct pn_output *out, const struct inquiry *q)
{
    pn_render_bytes(out, q->file);
    pn_output_format(out, ":%zu ", q->line);
    if (!q->target.len)
        pn_output_text(out, "(empty)");
    else
        pn_render_bytes(out, (struct pn_str){ q->target.ptr, q->target.len });
}

static void
show_text(const struct inquiry *q, const struct pn_answer *answer)
{
    struct pn_output *out = &q->check->tool->out;
    const struct pn_style style = pn_tool_style(q->check->tool, &q->check->common, out);
    const char *won = postern_step_text(answer->decision.step);

    pn_answer_text(out, q->query, answer, &style);
    show_place(out, q);
    pn_output_text(out, q->decides ? " decides it\n" : " does not decide it\n");
    if (q->decides)
        return;
    if (q->matches_known && !q->matches)
        pn_output_text(out, "  it does not match this client\n");
    else if (q->matches_known && q->alone.step == answer->decision.step &&
             q->alone.ident_rule == answer->decision.ident_rule)
        pn_output_format(
            out,
            "  it matches on the step %s, where what won is longer, or was "
            "written first\n",
            won);
    else if (q->matches_known)
        pn_output_format(out,
                         "  it matches on the step %s%s; the step %s%s comes first\n",
                         postern_step_text(q->alone.step),
                         q->alone.ident_rule ? " of this ident" : "", won,
                         answer->decision.ident_rule ? " of this ident" : "");
    if (q->reached) {
        pn_output_text(out, "  the nearest client that it decides: ");
        pn_query_text(out, &q->nearest);
        pn_output_text(out, "\n");
    } else {
        pn_output_text(out, "  it decides no client at all\n");
    }
}

static void
show_json(const struct inquiry *q, const struct pn_answer *answer)
{
    struct pn_output *out = &q->check->tool->out;

    pn_output_text(out, "{\"schema\": 1, \"decision\": ");
    pn_answer_json(out, answer);
    pn_output_text(out, ", \"rule\": {\"file\": ");
    pn_json_string(out, q->file.ptr, q->file.len);
    pn_output_format(out, ", \"line\": %zu, \"target\": ", q->line);
    pn_json_string(out, q->target.ptr, q->target.len);
    pn_output_format(out, "}, \"decides\": %s", q->decides ? "true" : "false");
    if (q->matches_known)
        pn_output_format(out, ", \"matches\": %s", q->matches ? "true" : "false");
    if (q->matches)
        pn_output_format(out, ", \"step\": \"%s\", \"ident_rule\": %s",
                         postern_step_text(q->alone.step),
                         q->alone.ident_rule ? "true" : "false");
    if (q->reached) {
        pn_output_text(out, ", \"nearest\": ");
        pn_query_json(out, &q->nearest);
    }
    pn_output_text(out, "}\n");
}

/* Finds the rule among all rules of the image. */
static void
rule_find(struct inquiry *q)
{
    struct pn_rules_file *file = &q->check->file;
    struct postern_info info = POSTERN_INFO_INIT;

    if (postern_rules_info(file->rules, &info) != POSTERN_OK)
        return;
    if (info.format == POSTERN_FORMAT_NATIVE)
        for (uint32_t i = 0; i < info.records && !q->exists; i++)
            q->exists = is_the_rule(q, i, &q->target);
    for (size_t i = 0; i < file->origins.count && !q->exists; i++)
        q->exists = is_the_rule(q, file->origins.items[i].position, &q->target);
}

static int
inquire(struct inquiry *q)
{
    struct pn_answer answer;
    struct postern_str target;
    enum postern_status status =
        pn_rules_file_decide(&q->check->file, q->query, NULL, NULL, &answer);
    int code = PN_EXIT_OK;

    if (status != POSTERN_OK)
        return pn_check_fail(q->check, status);
    q->decides = is_the_rule(q, answer.decision.rule, &target);
    alone_find(q);
    if (!q->decides)
        code = nearest_find(q);
    if (code != PN_EXIT_OK)
        return code;
    if (q->check->common.format == PN_FORMAT_JSON)
        show_json(q, &answer);
    else
        show_text(q, &answer);
    return pn_check_verdict(q->check, &answer);
}

int
pn_check_why_not(struct pn_check *check, const struct postern_query *query)
{
    struct inquiry q = { .check = check, .query = query };
    int status;

    if (!place_read(&q, check->why_not))
        return pn_tool_usage(check->tool, "--why-not takes FILE:LINE");
    rule_find(&q);
    if (!q.exists)
        return pn_tool_failf(check->tool, PN_EXIT_USAGE, "no rule of %s is from %s",
                             check->file.name, check->why_not);
    status = inquire(&q);
    pn_buffer_free(&q.host);
    pn_buffer_free(&q.ident);
    return status;
}
