/* Commands by their first word: those that change nothing are granted. */
#include "server/companions/smtp_refusal.h"
#include "base/sizes.h"

#include <string.h>
#include <strings.h>

static const char granted[] = "250 rblsmtpd.local\r\n";

void
srv_smtp_refusal_begin(struct srv_smtp_refusal *smtp, const char *refusal,
                       struct pn_buffer *replies)
{
    *smtp = (struct srv_smtp_refusal){ .refusal = refusal, .replies = replies };
    pn_buffer_add_text(replies, "220 rblsmtpd.local\r\n");
}

static bool
is_word(const struct srv_smtp_refusal *smtp, const char *word)
{
    return smtp->size == strlen(word) && strncasecmp(smtp->word, word, smtp->size) == 0;
}

static void
answer(struct srv_smtp_refusal *smtp)
{
    static const char *const words[] = { "helo", "ehlo", "mail", "rset", "noop" };

    if (is_word(smtp, "quit")) {
        pn_buffer_add_text(smtp->replies, "221 rblsmtpd.local\r\n");
        smtp->done = true;
        return;
    }
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (is_word(smtp, words[i])) {
            pn_buffer_add_text(smtp->replies, granted);
            return;
        }
    pn_buffer_add_text(smtp->replies, smtp->refusal);
}

static void
take(struct srv_smtp_refusal *smtp, char c)
{
    if (c == '\n') {
        if (smtp->last == '\r' && !smtp->word_ended && smtp->size &&
            smtp->size <= SRV_SMTP_WORD - 1)
            smtp->size--;
        answer(smtp);
        smtp->size = 0;
        smtp->word_ended = false;
        smtp->last = '\0';
        return;
    }
    smtp->last = c;
    if (c == ' ')
        smtp->word_ended = true;
    if (!smtp->word_ended && smtp->size < SRV_SMTP_WORD)
        smtp->word[smtp->size++] = c;
}

void
srv_smtp_refusal_feed(struct srv_smtp_refusal *smtp, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && !smtp->done; i++)
        take(smtp, bytes[i]);
}
