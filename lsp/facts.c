/* Copies of a few numbers: the survey itself is large, and is thrown away. */
#include "lsp/facts.h"

#include "base/memory.h"
#include "compiler/number_text.h"
#include "compiler/query_text.h"

/* A client that an item decides, as expect takes it. */
static size_t
query_write(struct pn_facts *facts, const struct pn_lint *lint, size_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    struct postern_query query = POSTERN_QUERY_INIT;
    struct pn_str ident = pn_lint_ident(lint, info->group);
    struct pn_buffer host = { 0 };
    size_t at = facts->text.size;

    if (!info->witness.family)
        return 0;
    query.remote = pn_number_address(info->witness.address, info->witness.family);
    query.ident = (struct postern_str){ ident.ptr, ident.len };
    if (pn_lint_host(lint, info->host, &host) && !host.failed)
        query.host = (struct postern_str){ host.bytes ? host.bytes : "", host.size };
    pn_query_write(&facts->text, &query);
    pn_buffer_add(&facts->text, "", 1);
    pn_buffer_free(&host);
    return at;
}

static struct pn_fact
fact_of(struct pn_facts *facts, const struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    const struct pn_rule_node *rule =
        &lint->policy->nodes[lint->policy->items[item].rule];
    struct pn_str ident = pn_lint_ident(lint, info->group);
    size_t ident_at = facts->text.size;
    struct pn_span all;

    if (!pn_lint_is_written(lint, item))
        return (struct pn_fact){ .file = UINT32_MAX };
    pn_buffer_add_str(&facts->text, ident);
    all = pn_tree_span(pn_unit_tree(lint->unit, rule->file), rule->node->range);
    return (struct pn_fact){ .file = rule->file,
                             .span = pn_lint_span(lint, item),
                             .statement = all.offset,
                             .last = all.offset + all.size,
                             .is_live = info->flags & PN_ITEM_LIVES,
                             .has_addresses = info->flags & PN_ITEM_ADDRESSES,
                             .is_default = info->flags & PN_ITEM_DEFAULT,
                             .decided = info->decided,
                             .ident = ident_at,
                             .ident_size = ident.len,
                             .query = query_write(facts, lint, item) };
}

void
pn_facts_take(void *payload, const struct pn_lint *lint)
{
    struct pn_facts *facts = payload;
    size_t count = lint->survey.count;

    pn_facts_clear(facts);
    facts->items = pn_calloc(count + 1, sizeof(*facts->items));
    facts->failed = !facts->items;
    pn_buffer_add(&facts->text, "", 1); /* no query is at 0 */
    for (size_t i = 0; facts->items && i < count; i++)
        facts->items[i] = fact_of(facts, lint, (uint32_t)i);
    facts->count = facts->items ? count : 0;
    facts->failed |= facts->text.failed;
}

void
pn_facts_clear(struct pn_facts *facts)
{
    pn_free(facts->items);
    pn_buffer_free(&facts->text);
    *facts = (struct pn_facts){ 0 };
}

bool
pn_decides_write(struct pn_buffer *out, pn_number decided)
{
    pn_buffer_add_text(out, "decides ");
    pn_number_write_people(out, decided);
    pn_buffer_add_text(out, decided == 1 ? " address" : " addresses");
    return !out->failed;
}

const char *
pn_plural(size_t count)
{
    return count == 1 ? "" : "s";
}
