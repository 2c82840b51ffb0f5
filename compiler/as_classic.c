/* Writes the classic records of a policy, and proves that they decide the same. */
#include "compiler/as_classic.h"

#include <cdb.h>
#include <errno.h>

#include "compiler/classic_keys.h"
#include "compiler/image.h"
#include "compiler/images_equivalent.h"
#include "compiler/query_text.h"
#include "runtime/format/record.h"

/* The value of a rule's records; a denial has nothing else. */
static struct pn_str
value_of(const struct pn_policy *policy, uint32_t number)
{
    if (policy->rules[number].verdict == POSTERN_DENY)
        return (struct pn_str){ "D", PN_RECORD_DENY_SIZE };
    return pn_policy_env_text(policy, number);
}

static bool
is_too_large(const struct pn_policy *policy, const struct pn_classic_keys *keys)
{
    uint64_t size = PN_CDB_HEADER_SIZE;

    for (uint32_t i = 0; i < keys->keys.count; i++)
        size += pn_container_cost(pn_intern_size(&keys->keys, i),
                                  value_of(policy, keys->rules[i]).len);
    return size > UINT32_MAX;
}

static bool
records_write(const struct pn_policy *policy, const struct pn_classic_keys *keys,
              int fd)
{
    struct cdb_make cdb;
    bool good = true;

    if (is_too_large(policy, keys)) {
        errno = EFBIG;
        return false;
    }
    if (cdb_make_start(&cdb, fd) != 0)
        return false;
    for (uint32_t i = 0; i < keys->keys.count && good; i++) {
        struct pn_str key = pn_intern_text(&keys->keys, i);
        struct pn_str value = value_of(policy, keys->rules[i]);

        good = cdb_make_add(&cdb, key.len ? key.ptr : "", (unsigned)key.len, value.ptr,
                            (unsigned)value.len) == 0;
    }
    return pn_cdb_finish(&cdb, good);
}

/* Reports at the targets of a rule. */
static struct pn_diag *
rule_report(struct pn_loaded_policy *loaded, struct pn_diags *diags, enum pn_diag_id id,
            uint32_t rule)
{
    struct pn_rule_node at = { NULL, 0 };
    const struct pn_tree *tree = pn_unit_tree(&loaded->unit, 0);
    struct pn_span span = { 0, 0 };

    if (rule < loaded->policy.count)
        at = loaded->policy.nodes[rule];
    if (at.node) {
        tree = pn_unit_tree(&loaded->unit, at.file);
        span = pn_targets_span(tree, at.node);
    }
    return pn_diags_add(diags, id, tree->source, span);
}

/* The rule whose key decides in the classic image; UINT32_MAX for none. */
static uint32_t
key_rule(const struct postern_rules *classic, const struct pn_classic_keys *keys,
         uint32_t record)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    uint32_t number;

    if (postern_rules_origin(classic, record, &origin) != POSTERN_OK ||
        !pn_intern_find(&keys->keys, origin.target.ptr, origin.target.len, &number))
        return UINT32_MAX;
    return keys->rules[number];
}

static void
difference_report(struct pn_loaded_policy *loaded, struct pn_diags *diags,
                  const struct pn_difference *difference, uint32_t other)
{
    struct pn_diag *diag =
        rule_report(loaded, diags, PN_DIAG_CLASSIC_DIFFERS, difference->left.rule);
    struct pn_buffer note = { 0 };

    pn_buffer_add_text(&note, "  query: ");
    pn_query_write(&note, &difference->query);
    pn_buffer_add_text(&note, "\n");
    pn_diag_note(diags, diag, (struct pn_str){ note.bytes, note.size });
    if (other < loaded->policy.count && loaded->policy.nodes[other].node) {
        struct pn_rule_node at = loaded->policy.nodes[other];
        const struct pn_tree *tree = pn_unit_tree(&loaded->unit, at.file);

        pn_diag_relate(diags, diag, tree->source, pn_targets_span(tree, at.node),
                       "its keys would decide them");
    }
    pn_diags_fail(diags, note.failed);
    pn_buffer_free(&note);
}

static enum pn_compile_result
prove_equal(struct pn_loaded_policy *loaded, const struct pn_classic_keys *keys,
            int native_fd, int fd, struct pn_diags *diags)
{
    struct pn_difference difference = { 0 };
    struct pn_opened_image native = { 0 }, classic = { 0 };
    enum postern_status status = pn_image_open(&native, native_fd);

    if (status == POSTERN_OK)
        status = pn_image_open(&classic, fd);
    if (status == POSTERN_OK)
        status = pn_images_equivalent(pn_image_view(&native), pn_image_view(&classic),
                                      &difference, NULL);
    if (status == POSTERN_OK && difference.found)
        difference_report(loaded, diags, &difference,
                          key_rule(classic.rules, keys, difference.right.rule));
    pn_image_close(&native);
    pn_image_close(&classic);
    pn_difference_clear(&difference);
    if (status == POSTERN_E_NOMEM)
        return PN_COMPILE_MEMORY;
    if (status != POSTERN_OK)
        return PN_COMPILE_MISMATCH;
    return difference.found ? PN_COMPILE_REFUSED : PN_COMPILE_OK;
}

enum pn_compile_result
pn_as_classic(struct pn_loaded_policy *loaded, int native_fd, int fd,
              struct pn_diags *diags)
{
    enum pn_compile_result result = PN_COMPILE_MEMORY;
    struct pn_classic_keys keys;

    pn_classic_keys_make(&keys, &loaded->policy);
    if (!keys.failed && keys.fault != PN_DIAG_NONE) {
        rule_report(loaded, diags, keys.fault, keys.fault_rule);
        result = PN_COMPILE_REFUSED;
    } else if (!keys.failed && !records_write(&loaded->policy, &keys, fd)) {
        result = errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_WRITE;
    } else if (!keys.failed) {
        result = prove_equal(loaded, &keys, native_fd, fd, diags);
        if (result == PN_COMPILE_OK && keys.six_rule != PN_RULE_NONE)
            rule_report(loaded, diags, PN_DIAG_CLASSIC_IPV6, keys.six_rule);
    }
    pn_classic_keys_clear(&keys);
    return diags->failed ? PN_COMPILE_MEMORY : result;
}
