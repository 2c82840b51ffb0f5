/* Both are asked in a process apart, which tells of the differences; what the original
 * reads lies in a folder that goes with it. */
#define _GNU_SOURCE
#include "tools/prove/prove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "compiler/query_text.h"
#include "tools/prove/apart.h"
#include "tools/prove/folder.h"
#include "tools/prove/run.h"

enum { SHOWN = 5, PROGRAM_SIZE = 256, PROGRAM_MOST = 64 << 20 };

/* What the process apart works with. */
struct proof {
    const struct pn_original *original;
    const struct pn_compiled *policy;
    struct pn_asking asking;
    struct pn_output out;
};

/* The words for an answer. */
static void
answer_write(struct pn_output *out, const struct pn_asked_answer *answer)
{
    static const char *const words[] = { [PN_ASKED_NOT] = "says nothing",
                                         [PN_ASKED_DENIES] = "denies it",
                                         [PN_ASKED_ALLOWS] = "allows it",
                                         [PN_ASKED_NONE] = "has nothing of it" };

    if (answer->kind == PN_ASKED_VALUE)
        pn_output_format(out, "has \"%.*s\" of it", (int)answer->text.len,
                         answer->text.ptr);
    else
        pn_output_text(out, words[answer->kind]);
    if (answer->kind == PN_ASKED_ALLOWS && answer->text.ptr)
        pn_output_text(out, answer->text.len ? " with other variables"
                                             : " without variables");
}

/* Values that stand for verdicts in a table of no others. */
static bool
verdict_of(const struct pn_asking *asking, const struct pn_asked_answer *answer,
           bool *allows)
{
    *allows = true;
    if (answer->kind == PN_ASKED_NONE || pn_str_is(answer->text, "allow") ||
        (answer->kind == PN_ASKED_VALUE && !answer->text.len))
        return true;
    *allows = false;
    if (pn_str_is(answer->text, "deny"))
        return true;
    *allows = pn_str_is(answer->text, "1") == asking->listed_allow;
    return pn_str_is(answer->text, "1") || pn_str_is(answer->text, "0");
}

/* Is a variable set again later? */
static bool
is_set_again(struct pn_str name, struct pn_str later)
{
    while (later.len) {
        struct pn_str value = pn_str_cut(&later, '\n');

        if (pn_str_equal(pn_str_cut(&value, '='), name))
            return true;
    }
    return false;
}

/* What a rule sets, as the original tells it: of two with one name the later counts. */
static bool
sets_alike(const struct pn_environment *ours, struct pn_str theirs)
{
    size_t count = 0;

    while (theirs.len) {
        struct pn_str line = pn_str_cut(&theirs, '\n'), value = line;

        if (is_set_again(pn_str_cut(&value, '='), theirs))
            continue;
        if (count == ours->count || !pn_str_is(line, ours->items[count].assignment))
            return false;
        count++;
    }
    return count == ours->count;
}

static bool
is_alike(const struct proof *proof, const struct pn_asked_answer *theirs, bool ours,
         const struct pn_environment *sets)
{
    const struct postern_str *value = sets->count ? &sets->items[0].value : NULL;
    bool allows;

    switch (theirs->kind) {
    case PN_ASKED_NOT:
        return false;
    case PN_ASKED_DENIES:
        return !ours;
    case PN_ASKED_ALLOWS:
        return ours && (!proof->original->says_sets || sets_alike(sets, theirs->text));
    case PN_ASKED_VALUE:
        if (value)
            return ours && value->len == theirs->text.len &&
                   memcmp(value->ptr, theirs->text.ptr, value->len) == 0;
        break;
    case PN_ASKED_NONE:
        if (value)
            return false;
        break;
    }
    return verdict_of(&proof->asking, theirs, &allows) && allows == ours;
}

