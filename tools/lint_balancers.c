/* The peers of --proxy-from: who they are, and what the rules give to them. */
#include <stdlib.h>
#include <string.h>

#include "analysis/compiled.h"
#include "compiler/interval.h"
#include "compiler/list_line.h"
#include "compiler/list_words.h"
#include "tools/input/rules_file.h"
#include "tools/lint_server.h"

struct balancers {
    struct pn_tool *tool;
    const struct pn_server_flags *flags;
    struct pn_report *report;
    struct pn_address_set peers;
    struct pn_buffer scratch;
    bool failed;
};

/* An item as tcpserver reads it; what it refuses at the start adds nothing. */
static void
item_add(struct balancers *b, struct pn_str item)
{
    struct pn_target target;

    if (pn_list_entry_read(item, &b->scratch, &target) != PN_DIAG_NONE)
        return;
    b->failed |= !pn_intervals_add(&b->peers.families[pn_family_index(target.family)],
                                   target.first, pn_list_line_last(&target));
}

static void
items_add(struct balancers *b, struct pn_str text)
{
    static const char between[] = ", \t\r\n";
    const char *end = text.ptr + text.len;

    for (const char *at = text.ptr; at < end; at++) {
        const char *start = at;

        while (at < end && !memchr(between, *at, sizeof(between) - 1))
            at++;
        if (at > start)
            item_add(b, (struct pn_str){ start, (size_t)(at - start) });
    }
}

/* One that cannot be read is said when the server starts. */
static void
file_add(struct balancers *b, const char *name)
{
    char said[PN_GIT_SAID_SIZE];
    struct pn_source source = { 0 };
    const char *at, *end;

    if (!pn_text_read(name, &source, said))
        return;
    end = source.text + source.size;
    for (at = source.text; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        const char *remark = memchr(at, '#', len);

        items_add(b, (struct pn_str){ at, remark ? (size_t)(remark - at) : len });
        at = newline ? newline + 1 : end;
    }
    pn_source_clear(&source);
}

/* A file's name may be told behind "@" alone, as the last item of a list. */
static bool
peers_read(struct balancers *b)
{
    char *text = strndup(b->flags->proxies.bytes, b->flags->proxies.size);
    char *rest = text, *item;

    while (text && (item = strtok_r(rest, ",", &rest))) {
        if (*item == '@')
            file_add(b, item + 1);
        else
            items_add(b, (struct pn_str){ item, strlen(item) });
    }
    pn_address_set_finish(&b->peers);
    free(text);
    return text && !b->failed;
}

static struct pn_finding *
add(struct balancers *b, enum pn_check check)
{
    return pn_report_add(
        b->report, check,
        (struct pn_source_span){ &b->flags->source, b->flags->span, 0 });
}

static void
everybody(struct balancers *b)
{
    for (unsigned i = 0; i < PN_FAMILIES; i++) {
        uint8_t family = pn_family_at(i);
        struct pn_finding *f;

        if (!pn_intervals_cover(&b->peers.families[i], 0, pn_host_mask(family, 0)))
            continue;
        f = add(b, PN_CHECK_BELIEVES_EVERYBODY);
        if (!f)
            return;
        f->label =
            pn_report_format(b->report, "--proxy-from holds all of IPv%u", family);
        f->help = pn_report_format(b->report, "name the balancers' own addresses");
    }
}

/* Says it when the rules give a variable to an address; true when they do. */
static bool
granted(struct balancers *b, const struct pn_rules_file *file, pn_number number,
        uint8_t family)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    struct postern_env env = { .assignment = NULL };
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct pn_finding *f;

    query.remote = pn_number_address(number, family);
    query.remote_text =
        (struct postern_str){ text, postern_addr_spell(&query.remote, text) };
    if (postern_rules_decide(file->rules, &query, &answer.decision) != POSTERN_OK ||
        answer.decision.verdict != POSTERN_ALLOW)
        return false;
    do {
        if (!postern_env_next(&answer.decision.env, &env))
            return false;
    } while (!env.value.ptr);
    f = add(b, PN_CHECK_BALANCER_GRANTED);
    if (f)
        f->label = pn_report_format(b->report, "%s of --proxy-from gets %.*s by %s",
                                    text, (int)env.name.len, env.name.ptr, file->name);
    return true;
}

/*
 * The same rules hold from the start of a piece to that of the next: the first address
 * of a peer's interval and of each piece in it speak for all.
 */
static bool
granted_within(struct balancers *b, const struct pn_rules_file *file,
               const struct pn_decoded *decoded, const struct pn_interval *peers,
               uint8_t family)
{
    if (granted(b, file, peers->first, family))
        return true;
    for (size_t g = 0; g < decoded->group_count; g++)
        for (unsigned zone = 0; zone < (family == 6 ? decoded->zones.count : 1);
             zone++) {
            const struct pn_pieces *pieces =
                pn_decoded_pieces(&decoded->groups[g], family, zone);

            for (size_t i = 0; i < pieces->count; i++)
                if (pieces->items[i].start > peers->first &&
                    pieces->items[i].start <= peers->last &&
                    granted(b, file, pieces->items[i].start, family))
                    return true;
        }
    return false;
}

static bool
granted_by(struct balancers *b, const struct pn_rules_file *file,
           const struct pn_decoded *decoded)
{
    for (unsigned i = 0; i < PN_FAMILIES; i++) {
        const struct pn_intervals *peers = &b->peers.families[i];

        for (size_t k = 0; k < peers->count; k++)
            if (granted_within(b, file, decoded, &peers->items[k], pn_family_at(i)))
                return true;
    }
    return false;
}

/* A file that does not compile has errors of its own. */
static void
rules_look(struct balancers *b, const char *name)
{
    struct pn_rules_file file = { .image = -1 };
    struct pn_decoded decoded = { 0 };

    if (pn_rules_file_try(&file, &decoded, b->tool, name))
        (void)granted_by(b, &file, &decoded); /* it is said */
    pn_decoded_clear(&decoded);
    pn_rules_file_close(&file);
}

bool
pn_balancers_lint(struct pn_tool *tool, const struct pn_server_flags *flags,
                  char **names, size_t count, struct pn_report *report)
{
    struct balancers b = { .tool = tool, .flags = flags, .report = report };
    bool good;

    if (!flags->proxies.size || memchr(flags->proxies.bytes, '$', flags->proxies.size))
        return true; /* none, or nobody knows which */
    good = peers_read(&b);
    if (good)
        everybody(&b);
    for (size_t i = 0; good && i < count; i++)
        if (strcmp(names[i], "-") != 0)
            rules_look(&b, names[i]);
    for (unsigned i = 0; i < PN_FAMILIES; i++)
        pn_intervals_clear(&b.peers.families[i]);
    pn_buffer_free(&b.scratch);
    return good;
}
