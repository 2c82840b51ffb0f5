/* The programs whose rules are imported, and how each is asked. */
#ifndef PN_TOOLS_PROVE_ORIGINALS_H
#define PN_TOOLS_PROVE_ORIGINALS_H

#include "tools/prove/clients.h"

struct pn_name_server;

/* What a program says of a client. */
enum pn_asked {
    PN_ASKED_NOT,
    PN_ASKED_DENIES,
    PN_ASKED_ALLOWS,
    PN_ASKED_VALUE, /* `text` is what its table has of it */
    PN_ASKED_NONE   /* its table has nothing of it */
};

struct pn_asked_answer {
    enum pn_asked kind;
    struct pn_str text; /* of a value; or what it sets, where the row says so */
};

/* Clients that are asked of a program. */
struct pn_asking {
    const char *program;  /* its path; of a library the name */
    const char *folder;   /* where its files are written */
    const char *daemon;   /* of hosts.allow */
    bool listed_allow;    /* the verdict of who is in a set or list */
    struct pn_str native; /* the rules, as the program reads them */
    const struct pn_prove_client *clients;
    struct pn_asked_answer *answers; /* one for each, all zero at first */
    size_t count;
    struct pn_arena *texts;       /* of the answers */
    struct pn_name_server *names; /* that they ask, who are asked by names; or NULL */
    bool no_names;                /* who has one could not be asked */
    char why[256];                /* that it could not be asked */
};

struct pn_original {
    const char *format, *program;
    bool is_library; /* that is loaded, and no program */
    bool is_drop_in; /* a program of ours has that name too */
    bool network;    /* it is asked over one */
    bool as_owner;   /* and sets that up itself */
    bool says_sets;  /* an answer that allows has a text: "NAME=VALUE\n" of each */
    struct pn_prove_wants wants;
    /* False, with why, when it cannot be asked. */
    bool (*ask)(struct pn_asking *asking);
};

/* NULL: none of this format can be asked. */
const struct pn_original *
pn_original_find(const char *format);

/* One for each row of originals.def. */
#define X(id, format, program, flags, wants) \
    bool pn_original_ask_##id(struct pn_asking *);
#include "tools/prove/originals.def"
#undef X

#endif
