/*
 * Look-ups in a process of their own (-S): the server parses no byte that comes from a
 * name server or an ident server, and believes no answer before it is checked. A
 * process that lies, hangs or ends is replaced by another, and what it was asked is
 * answered as if the name server were dead.
 */
#ifndef SRV_CELL_H
#define SRV_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "server/cell_master.h"
#include "server/endpoint.h"
#include "server/loop.h"

struct srv_cell_reply;
struct srv_cell_slot;

/* What is asked. */
struct srv_cell_question {
    struct srv_endpoint remote, local;
    unsigned work; /* of enum srv_lookup_work */
    int64_t ident_ms;
    void (*answer)(void *owner, const struct srv_cell_reply *reply);
    void *owner; /* for `answer` */
};

/* What its owner is told. */
enum srv_cell_event {
    SRV_CELL_IS_HELD, /* cell->held says by what */
    SRV_CELL_IS_LOST, /* another one begins */
    SRV_CELL_IS_GONE  /* and no other one comes */
};

struct srv_cell {
    struct srv_loop *loop; /* NULL: there is none */
    void (*tell)(void *payload, enum srv_cell_event event);
    void *payload;
    int channel, control;
    struct srv_watch watch;
    struct srv_timer turn_end;   /* what was asked in a turn of the loop is sent then */
    struct srv_cell_slot *slots; /* of questions, by place */
    size_t slot_count, last_place, unsent;
    size_t unsent_from;  /* those that are unsent stand behind it, round about */
    size_t owed;         /* answers that may come */
    unsigned held;       /* of enum srv_cell_hold */
    bool waits_for_room; /* the watch is for that too */
    bool is_alive;       /* one has begun, and not ended */
    bool is_ending;      /* another one was asked for: nothing is believed till then */
    bool is_asked_anew;  /* and what is open is asked again, of that one */
    bool is_changed;     /* the file below, since before this one began */
    bool follows_file; /* the name servers are those of /etc/resolv.conf, as it was: */
    struct timespec file_changed;
};

/*
 * Starts the processes, before rights are dropped and any thread begins; `work` is
 * srv_cell_answer(). `follows_file`: a change of /etc/resolv.conf makes another one.
 * False with errno.
 */
bool
srv_cell_fork(struct srv_cell *cell, bool follows_file, srv_cell_work_fn work);

/* Attaches it to a loop, which outlives it. False with errno. */
bool
srv_cell_attach(struct srv_cell *cell, struct srv_loop *loop,
                void (*tell)(void *payload, enum srv_cell_event event), void *payload);

/*
 * Asks, and has the answer, a sound one, given to question->answer, not before this
 * returns; *place is for srv_cell_forget(). False when it cannot be asked.
 */
bool
srv_cell_ask(struct srv_cell *cell, const struct srv_cell_question *question,
             size_t *place);

/* Nobody waits any more for the answer to what `owner` has asked. What was answered, or
 * not asked, is fine. */
void
srv_cell_forget(struct srv_cell *cell, size_t place, const void *owner);

/* A look-up was not answered within its time: the process is replaced. */
void
srv_cell_is_late(struct srv_cell *cell);

#endif
