/* DNS questions by c-ares, on the event loop. */
#ifndef SRV_RESOLVER_H
#define SRV_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "postern/types.h"
#include "server/loop.h"

/* Total timeout of one question: attempts of 1, 2, 4 and 8 seconds. */
enum { SRV_DNS_TOTAL_MS = 15000 };

enum srv_dns_type {
    SRV_DNS_A = 1,
    SRV_DNS_PTR = 12,
    SRV_DNS_TXT = 16,
    SRV_DNS_AAAA = 28
};

enum srv_dns_outcome {
    SRV_DNS_FOUND, /* there are records: `answer` holds the message */
    SRV_DNS_NONE,  /* it is certain that there are none */
    SRV_DNS_FAILED /* no server answered */
};

struct srv_dns_answer {
    enum srv_dns_outcome outcome;
    const unsigned char *message; /* valid during the callback */
    size_t size;
};

typedef void (*srv_dns_fn)(void *payload, const struct srv_dns_answer *answer);

struct srv_resolver;

/* How many UDP sockets are open, and how many may be. At the limit, questions share. */
struct srv_dns_budget {
    size_t used, most;
};
struct srv_question;

/*
 * Asks the name servers of DNSCACHEIP, addresses separated by blanks or commas, when
 * that is not NULL, else those of /etc/resolv.conf. NULL when it cannot be. The loop
 * must outlive it; the text is not kept. NULL with errno set: ENOMEM, or EINVAL for
 * addresses that are none. Each question has a socket of its own, and
 * so a port that nobody can guess, as far as `budget` goes, which outlives it; NULL is
 * for programs that ask little.
 */
struct srv_resolver *
srv_resolver_new(struct srv_loop *loop, const char *dnscacheip,
                 struct srv_dns_budget *budget);

/*
 * The same, whose addresses of hosts are from /etc/hosts alone ("f"), or from the name
 * servers alone ("b"): NULL is for both.
 */
struct srv_resolver *
srv_resolver_new_of(struct srv_loop *loop, const char *dnscacheip,
                    struct srv_dns_budget *budget, const char *lookups);

/* Counts one user more, or one fewer. NULL is fine to release. */
void
srv_resolver_use(struct srv_resolver *resolver);

void
srv_resolver_release(struct srv_resolver *resolver);

size_t
srv_resolver_users(const struct srv_resolver *resolver);

/*
 * Calls back every open question with FAILED. Not to be called from its own callbacks.
 */
void
srv_resolver_free(struct srv_resolver *resolver);

/*
 * Has /etc/resolv.conf changed since the resolver read it? False when its servers are
 * not from there. Costs one stat(2).
 */
bool
srv_resolver_is_stale(const struct srv_resolver *resolver);

/*
 * Asks, and calls back once, perhaps before it returns: then *out is NULL. Without
 * memory that is FAILED. Otherwise *out is for srv_question_cancel() until the callback
 * comes, and NULL from then on: so `out` and `payload` must live until either. The name
 * is not kept.
 */
void
srv_resolver_ask(struct srv_resolver *resolver, const char *name,
                 enum srv_dns_type type, srv_dns_fn done, void *payload,
                 struct srv_question **out);

/* Cancels a question: its callback will not be called. NULL is fine. */
void
srv_question_cancel(struct srv_question *question);

typedef void (*srv_addresses_fn)(void *payload, enum srv_dns_outcome outcome,
                                 const struct postern_addr *addresses, size_t count);

/*
 * The addresses of a host, from /etc/hosts, then from the name servers, in the order
 * of RFC 6724, SRV_RESOLVER_ADDRESSES at most. Calls back once, perhaps before it
 * returns.
 */
void
srv_resolver_addresses(struct srv_resolver *resolver, const char *host, bool ipv4_only,
                       srv_addresses_fn done, void *payload);

enum { SRV_RESOLVER_ADDRESSES = 16 };

#endif
