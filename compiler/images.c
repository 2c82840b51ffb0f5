/* Each image has outcomes of its own, numbered together. */
#include "compiler/images.h"

#include "compiler/outcomes.h"

enum postern_status
pn_images_each(const struct pn_images *images, pn_region_fn take, void *payload)
{
    struct pn_intern shared = { 0 };
    struct pn_outcomes outcomes[PN_REGION_SIDES];
    struct pn_regions r = { .side_count = images->count,
                            .host = images->no_host ? PN_ASK_NONE : PN_ASK_ALL,
                            .ident = images->no_ident ? PN_ASK_NONE : PN_ASK_ALL,
                            .prefer_global = images->prefer_global,
                            .work = images->work };
    enum postern_status status;

    for (size_t i = 0; i < images->count; i++) {
        const struct pn_image *image = &images->items[i];

        outcomes[i] = (struct pn_outcomes){ .rules = image->rules, .shared = &shared };
        r.sides[i] = (struct pn_side){ image->rules, image->decoded, pn_outcome_of,
                                       &outcomes[i] };
    }
    status = pn_regions_each(&r, take, payload);
    for (size_t i = 0; i < images->count; i++) {
        if (outcomes[i].failed)
            status = POSTERN_E_NOMEM;
        pn_outcomes_clear(&outcomes[i]);
    }
    pn_regions_clear(&r);
    pn_intern_clear(&shared);
    return status;
}
