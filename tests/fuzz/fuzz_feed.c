/*
 * Fuzz: two lists, parted by a form feed, as `postern feed` reads them, and what one
 * changes of the other: nothing that came was there, and nothing that went is.
 */
#include "interop/list_change.h"
#include "tests/fuzz/check.h"

static void
apart_check(const struct pn_address_set *a, const struct pn_address_set *b)
{
    struct pn_address_set both = { 0 };

    CHECK(pn_address_set_meet(&both, a, b));
    for (unsigned side = 0; side < PN_FAMILIES; side++)
        CHECK(!both.families[side].count);
    pn_address_set_clear(&both);
}

/* Of a family: the parts are told by their share, the largest first. */
static void
shares_check(const struct pn_intervals *part, const struct pn_intervals *whole)
{
    struct pn_interval most[4];
    size_t count = pn_intervals_largest(part, most, 4);

    CHECK(count <= 4 && count <= part->count);
    for (size_t i = 1; i < count; i++)
        CHECK(most[i].last - most[i].first <= most[i - 1].last - most[i - 1].first);
    if (pn_share_is_more(part, whole, PN_SHARE_WHOLE))
        CHECK(part->count);
    if (!part->count)
        CHECK(!pn_share_is_more(part, whole, 0));
}

static void
change_check(const struct pn_address_set *before, const struct pn_address_set *after)
{
    struct pn_list_change change = { 0 };

    CHECK(pn_list_change_find(&change, before, after));
    apart_check(&change.came, before);
    apart_check(&change.went, after);
    apart_check(&change.came, &change.went);
    for (unsigned side = 0; side < PN_FAMILIES; side++) {
        shares_check(&change.went.families[side], &before->families[side]);
        CHECK(!pn_share_is_more(&change.went.families[side], &before->families[side],
                                PN_SHARE_WHOLE) ||
              !before->families[side].count);
    }
    pn_list_change_clear(&change);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_str rest = { (const char *)data, size };
    struct pn_str before_text = pn_str_cut(&rest, '\f');
    struct pn_list_read lists[2] = { { 0 }, { 0 } };
    bool well = true;

    for (unsigned i = 0; i < 2; i++) {
        struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
        struct pn_source source;
        enum pn_list_result result;

        CHECK(pn_source_from_text(&source, "fuzz.txt",
                                  i ? rest.ptr ? rest : PN_STR("") : before_text));
        result = pn_list_text_read(&lists[i], &source, &diags);
        CHECK(result != PN_LIST_MEMORY);
        CHECK(result == PN_LIST_READ || diags.total);
        well &= result == PN_LIST_READ;
        pn_diags_clear(&diags);
        pn_source_clear(&source);
    }
    if (well)
        change_check(&lists[0].set, &lists[1].set);
    pn_list_read_clear(&lists[0]);
    pn_list_read_clear(&lists[1]);
    return 0;
}
