/* Policies of texts and buffers, for the tests of postern/compiler.h. */
#ifndef PN_TESTS_SUPPORT_LIBRARY_H
#define PN_TESTS_SUPPORT_LIBRARY_H

#include "postern/compiler.h"
#include "tests/support/harness.h"

/* An editor's buffers: names and texts, NULL at the end. */
struct pn_test_buffers {
    const char *names[8], *texts[8];
    unsigned reads;
    struct postern_compiler *compiler; /* to call from within, or NULL */
    enum postern_status nested;        /* what that came to */
};

/* A postern_read_fn whose payload is a struct pn_test_buffers. */
int
pn_test_buffers_read(void *payload, const char *path, struct postern_sink *sink);

/* One that reads buffers, or files when there are none. */
struct postern_compiler *
pn_test_compiler(struct pn_test_buffers *buffers, uint64_t memory_limit);

/* A policy of a text, "p.rules"; its compiler goes with it. */
struct postern_policy *
pn_test_policy(const char *text);

struct postern_query
pn_test_query(const char *address, const char *host);

void
pn_assert_str(struct postern_str str, const char *expected);

/* A policy of three files, m.rules, more.rules and lists/a.txt; the first is this. */
extern const char pn_test_mail[];

struct pn_test_buffers
pn_test_mail_buffers(void);

#endif
