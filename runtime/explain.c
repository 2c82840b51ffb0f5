/* Information about an image: the origin of a rule, its environment, its format. */
#include <string.h>

#include "runtime/decide_native.h"
#include "runtime/format/record.h"
#include "runtime/store.h"

enum postern_status
postern_rules_origin(const struct postern_rules *rules, uint32_t rule,
                     struct postern_origin *out)
{
    struct pn_record record;

    if (out->struct_size < sizeof(*out))
        return POSTERN_E_ARG;
    if (rules->native.bytes)
        return pn_native_origin(&rules->native, rule, out);
    if (!pn_container_record(&rules->container, rule, &record))
        return POSTERN_E_ARG;
    out->line = out->until = 0;
    out->owner = out->ticket = (struct postern_str){ NULL, 0 };
    out->file = (struct postern_str){ NULL, 0 };
    out->target = (struct postern_str){ (const char *)record.key, record.key_size };
    out->identity = pn_record_digest(0, record.key, record.key_size, "", 0);
    return POSTERN_OK;
}

enum postern_status
postern_rules_info(const struct postern_rules *rules, struct postern_info *out)
{
    if (out->struct_size < sizeof(*out))
        return POSTERN_E_ARG;
    out->format = rules->native.bytes ? POSTERN_FORMAT_NATIVE : POSTERN_FORMAT_CLASSIC;
    out->size = rules->container.size;
    out->records =
        rules->native.bytes ? rules->native.rules.count : rules->container.slots / 2;
    out->needs = rules->native.bytes
                     ? pn_native_header_at(&rules->native, PN_HEADER_NEEDS)
                     : rules->classic_needs;
    out->exempts = (out->needs & PN_NEEDS_EXEMPT) != 0;
    out->needs &= ~(uint32_t)PN_NEEDS_EXEMPT;
    return POSTERN_OK;
}

enum postern_status
postern_rules_needs(const struct postern_rules *rules,
                    const struct postern_addr *remote, uint32_t *needs_out)
{
    struct pn_native_entry entry;

    if (remote->family != 4 && remote->family != 6)
        return POSTERN_E_ARG;
    if (!rules->native.bytes) { /* no index knows: ident@=host outranks all addresses */
        *needs_out = rules->classic_needs;
        return POSTERN_OK;
    }
    if (!pn_native_find_in(&rules->native, PN_GROUP_NO_IDENT,
                           &rules->native.first[PN_GROUP_NO_IDENT], remote->family,
                           remote->bytes, &entry))
        return POSTERN_E_FORMAT;
    *needs_out = pn_native_entry_lookups(&entry);
    return POSTERN_OK;
}

bool
postern_env_next(struct postern_env_iter *iter, struct postern_env *out)
{
    struct pn_item item;

    while (pn_record_next(&iter->at, iter->end, &item)) {
        const char *text = (const char *)item.bytes + 1, *sign;

        if (!item.size || item.bytes[0] != '+')
            continue;
        sign = memchr(text, '=', item.size - 1);
        out->assignment = text;
        out->name = (struct postern_str){ text, item.size - 1 };
        out->value = (struct postern_str){ NULL, 0 };
        if (sign) {
            out->name.len = (size_t)(sign - text);
            out->value =
                (struct postern_str){ sign + 1, item.size - 2 - out->name.len };
        }
        return true;
    }
    return false;
}
