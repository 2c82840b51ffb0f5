/* One row a word. */
#include "lsp/terms.h"

#include "base/sizes.h"

static const struct pn_signature signatures[] = {
    { "allow",
      "allow, NAME=\"VALUE\", $GROUP, TERM",
      "the client is let in, with these variables",
      { "NAME=\"VALUE\"", "$GROUP", "TERM" } },
    { "deny", "deny, TERM", "the client is turned away", { "TERM" } },
    { "block",
      "block, TERM",
      "denied whatever else would match, a host name too",
      { "TERM" } },
    { "limit",
      "limit N per /V4,/V6",
      "at most N live connections from one source: a network of so many bits",
      { "N", "/V4,/V6" } },
    { "rate",
      "rate N/UNIT per /V4,/V6",
      "a bucket of N that fills in a sec, min or hour, for each source",
      { "N/UNIT", "/V4,/V6" } },
    { "reject",
      "reject \"TEXT\"",
      "what is sent before closing, to who is denied or over a limit",
      { "\"TEXT\"" } },
    { "until",
      "until YYYY-MM-DD",
      "what the rule is for ends with that day",
      { "YYYY-MM-DD" } },
    { "owner", "owner \"TEXT\"", "a note: who answers for the rule", { "\"TEXT\"" } },
    { "ticket", "ticket \"TEXT\"", "a note: where it was asked for", { "\"TEXT\"" } },
    { "penalty",
      "penalty STATUS-STATUS SECONDS",
      "a program that ends so has its source refused for so long; or no penalty",
      { "STATUS-STATUS", "SECONDS" } },
    { "set",
      "set NAME = TARGET, TARGET",
      "names addresses, hosts, sets and lists",
      { "NAME", "TARGET" } },
    { "env",
      "env NAME = NAME=\"VALUE\", $GROUP",
      "names a group of variables",
      { "NAME", "NAME=\"VALUE\"" } },
    { "include",
      "include \"PATH\"",
      "the rules of another file, in this place",
      { "\"PATH\"" } },
    { "file",
      "file \"PATH\"",
      "a list: an address, prefix or range a line",
      { "\"PATH\"" } },
    { "except",
      "TARGETS except TARGETS",
      "where the rule does not exist: addresses",
      { "TARGETS" } },
    { "expect",
      "expect IDENT@ADDRESS =HOST : WHAT",
      "a client, and what it is answered: told when it is not so",
      { "IDENT@ADDRESS", "=HOST", "WHAT" } },
    { "always",
      "always TARGETS : WHAT",
      "a proof over every address of the targets, or outside of !TARGETS",
      { "TARGETS", "WHAT" } },
    { "by", "by TARGET", "the rule that decides has this target", { "TARGET" } },
    { "per", "per /V4,/V6", "a source is a network of so many bits", { "/V4,/V6" } },
};

const struct pn_signature *
pn_signature_at(size_t number)
{
    return number < PN_COUNT_OF(signatures) ? &signatures[number] : NULL;
}

void
pn_term_write(struct pn_buffer *out, struct pn_str word)
{
    for (size_t i = 0; i < PN_COUNT_OF(signatures); i++)
        if (pn_str_is(word, signatures[i].word))
            pn_buffer_add_format(out, "`%s`: %s.\n\n", signatures[i].label,
                                 signatures[i].help);
}
