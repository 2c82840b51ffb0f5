/* The question of a message to a name server, and whether it is answered: pure
 * functions. */
#ifndef SRV_DNS_QUESTION_H
#define SRV_DNS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The question of a message: where it ends, or 0 when there is not exactly one that is
 * whole. Names in questions have no pointers.
 */
size_t
srv_dns_question_end(const unsigned char *message, size_t size);

/* The letters of a question's name, each in the case that a random bit says. */
void
srv_dns_question_mix_case(unsigned char *message, size_t end,
                          const unsigned char *bits);

/*
 * Whether a message answers a question: a response, with its number, which repeats it.
 * `exact`: letter by letter.
 */
bool
srv_dns_question_is_answered(const unsigned char *question, size_t end,
                             const unsigned char *message, size_t size,
                             bool case_matters);

#endif
