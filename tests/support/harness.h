/* What unit tests share: cmocka, and a few helpers. */
#ifndef PN_TESTS_SUPPORT_HARNESS_H
#define PN_TESTS_SUPPORT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "base/sizes.h"
#include "compiler/image_decode.h"
#include "postern/postern.h"

#define POSTERN_STR(text) ((struct postern_str){ text, sizeof(text) - 1 })

/* A descriptor of an unnamed file that holds these bytes, at its start. */
int
pn_test_file(const void *bytes, size_t size);

/* Compiles a text into a file that is empty and open for both; it must compile. */
void
pn_test_compile(const char *text, size_t size, int fd);

/*
 * Compiles a text into an unnamed file and opens it, with POSTERN_OPEN_CHECK. Fails the
 * test when it does not compile.
 */
struct postern_rules *
pn_test_rules(const char *text, size_t size);

/* The same without the check, and decoded. The caller closes and clears both. */
void
pn_test_decode(const char *text, size_t size, struct postern_rules **rules,
               struct pn_decoded *decoded);

/* The decision for an address text, and perhaps a host and an ident (NULL for none). */
struct postern_decision
pn_test_decide(const struct postern_rules *rules, const char *address, const char *host,
               const char *ident);

/* Has it no more limits than there may be, and of networks that addresses have? */
bool
pn_test_limits_are_sound(const struct postern_decision *d);

#endif
