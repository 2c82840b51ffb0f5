/* Run scripts of tcpsvd, udpsvd and s6-tcpserver as those of our servers. */
#ifndef PN_TOOLS_ADOPT_CALLS_H
#define PN_TOOLS_ADOPT_CALLS_H

#include "tools/adopt.h"

/* What a script starts, read of its words as they are written. */
struct pn_adopt_call {
    enum pn_adopt_kind kind; /* PN_ADOPT_IPSVD or PN_ADOPT_S6 */
    size_t line;
    size_t from, to;   /* the bytes that the new words stand for */
    const char *rules; /* of -i or -x, or NULL */
    bool is_folder;    /* -i */
    const char *host, *port;
    const char *fault;      /* why it is not exchanged, or NULL */
    struct pn_buffer words; /* the new ones, without those of the rules */
};

/*
 * Finds the first one that a script starts, with rules or without. False when it starts
 * none. Free its words in any case.
 */
bool
pn_adopt_call_find(struct pn_adopt *adopt, struct pn_str text,
                   struct pn_adopt_call *out);

/* Appends the policy of a folder of rules, or of a database; a note says why not. */
bool
pn_adopt_folder_import(struct pn_adopt *adopt, const struct pn_adopt_call *call,
                       const char *path, struct pn_buffer *policy);

#endif