static void
difference_write(struct proof *proof, const struct postern_query *query,
                 const struct pn_asked_answer *theirs, bool ours)
{
    struct pn_buffer client = { 0 };

    pn_query_write(&client, query);
    pn_output_format(&proof->out, "error: %.*s is %s here, and %s ", (int)client.size,
                     client.bytes ? client.bytes : "", ours ? "allowed" : "denied",
                     proof->original->program);
    answer_write(&proof->out, theirs);
    pn_output_text(&proof->out, "\n");
    pn_buffer_free(&client);
}

/* One client; *differs tells. False when the policy cannot be asked. */
static bool
client_compare(struct proof *proof, size_t index, bool show, bool *differs)
{
    const struct pn_prove_client *client = &proof->asking.clients[index];
    const struct pn_asked_answer *theirs = &proof->asking.answers[index];
    struct postern_query query = POSTERN_QUERY_INIT;
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    struct pn_environment sets;
    bool allows;

    query.remote = client->addr;
    query.host = (struct postern_str){ client->host.ptr, client->host.len };
    if (pn_compiled_decide(proof->policy, &query, &answer) != POSTERN_OK)
        return false;
    allows = answer.decision.verdict == POSTERN_ALLOW;
    sets = pn_environment_of(&answer);
    *differs = !is_alike(proof, theirs, allows, &sets);
    if (*differs && show)
        difference_write(proof, &query, theirs, allows);
    pn_environment_free(&sets);
    return !sets.failed;
}

/* Names that rules have, and that no client had. */
static void
names_unasked_tell(struct proof *proof)
{
    size_t names = proof->policy->decoded.names.count;

    if (!names || (proof->original->wants.names && !proof->asking.no_names))
        return;
    pn_output_format(&proof->out, "note: %zu name%s of its rules %s not asked: %s\n",
                     names, names == 1 ? "" : "s", names == 1 ? "was" : "were",
                     proof->asking.no_names
                         ? "the resolver here asks no name server for them"
                         : "the program asks for none");
}

static int
all_compare(struct proof *proof)
{
    size_t count = 0, alike = 0;
    bool differs;

    for (size_t i = 0; i < proof->asking.count; i++) {
        if (proof->asking.no_names && proof->asking.clients[i].host.len)
            continue;
        if (!client_compare(proof, i, count < SHOWN, &differs)) {
            pn_output_text(&proof->out, "error: the policy cannot be asked\n");
            return PN_EXIT_SYSTEM;
        }
        count += differs;
        alike += !differs;
    }
    if (count > SHOWN)
        pn_output_format(&proof->out, "error: and %zu more\n", count - SHOWN);
    if (!count)
        pn_output_format(&proof->out, "%s answers %zu clients alike\n",
                         proof->original->program, alike);
    names_unasked_tell(proof);
    return count ? PN_EXIT_FINDINGS : PN_EXIT_OK;
}

/* In the process apart. */
static int
prove(void *payload, int out)
{
    struct proof *proof = payload;
    int status = PN_EXIT_USAGE;

    pn_output_begin(&proof->out, out);
    proof->asking.texts = pn_arena_new();
    if (!proof->asking.texts || !proof->original->ask(&proof->asking))
        pn_output_format(&proof->out, "error: %s cannot be asked: %s\n",
                         proof->original->program,
                         proof->asking.why[0] ? proof->asking.why : "out of memory");
    else
        status = all_compare(proof);
    pn_arena_free(proof->asking.texts);
    return pn_output_flush(&proof->out) ? status : PN_EXIT_SYSTEM;
}

/* Each line that was said, with the name of the file in front. */
static void
said_show(struct pn_tool *tool, const char *name, struct pn_str said)
{
    while (said.len) {
        struct pn_str line = pn_str_cut(&said, '\n');

        pn_output_format(&tool->err, "%s: %.*s\n", name, (int)line.len, line.ptr);
    }
}

