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

/* Sets the case of each letter of a question's name by one random bit. */
void
srv_dns_question_mix_case(unsigned char *message, size_t end,
                          const unsigned char *bits);

/*
 * Is the message a response with the question's id that repeats the question? With
 * `case_matters`, in the same case.
 */
bool
srv_dns_question_is_answered(const unsigned char *question, size_t end,
                             const unsigned char *message, size_t size,
                             bool case_matters);

#endif
