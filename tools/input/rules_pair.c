/* Old and new, as files and as what is true of every query, on two threads. */
#include "tools/input/rules_pair.h"
#include "base/side_by_side.h"

#include <string.h>

#include "tools/policy_size.h"

/* One of both, opened on its own: its messages gather in `tool`. */
struct opening {
    struct pn_rules_file *file;
    struct pn_decoded *decoded;
    struct pn_tool tool;
    const struct pn_common *common;
    const char *name;
    int status;
};

static void
open_one(void *payload)
{
    struct opening *o = payload;

    o->status = pn_rules_file_open(o->file, &o->tool, o->common, o->name);
    if (o->status == PN_EXIT_OK && o->decoded)
        o->status = pn_rules_file_decode(o->file, &o->tool, o->decoded);
}

/* Says what was said aside. */
static void
tell(struct pn_output *out, const struct pn_output *aside)
{
    pn_output_add(out, aside->pending.bytes, aside->pending.size);
    out->pending.failed |= aside->pending.failed;
}

static int
pair_open(struct pn_rules_pair *out, struct pn_tool *tool,
          const struct pn_common *common, char *const names[2], bool lift)
{
    struct opening openings[2];
    int status = PN_EXIT_OK;

    *out = (struct pn_rules_pair){ 0 };
    out->files[0].image = out->files[1].image = -1;
    if (strcmp(names[0], "-") == 0 && strcmp(names[1], "-") == 0)
        return pn_tool_usage(tool, "standard input can be one of both only");
    for (size_t i = 0; i < 2; i++) {
        openings[i] = (struct opening){ &out->files[i], lift ? &out->decoded[i] : NULL,
                                        *tool,          common,
                                        names[i],       PN_EXIT_OK };
        pn_output_begin(&openings[i].tool.out, -1);
        pn_output_begin(&openings[i].tool.err, -1);
    }
    pn_side_by_side(open_one, openings, sizeof(*openings), 2);
    for (size_t i = 0; i < 2; i++) {
        if (openings[i].status == PN_EXIT_OK && lift)
            pn_policy_size_add(&tool->size, openings[i].decoded);
        if (status == PN_EXIT_OK) {
            status = openings[i].status;
            tell(&tool->out, &openings[i].tool.out);
            tell(&tool->err, &openings[i].tool.err);
        }
        pn_buffer_free(&openings[i].tool.out.pending);
        pn_buffer_free(&openings[i].tool.err.pending);
        out->sides[i] = (struct pn_side){ out->files[i].rules, &out->decoded[i],
                                          pn_rules_file_statement, &out->files[i] };
    }
    return status;
}

int
pn_rules_pair_lift(struct pn_rules_pair *out, struct pn_tool *tool,
                   const struct pn_common *common, char *const names[2])
{
    return pair_open(out, tool, common, names, true);
}

int
pn_rules_pair_open(struct pn_rules_pair *out, struct pn_tool *tool,
                   const struct pn_common *common, char *const names[2])
{
    return pair_open(out, tool, common, names, false);
}

void
pn_rules_pair_close(struct pn_rules_pair *pair)
{
    for (size_t i = 0; i < 2; i++) {
        pn_decoded_clear(&pair->decoded[i]);
        pn_rules_file_close(&pair->files[i]);
    }
}