static int
apart_prove(struct pn_tool *tool, struct proof *proof, const char *name)
{
    const struct pn_apart apart = { .network = proof->original->network,
                                    .as_owner = proof->original->as_owner,
                                    .work = prove,
                                    .payload = proof };
    struct pn_buffer said = { 0 };
    int status;

    if (!pn_output_flush(&tool->err) || !pn_output_flush(&tool->out))
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, name);
    status = pn_apart_run(&apart, &said);
    if (status < 0)
        status = pn_tool_failf(tool, PN_EXIT_USAGE,
                               "%s: %s cannot be asked in a process of its own: %s",
                               name, proof->original->program, strerror(errno));
    else
        said_show(tool, name, pn_str_of(&said));
    pn_buffer_free(&said);
    return status;
}

static int
clients_prove(struct pn_tool *tool, struct proof *proof, const char *name)
{
    struct pn_prove_folder folder = { "" };
    struct pn_prove_clients clients = { 0 };
    int status = PN_EXIT_OK;
    struct pn_prove_wants wants = proof->original->wants;
    gid_t group;
    uid_t user;

    pn_apart_user(&user, &group);
    wants.slow = proof->original->network;
    if (!pn_prove_clients_make(&clients, proof->policy, proof->asking.native, &wants) ||
        !(proof->asking.answers =
              pn_calloc(clients.count + 1, sizeof(*proof->asking.answers))))
        status = pn_tool_fail_memory(tool, name);
    else if (!pn_prove_folder_make(&folder, user, group))
        status = pn_tool_fail_system(tool, PN_EXIT_SYSTEM, "a temporary folder");
    if (status == PN_EXIT_OK) {
        proof->asking.clients = clients.items;
        proof->asking.count = clients.count;
        proof->asking.folder = folder.path;
        status = apart_prove(tool, proof, name);
    }
    pn_prove_folder_remove(&folder);
    pn_free(proof->asking.answers);
    pn_prove_clients_clear(&clients);
    return status;
}

/* Our own program of that name proves nothing. */
static bool
is_ours(const char *path)
{
    static const char mark[] = "postern";
    int fd = pn_files_open(path, O_RDONLY | O_CLOEXEC, 0);
    struct pn_source program = { .name = NULL };
    bool found = fd >= 0 && pn_source_read(&program, path, fd, PROGRAM_MOST) &&
                 memmem(program.text, program.size, mark, sizeof(mark) - 1);

    if (fd >= 0)
        close(fd);
    pn_source_clear(&program);
    return found;
}

/* Where the program is: the status is not PN_EXIT_OK when it is not there. */
static int
program_find(struct pn_tool *tool, const struct pn_original *original,
             const char *wanted, char *path)
{
    if (original->is_library)
        return PN_EXIT_OK;
    if (!pn_run_find(wanted, path))
        return pn_tool_failf(tool, PN_EXIT_USAGE,
                             "%s is not there to be asked: --original says where it is",
                             wanted);
    if (original->is_drop_in && is_ours(path))
        return pn_tool_failf(
            tool, PN_EXIT_USAGE,
            "%s is our own: --original says where that of ucspi-tcp is", path);
    return PN_EXIT_OK;
}

int
pn_prove_import(struct pn_tool *tool, const char *format, const char *program,
                const struct pn_import *import, const struct pn_compiled *policy)
{
    struct proof proof = { .original = pn_original_find(format),
                           .policy = policy,
                           .asking = { .daemon = import->wants.daemon,
                                       .listed_allow = import->wants.listed_allow,
                                       .native = pn_str_of(&import->native) } };
    char path[PROGRAM_SIZE];
    int status;

    if (!proof.original)
        return pn_tool_failf(tool, PN_EXIT_USAGE,
                             "no program can be asked of the format \"%s\"", format);
    proof.asking.program = program ? program : proof.original->program;
    status = program_find(tool, proof.original, proof.asking.program, path);
    if (status != PN_EXIT_OK)
        return status;
    if (!proof.original->is_library)
        proof.asking.program = path;
    return clients_prove(tool, &proof, import->files[0].name);
}
