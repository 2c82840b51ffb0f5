/* The head and the question of a message (RFC 1035, 4.1). Pure functions. */
#include "server/dns_question.h"

#include <string.h>

enum { HEAD = 12, COUNT_AT = 4, TYPE_AND_CLASS = 4, LABEL_MOST = 63, NAME_MOST = 255 };
enum { RESPONSE = 0x80, OPCODE = 0x78 };

static size_t
name_end(const unsigned char *message, size_t size)
{
    size_t at = HEAD;

    while (at < size && message[at]) {
        if (message[at] > LABEL_MOST)
            return 0;
        at += 1u + message[at];
        if (at - HEAD > NAME_MOST)
            return 0;
    }
    return at < size ? at + 1 : 0;
}

size_t
srv_dns_question_end(const unsigned char *message, size_t size)
{
    size_t end;

    if (size < HEAD || message[COUNT_AT] || message[COUNT_AT + 1] != 1)
        return 0;
    end = name_end(message, size);
    return end && size - end >= TYPE_AND_CLASS ? end + TYPE_AND_CLASS : 0;
}

static bool
is_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Lengths of labels are below the letters. */
void
srv_dns_question_mix_case(unsigned char *message, size_t end, const unsigned char *bits)
{
    for (size_t i = HEAD; i + TYPE_AND_CLASS < end; i++)
        if (is_letter(message[i])) {
            size_t bit = i - HEAD;

            message[i] &= (unsigned char)~0x20;
            message[i] |= (unsigned char)((bits[bit / 8] >> bit % 8 & 1) << 5);
        }
}

static bool
same_bytes(const unsigned char *a, const unsigned char *b, size_t size,
           bool case_matters)
{
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i] && (case_matters || !is_letter(a[i]) || (a[i] ^ b[i]) != 0x20))
            return false;
    return true;
}

bool
srv_dns_question_is_answered(const unsigned char *question, size_t end,
                             const unsigned char *message, size_t size,
                             bool case_matters)
{
    return size >= end && srv_dns_question_end(message, size) == end &&
           memcmp(question, message, 2) == 0 && message[2] & RESPONSE &&
           !(message[2] & OPCODE) &&
           same_bytes(question + HEAD, message + HEAD, end - HEAD, case_matters);
}
