/* Built once for a policy, in one pass over its environments, hosts and idents. */
#include "compiler/breakers.h"

#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "runtime/format/record.h"

/* A set of rules: a bit for each. */
struct seen {
    uint8_t *bits;
    size_t count;
};

static void
rule_add(struct pn_breakers *b, struct pn_rule_list *list, struct seen *seen,
         uint32_t rule)
{
    uint8_t bit = (uint8_t)(1U << rule % CHAR_BIT);

    if (rule >= seen->count || seen->bits[rule / CHAR_BIT] & bit)
        return;
    seen->bits[rule / CHAR_BIT] |= bit;
    if (pn_vector_reserve(&list->items, &list->capacity, list->count + 1,
                          sizeof(*list->items)))
        list->items[list->count++] = rule;
    else
        b->failed = true;
}

static void
hosts_add(struct pn_breakers *b, struct pn_rule_list *list, struct seen *seen,
          const struct pn_decoded_group *group)
{
    for (size_t i = 0; i < group->host_count; i++)
        rule_add(b, list, seen, group->hosts[i].rule);
    rule_add(b, list, seen, group->any_host);
}

static void
pieces_add(struct pn_breakers *b, struct seen *seen, const struct pn_pieces *pieces)
{
    for (size_t i = 0; i < pieces->entry_count; i++) {
        rule_add(b, &b->idents, seen, pieces->entries[i].exact);
        rule_add(b, &b->idents, seen, pieces->entries[i].prefix);
    }
}

static void
rules_find(struct pn_breakers *b, const struct pn_decoded *decoded, size_t rules)
{
    struct seen hosts = { pn_calloc(rules / CHAR_BIT + 1, 1), rules };
    struct seen idents = { pn_calloc(rules / CHAR_BIT + 1, 1), rules };

    b->failed |= !hosts.bits || !idents.bits;
    for (size_t i = 0; i < decoded->group_count && !b->failed; i++) {
        const struct pn_decoded_group *group = &decoded->groups[i];

        hosts_add(b, &b->hosts, &hosts, group);
        if (i < PN_NATIVE_FIRST_GROUPS)
            continue;
        hosts_add(b, &b->idents, &idents, group);
        rule_add(b, &b->idents, &idents, group->fallback);
        pieces_add(b, &idents, group->pieces[PN_V4]);
        for (unsigned z = 0; z < decoded->zones.count; z++)
            pieces_add(b, &idents, &group->pieces[PN_V6][z]);
    }
    pn_free(hosts.bits);
    pn_free(idents.bits);
}

/*
 * Counts all environments, also of denials, which set nothing: an upper bound is
 * enough.
 */
static void
names_find(struct pn_breakers *b, const struct pn_policy *policy)
{
    for (uint32_t i = 0; i < policy->envs.count && !b->failed; i++) {
        const uint8_t *at = (const uint8_t *)policy->envs.bytes.bytes +
                            pn_intern_offset(&policy->envs, i);
        const uint8_t *end = at + pn_intern_size(&policy->envs, i);
        struct pn_item item;

        while (pn_record_next(&at, end, &item)) {
            const char *name = (const char *)item.bytes + 1; /* behind its + */
            const char *sign = memchr(name, '=', item.size - 1);
            uint32_t number;

            if (sign && !pn_intern_add(&b->names, name, (size_t)(sign - name), &number))
                b->failed = true;
        }
    }
}

void
pn_breakers_make(struct pn_breakers *breakers, const struct pn_policy *policy,
                 const struct pn_decoded *decoded)
{
    *breakers = (struct pn_breakers){ 0 };
    rules_find(breakers, decoded, policy->count);
    names_find(breakers, policy);
}

void
pn_breakers_clear(struct pn_breakers *breakers)
{
    pn_free(breakers->hosts.items);
    pn_free(breakers->idents.items);
    pn_free(breakers->items);
    pn_intern_clear(&breakers->names);
    pn_intern_clear(&breakers->keys);
    *breakers = (struct pn_breakers){ 0 };
}

bool
pn_breakers_any(const struct pn_breakers *breakers,
                const struct pn_assertions *assertions,
                const struct pn_assertion *assertion)
{
    for (size_t i = 0; i < assertion->condition_count; i++) {
        const struct pn_condition *condition = &assertion->conditions[i];
        struct pn_str name = pn_assertions_text(assertions, condition->name);
        uint32_t number;

        if (condition->kind != PN_NODE_UNSET ||
            pn_intern_find(&breakers->names, name.ptr, name.len, &number))
            return true;
    }
    return false;
}

static void
text_add(struct pn_buffer *key, struct pn_str text)
{
    pn_buffer_add(key, &text.len, sizeof(text.len));
    pn_buffer_add(key, text.ptr, text.len);
}

uint32_t
pn_breakers_predicate(struct pn_breakers *breakers,
                      const struct pn_assertions *assertions,
                      const struct pn_assertion *assertion)
{
    struct pn_buffer key = { 0 };
    uint32_t number = UINT32_MAX;

    for (size_t i = 0; i < assertion->condition_count; i++) {
        const struct pn_condition *condition = &assertion->conditions[i];

        pn_buffer_add(&key, &condition->kind, sizeof(condition->kind));
        pn_buffer_add(&key, &condition->action, sizeof(condition->action));
        text_add(&key, pn_assertions_text(assertions, condition->name));
        text_add(&key, pn_assertions_text(assertions, condition->value));
        if (condition->kind == PN_NODE_TERM || condition->kind == PN_NODE_BY)
            pn_buffer_add(&key, &assertion, sizeof(assertion)); /* like no other */
    }
    if (key.failed || !pn_intern_add(&breakers->keys, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&breakers->items, &breakers->capacity, breakers->keys.count,
                           sizeof(*breakers->items))) {
        breakers->failed = true;
        number = UINT32_MAX;
    } else if (breakers->count < breakers->keys.count) {
        breakers->items[number] = (struct pn_predicate){ 0 };
        breakers->count = breakers->keys.count;
    }
    pn_buffer_free(&key);
    return number;
}
