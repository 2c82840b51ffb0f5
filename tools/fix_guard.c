/* The result of a fix is linted before it is written. */
#include "tools/fix_guard.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

enum { DIAGS_MAX = 1000000 };

static bool
error_add(struct pn_blame *blame, const struct pn_report *report,
          const struct pn_finding *f)
{
    struct pn_str target = pn_finding_subject(report, f);
    size_t before = blame->errors.count;
    struct pn_buffer key = { 0 };
    uint32_t number = 0;
    bool good;

    pn_buffer_add_text(&key, pn_check_info[f->check].code);
    pn_buffer_add(&key, target.ptr, target.len);
    good = !key.failed && pn_intern_add(&blame->errors, key.bytes, key.size, &number) &&
           pn_vector_reserve(&blame->counts, &blame->capacity, blame->errors.count,
                             sizeof(*blame->counts));
    pn_buffer_free(&key);
    if (!good)
        return false;
    if (number == before)
        blame->counts[number] = 0;
    blame->counts[number]++;
    blame->by_check[f->check]++;
    return true;
}

/* Targets that are everybody's, whichever of them decides. */
static size_t
defaults_count(const struct pn_loaded_policy *loaded)
{
    const struct pn_policy *policy = &loaded->policy;
    size_t count = 0;

    for (size_t t = 0; t < policy->item_count; t++) {
        const struct pn_rule_item *w = &policy->items[t];
        const struct pn_file *file =
            w->node ? loaded->unit.files[policy->nodes[w->rule].file] : NULL;
        struct pn_str text;

        if (!file)
            continue;
        text = file->dialect == PN_CLASSIC
                   ? pn_tree_key(&file->tree, w->node)
                   : pn_source_slice(&file->source,
                                     pn_token_span(file->tree.tokens[w->node->token]));
        count += file->dialect == PN_CLASSIC ? !text.len
                                             : text.len == 1 && text.ptr[0] == '*';
    }
    return count;
}

bool
pn_blame_find(struct pn_blame *blame, const struct pn_fix_operand *operand,
              struct pn_drafts *drafts, struct pn_work *work)
{
    struct pn_lint_options options = *operand->options;
    struct pn_diags diags = { .limit = DIAGS_MAX };
    struct pn_loaded_policy loaded = { 0 };
    struct pn_report report = { 0 };
    struct pn_source root = { 0 };
    bool good = pn_drafts_read(drafts, operand->name, PN_SOURCE_SIZE_MAX, &root);

    *blame = (struct pn_blame){ .defaults = 0 };
    options.reading = pn_drafts_reading(drafts);
    options.work = work;
    pn_report_begin(&report);
    for (int c = 0; c < PN_CHECK_NONE; c++) /* what is off by default is no error */
        report.on[c] = pn_check_info[c].on;
    good = good &&
           pn_lint_run(&options, &root, operand->tests, &loaded, &diags, &report) &&
           !report.failed;
    for (size_t i = 0; i < report.count && good; i++)
        if (report.items[i].severity == PN_ERROR)
            good = error_add(blame, &report, &report.items[i]);
    if (good)
        blame->defaults = defaults_count(&loaded);
    pn_loaded_policy_clear(&loaded);
    pn_report_clear(&report);
    pn_diags_clear(&diags);
    pn_source_clear(&root);
    return good;
}

void
pn_blame_clear(struct pn_blame *blame)
{
    pn_intern_clear(&blame->errors);
    free(blame->counts);
    *blame = (struct pn_blame){ .defaults = 0 };
}

static const char *
check_name(enum pn_check check)
{
    return pn_check_info[check].name;
}

/* The check of an error that is there more often; by its key, which begins with a code.
 */
static const char *
name_of(const struct pn_intern *errors, uint32_t number)
{
    const char *key = errors->bytes.bytes + pn_intern_offset(errors, number);

    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++)
        if (memcmp(pn_check_info[c].code, key, strlen(pn_check_info[c].code)) == 0)
            return check_name(c);
    return "error";
}

const char *
pn_blame_new(const struct pn_blame *before, const struct pn_blame *after, bool proven)
{
    if (before->defaults && after->defaults > before->defaults)
        return "a second default";
    for (enum pn_check c = 0; c < PN_CHECK_NONE && proven; c++)
        if (after->by_check[c] > before->by_check[c])
            return check_name(c);
    for (uint32_t i = 0; i < after->errors.count && !proven; i++) {
        const char *key =
            after->errors.bytes.bytes + pn_intern_offset(&after->errors, i);
        size_t size = pn_intern_size(&after->errors, i);
        uint32_t number;

        if (!pn_intern_find(&before->errors, key, size, &number) ||
            after->counts[i] > before->counts[number])
            return name_of(&after->errors, i);
    }
    return NULL;
}
