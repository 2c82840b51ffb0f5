/*
 * What goes between a server and the process that looks up for it: datagrams of a fixed
 * size, between two processes of one program. Nothing that comes from there is believed
 * before srv_cell_reply_is_sound().
 */
#ifndef SRV_CELL_MESSAGE_H
#define SRV_CELL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/dns_answer.h"
#include "server/endpoint.h"
#include "server/ident.h"

/* A question of the server, by its place in a table and the round of that place. */
struct srv_cell_request {
    uint32_t place, round;
    uint32_t work; /* of enum srv_lookup_work; 0: nobody waits for it any more */
    int64_t ident_ms;
    struct srv_endpoint remote, local;
};

/* What a process in the cell says first: what holds it. */
enum srv_cell_hold {
    SRV_CELL_NO_PRIVILEGES = 1, /* it gains none */
    SRV_CELL_OWN_USER = 2,
    SRV_CELL_NO_FILES = 4,   /* landlock(7) */
    SRV_CELL_NO_ROOT = 8,    /* chroot(2) to an empty folder */
    SRV_CELL_FEW_CALLS = 16, /* seccomp(2) */
    SRV_CELL_HOLDS = 31
};

enum srv_cell_kind {
    SRV_CELL_ANSWER = 1,
    SRV_CELL_BEGUN, /* `held` says by what */
    SRV_CELL_ENDED  /* from who started it: what it was asked will not be answered */
};

struct srv_cell_reply {
    uint32_t kind;
    uint32_t place, round;
    uint32_t held;     /* of enum srv_cell_hold */
    uint32_t nameless; /* as in struct srv_lookup */
    bool unanswered, has_host, has_local_host, has_ident;
    char host[SRV_DNS_NAME_SIZE], local_host[SRV_DNS_NAME_SIZE];
    char ident[SRV_IDENT_SIZE + 1];
};

struct srv_lookup;

/* The answer that a look-up which has ended is; its place is not filled in. */
void
srv_cell_reply_of(const struct srv_lookup *lookup, struct srv_cell_reply *out);

/*
 * Is it a reply that a process in order could send? Kinds and bits that there are, and
 * texts that end and have the bytes that such texts can have. Pure.
 */
bool
srv_cell_reply_is_sound(const void *bytes, size_t size);

#endif
