/*
 * Fuzz: an extended text through loading, names, space and image; what compiles opens,
 * and decides. Includes and lists find the text itself, or one that is no list.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compiler/emit_native.h"
#include "compiler/image.h"
#include "compiler/image_verify.h"
#include "compiler/policy_build.h"
#include "compiler/prove.h"
#include "postern/postern.h"
#include "tests/fuzz/check.h"

enum { READS_MAX = 3 }; /* a text that includes itself is for tests/system/bombs.py */

static struct pn_str whole;
static int reads;

static bool
read_again(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    (void)payload;
    errno = ENOENT;
    return reads++ < READS_MAX && path[0] != 'n' && whole.len <= limit &&
           pn_source_from_text(out, path, whole);
}

static void
decide(int fd)
{
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_rules *rules;

    CHECK(postern_rules_open_fd(fd, POSTERN_OPEN_CHECK, &rules) == POSTERN_OK);
    CHECK(postern_addr_parse("10.1.2.3", 8, &query.remote));
    query.host = (struct postern_str){ "a.b.example", 11 };
    query.ident = (struct postern_str){ "joe", 3 };
    CHECK(postern_rules_decide(rules, &query, &d) == POSTERN_OK);
    CHECK(d.step != POSTERN_STEP_NONE); /* a policy always has a default */
    postern_rules_close(rules);
}

/* What breaks a claim is a query that the image answers so. */
static void
look_at(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_query query = proof->query;
    char scratch[4096];

    query.scratch = scratch;
    query.scratch_size = sizeof(scratch);
    if (proof->holds || query.host.len + query.ident.len > 4000)
        return;
    CHECK(postern_rules_decide(prover->rules, &query, &d) == POSTERN_OK);
    CHECK(d.rule == proof->decision.rule);
    pn_proof_diagnose(prover, proof, payload);
}

static void
prove(struct pn_policy *policy, struct pn_unit *unit,
      const struct pn_assertions *assertions, int fd, struct pn_diags *diags)
{
    struct postern_rules *rules;
    struct pn_decoded decoded;
    struct pn_prover prover = { policy, unit, assertions, NULL, &decoded, NULL };

    CHECK(postern_rules_open_fd(fd, 0, &rules) == POSTERN_OK);
    CHECK(pn_image_decode(&decoded, fd) == PN_DECODE_OK);
    prover.rules = rules;
    CHECK(pn_prove(&prover, look_at, diags) == POSTERN_OK);
    pn_decoded_clear(&decoded);
    postern_rules_close(rules);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_diags diags = { .limit = 3 };
    struct pn_policy policy;
    struct pn_assertions assertions;
    struct pn_source source;
    struct pn_unit unit;

    reads = 0;
    whole = (struct pn_str){ (const char *)data, size };
    CHECK(pn_source_from_text(&source, "fuzz", whole));
    if (pn_dialect_of(&source, NULL) == PN_EXTENDED) {
        pn_unit_load_by(&unit, &source, &diags,
                        (struct pn_reading){ read_again, NULL, NULL, 0 },
                        (struct pn_parsing){ .detail = size & 1 ? PN_DETAIL_RUNS
                                                                : PN_DETAIL_WHOLE });
        pn_unit_expand(&unit);
        pn_policy_build(&policy, &unit, NULL);
        CHECK(!policy.failed);
        pn_assertions_resolve(&assertions, &policy, &unit);
        CHECK(!assertions.failed);
        if (!diags.errors) {
            int fd = pn_memory_file();

            CHECK(pn_emit_native(&policy, size & 1, fd));
            CHECK(pn_image_verify(fd, &policy.space) == PN_VERIFY_SAME);
            decide(fd);
            prove(&policy, &unit, &assertions, fd, &diags);
            close(fd);
        }
        pn_assertions_clear(&assertions);
        pn_policy_clear(&policy);
        pn_unit_clear(&unit);
    }
    pn_diags_clear(&diags);
    pn_source_clear(&source);
    return 0;
}
