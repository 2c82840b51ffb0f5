/*
 * Sources whose programs ended badly, in a table of fixed size: each with the moment
 * until which it is refused. When the table is full, the source that is refused for the
 * shortest time is forgotten, and that is counted.
 */
#ifndef SRV_PENALTIES_H
#define SRV_PENALTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postern/postern.h"
#include "server/counter_key.h"
#include "server/tiers.h"

struct srv_penalty_entry;

/* Those of a rule, or of --penalty. */
struct srv_penalty_list {
    size_t count;
    struct postern_penalty of[POSTERN_PENALTIES_MAX];
};

struct srv_penalties {
    struct srv_hash_key key;
    struct srv_penalty_entry *entries; /* made when the first penalty is due */
    struct postern_per per;            /* what is one source */
    int64_t most_ns;                   /* no source is refused for longer */
    int64_t last_ns;                   /* nobody is refused from then on; 0: nobody */
    uint64_t evicted;                  /* sources forgotten before their time */
};

/* `per_source` is -C, whose first tier says what a source is; without it an address, or
 * a /64. */
void
srv_penalties_init(struct srv_penalties *penalties, size_t most_s,
                   const struct srv_tiers *per_source);

void
srv_penalties_clear(struct srv_penalties *penalties);

/*
 * STATUS[-STATUS]:SECONDS, STATUS 1 to 255 or "signal". False for another text, for too
 * many of them, and for one whose statuses overlap those of another.
 */
bool
srv_penalty_list_parse(const char *text, struct srv_penalty_list *out);

/* What a rule says: false where it is exempt. Without any, `others` is copied. */
bool
srv_penalty_list_of(const struct postern_decision *decision,
                    const struct srv_penalty_list *others,
                    struct srv_penalty_list *out);

/* May clients of the rule not be refused? */
bool
srv_penalties_exempt(const struct postern_decision *decision);

/* The seconds for a status as waitpid(2) has it; 0 for none. */
uint32_t
srv_penalty_of_status(const struct srv_penalty_list *list, int status);

/* A source: its key in the table. */
struct srv_counter_key
srv_penalties_source(const struct srv_penalties *penalties,
                     const struct postern_addr *addr);

/*
 * Refuses a source for so many seconds more than it already is, at this moment. Without
 * memory for the table nobody is refused.
 */
void
srv_penalties_add(struct srv_penalties *penalties, const struct srv_counter_key *source,
                  uint32_t seconds, int64_t now_ns);

/* For how many seconds, a begun one counting, a source is refused from now; 0: not. */
uint32_t
srv_penalties_left(const struct srv_penalties *penalties,
                   const struct srv_counter_key *source, int64_t now_ns);

#endif
