/* The kernel, by what sets it up. */
#include <stdio.h>

#include "tools/prove/connect.h"
#include "tools/prove/folder.h"
#include "tools/prove/run.h"

/* The rules are asked of what comes to the listener, and of no answer to it. */
bool
pn_original_ask_nftables(struct pn_asking *asking)
{
    char file[PN_PROVE_PATH + 64];
    const char *const words[] = { asking->program, "-f", file, NULL };
    struct pn_buffer text = { 0 };
    bool asked;

    pn_prove_path(asking->folder, "rules", file);
    pn_buffer_add_text(&text, "table inet postern {\nchain judged {\n");
    pn_buffer_add_str(&text, asking->native);
    pn_buffer_add_format(&text,
                         "}\nchain input {\ntype filter hook input priority 0; policy "
                         "accept;\ntcp dport %d jump judged\n}\n}\n",
                         PN_PROVE_PORT);
    asked = !text.failed && pn_run_write(asking, "rules", pn_str_of(&text)) &&
            pn_run_well(asking, words) && pn_connect_packets(asking);
    pn_buffer_free(&text);
    return asked;
}

/* One address: the status says whether it is in the set, 1 that it is not. */
static bool
member_ask(struct pn_asking *asking, size_t index, const char *set)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    const char *const words[] = { asking->program, "-q", "test", set, text, NULL };
    const struct pn_run run = { .words = words };
    struct pn_buffer said = { 0 };
    int status;

    (void)postern_addr_print(&asking->clients[index].addr, text);
    status = pn_run(asking, &run, &said);
    pn_buffer_free(&said);
    if (status < 0 || status > 1)
        return status < 0 ? false : pn_run_fails(asking, "ipset test", PN_STR(""));
    asking->answers[index].kind =
        (status == 0) == asking->listed_allow ? PN_ASKED_ALLOWS : PN_ASKED_DENIES;
    return true;
}

/* Is there such a set, or none of that family? */
static bool
set_is(struct pn_asking *asking, const char *set)
{
    const char *const words[] = { asking->program, "-q", "list", "-t", set, NULL };
    const struct pn_run run = { .words = words };
    struct pn_buffer said = { 0 };
    int status = pn_run(asking, &run, &said);

    pn_buffer_free(&said);
    return status == 0;
}

bool
pn_original_ask_ipset(struct pn_asking *asking)
{
    static const char *const sets[] = { "postern4", "postern6" };
    char file[PN_PROVE_PATH + 64];
    const char *const words[] = { asking->program, "restore", "-f", file, NULL };
    bool is_there[2], asked;

    pn_prove_path(asking->folder, "rules", file);
    asked = pn_run_write(asking, "rules", asking->native) && pn_run_well(asking, words);
    for (size_t i = 0; i < 2 && asked; i++)
        is_there[i] = set_is(asking, sets[i]);
    for (size_t i = 0; i < asking->count && asked; i++) {
        bool six = asking->clients[i].addr.family == 6;

        if (is_there[six])
            asked = member_ask(asking, i, sets[six]);
        else
            asking->answers[i].kind =
                asking->listed_allow ? PN_ASKED_DENIES : PN_ASKED_ALLOWS;
    }
    return asked;
}
