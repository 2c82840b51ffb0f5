/* The survey of small policies, item by item, and the arithmetic of successors. */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "analysis/classes.h"
#include "analysis/survey_build.h"
#include "compiler/loaded_policy.h"

#define NONE PN_RULE_NONE

/* Items by number, in the order of the text; they have the classes given here. */
static const struct {
    const char *label;
    uint32_t items[3]; /* added one after the other; NONE: the end */
    uint32_t class, one;
    bool more;
} sums[] = {
    { "nobody", { NONE }, PN_CLASS_NONE, NONE, false },
    { "one", { 1, NONE }, 10, 1, false },
    { "one, twice", { 1, 1, NONE }, 10, 1, false },
    { "two of a class", { 0, 1, NONE }, 10, 0, true },
    { "two of two classes", { 0, 2, NONE }, PN_CLASS_MIXED, 0, true },
    { "three", { 2, 1, 0 }, PN_CLASS_MIXED, 2, true },
};

static void
successors_are_one_class_or_mixed(void **state)
{
    struct pn_item_info infos[] = { { .class = 10 }, { .class = 10 }, { .class = 20 } };
    struct pn_survey survey = { .infos = infos, .count = PN_COUNT_OF(infos) };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(sums); i++) {
        struct pn_successors added = pn_successors_none(), joined = added;

        for (size_t k = 0; k < 3 && sums[i].items[k] != NONE; k++) {
            struct pn_successors single = pn_successors_none();

            pn_successors_add(&survey, &added, sums[i].items[k]);
            pn_successors_add(&survey, &single, sums[i].items[k]);
            pn_successors_join(&joined, &single);
        }
        pn_successors_add(&survey, &added, NONE);
        if (added.class != sums[i].class || added.one != sums[i].one ||
            added.more != sums[i].more)
            fail_msg("%s: class %u, item %u, more %d", sums[i].label, added.class,
                     added.one, added.more);
        if (joined.class != added.class || joined.one != added.one ||
            joined.more != added.more)
            fail_msg("%s: joined, class %u, item %u, more %d", sums[i].label,
                     joined.class, joined.one, joined.more);
    }
}

/* Of one item of a policy: what its flags hold of LIVE, and what decides without it. */
enum { LIVE = PN_ITEM_LIVES4 | PN_ITEM_LIVES6 };

static const struct {
    const char *label, *text;
    struct pn_profile profile;
    uint32_t item;
    unsigned lives;   /* of LIVE */
    uint64_t decided; /* addresses */
    bool redundant;
} items[] = {
    { "a lone address",
      "10.0.0.1 : allow\n* : deny\n",
      { 0 },
      0,
      PN_ITEM_LIVES4,
      1,
      false },
    { "an address that the default decides alike",
      "10.0.0.1 : deny\n* : deny\n",
      { 0 },
      0,
      PN_ITEM_LIVES4,
      1,
      true },
    { "a prefix with a hole made by an address",
      "10.0.0.0/24 : allow\n10.0.0.1 : deny\n* : deny\n",
      { 0 },
      0,
      PN_ITEM_LIVES4,
      255,
      false },
    { "an address inside a prefix of its class",
      "10.0.0.0/24 : allow\n10.0.0.1 : allow\n* : deny\n",
      { 0 },
      1,
      PN_ITEM_LIVES4,
      1,
      true },
    { "a prefix that two halves cover",
      "10.0.0.0/24 : allow\n10.0.0.0/25 : deny\n10.0.0.128/25 : deny\n* : deny\n",
      { 0 },
      0,
      0,
      0,
      false },
    { "what a block decides",
      "10.0.0.0/8 : block\n10.0.0.1 : allow\n* : deny\n",
      { 0 },
      1,
      0,
      0,
      false },
    { "a host, if hosts are looked up",
      "=a.example : allow\n* : deny\n",
      { 0 },
      0,
      PN_ITEM_LIVES4 | PN_ITEM_LIVES6,
      0,
      false },
    { "and if not",
      "=a.example : allow\n* : deny\n",
      { .no_host = true },
      0,
      0,
      0,
      false },
    { "IPv6 on a server for IPv4",
      "2001:db8::1 : allow\n* : deny\n",
      { .no_v6 = true },
      0,
      0,
      0,
      false },
    { "an ident's address",
      "joe@10.0.0.1 : allow\n10.0.0.1 : deny\n* : deny\n",
      { 0 },
      0,
      PN_ITEM_LIVES4,
      1,
      false },
    { "an ident's address that nobody else's rule differs from",
      "joe@10.0.0.1 : deny\n* : deny\n",
      { 0 },
      0,
      PN_ITEM_LIVES4,
      1,
      true },
    { "a rule whose key has an earlier one",
      "10.0.0.1 : allow\n10.0.0.1 : deny\n* : deny\n",
      { 0 },
      1,
      0,
      0,
      false },
};

static void
survey_item(size_t row)
{
    struct pn_policy_options options = { .by_target = true };
    struct pn_diags diags = { .limit = 1 };
    struct pn_loaded_policy loaded;
    struct pn_buffer text = { 0 };
    const struct pn_item_info *info;
    struct pn_source source;
    struct pn_survey survey;
    uint32_t *classes;
    bool redundant;

    pn_buffer_add_text(&text, "postern: 1\n");
    pn_buffer_add_text(&text, items[row].text);
    assert_true(pn_source_from_text(&source, "t.rules", pn_str_of(&text)));
    assert_int_equal(pn_loaded_policy_load(&loaded, &source, NULL, &options, &diags),
                     PN_COMPILE_OK);
    classes = pn_classes_of(&loaded.policy);
    assert_non_null(classes);
    pn_survey_make(&survey, &loaded.policy, classes, &items[row].profile, NULL);
    assert_false(survey.failed);
    info = &survey.infos[items[row].item];
    redundant = pn_survey_is_redundant(&survey, items[row].item);
    if ((info->flags & LIVE) != items[row].lives ||
        info->decided != items[row].decided || redundant != items[row].redundant)
        fail_msg("%s: lives %x, decides %llu, redundant %d", items[row].label,
                 info->flags & (unsigned)LIVE, (unsigned long long)info->decided,
                 redundant);
    pn_survey_clear(&survey);
    free(classes);
    pn_loaded_policy_clear(&loaded);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    pn_buffer_free(&text);
}

static void
each_item_decides_what_is_left_to_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(items); i++)
        survey_item(i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(successors_are_one_class_or_mixed),
        cmocka_unit_test(each_item_decides_what_is_left_to_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
