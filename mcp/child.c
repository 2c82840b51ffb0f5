/*
 * A call has a process of its own: what the kernel takes from that when a limit is
 * reached, it takes from nobody else. The budget of base/memory.c comes first, so that
 * a verb that wants too much can still say so; the kernel's limits are for what is not
 * counted there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/memory_file.h"
#include "base/vector.h"
#include "mcp/calls.h"
#include "mcp/job.h"
#include "rpc/json.h"

#define MIB ((size_t)1 << 20)
enum { SELF_MIB = 256, CPU_S = PN_MCP_TIME_S + 2 };

/* What an answer may have, and the result that it becomes. */
static const size_t printed_max = 256 * MIB, result_max = 8 * MIB;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW 1 /* of more than there is: no limit on addresses can be set */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW 1
#endif
#endif

static void
limit_set(int what, rlim_t most)
{
    struct rlimit limit = { most, most }, now;

    if (getrlimit((__rlimit_resource_t)what, &now) == 0 && now.rlim_max < most)
        limit.rlim_cur = limit.rlim_max = now.rlim_max;
    (void)setrlimit((__rlimit_resource_t)what, &limit); /* a lower one stays */
}

static void
limits_set(void)
{
#ifndef HAS_SHADOW
    /* the server's own, requests that wait among it, are in this process too */
    limit_set(RLIMIT_AS, (PN_MCP_MEMORY_MIB + SELF_MIB) * MIB);
#endif
    limit_set(RLIMIT_FSIZE, PN_MCP_MEMORY_MIB * MIB); /* of files in memory */
    limit_set(RLIMIT_CPU, CPU_S);
    limit_set(RLIMIT_CORE, 0);
}

/* Neither what the client sends nor what it reads is this process's. */
static bool
streams_set(struct pn_str input)
{
    int in = pn_memory_file_of(input), out = pn_memory_file();
    bool good = in >= 0 && out >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
                dup2(out, STDOUT_FILENO) >= 0;

    if (in > STDERR_FILENO)
        close(in);
    if (out > STDERR_FILENO)
        close(out);
    return good;
}

/* Queries, as check --batch reads them: an object a line. */
static void
clients_write(const json_t *clients, struct pn_buffer *out)
{
    const json_t *item;
    size_t i;

    json_array_foreach(clients, i, item)
    {
        char *text = json_dumps(item, JSON_COMPACT);

        out->failed |= !text;
        pn_buffer_add_text(out, text ? text : "");
        pn_buffer_add_text(out, "\n");
        free(text);
    }
}

static void
text_write(const struct pn_mcp_text *text, struct pn_buffer *out)
{
    const json_t *item;
    size_t i;

    if (!text->is_claims) {
        pn_buffer_add_str(out, pn_json_read_text(text->value));
        return;
    }
    pn_buffer_add_text(out, "postern: 1\n");
    json_array_foreach(text->value, i, item)
    {
        pn_buffer_add_str(out, pn_json_read_text(item));
        pn_buffer_add_text(out, "\n");
    }
}

static bool
refuse(struct pn_mcp_fault *fault, const char *place, const char *reason,
       const char *message)
{
    *fault = (struct pn_mcp_fault){ .reason = reason, .message = message };
    (void)snprintf(fault->place, sizeof(fault->place), "%s", place);
    return false;
}

/* The file of claims beside a policy, for a text that stands there. */
static bool
claims_name(const struct pn_mcp_host *host, struct pn_mcp_job *job,
            struct pn_mcp_text *text, struct pn_mcp_fault *fault)
{
    const char *policy = job->words[job->word_count - 1];
    struct pn_buffer word = { 0 };

    text->name = host->tests_of(host->payload, policy);
    if (!text->name && !text->option)
        return refuse(
            fault, text->place, "bad-arguments",
            "they stand beside a policy whose name ends in .rules, and not in "
            "_test.rules: send this one as a text");
    if (!text->name) {
        pn_buffer_add_format(&word, "%s_test.rules", policy);
        pn_buffer_add(&word, "", 1);
        text->name = word.failed ? NULL : word.bytes;
        word = (struct pn_buffer){ 0 };
    }
    if (text->option) {
        pn_buffer_add_format(&word, "%s%s", text->option, text->name);
        pn_buffer_add(&word, "", 1);
        job->words[text->word] = word.bytes;
    }
    if (text->name && !word.failed)
        return true;
    return refuse(fault, text->place, "memory", "there is no memory for the call");
}

static bool
texts_set(const struct pn_mcp_host *host, struct pn_mcp_job *job,
          struct pn_mcp_fault *fault)
{
    for (size_t i = 0; i < job->text_count; i++) {
        struct pn_mcp_text *text = &job->texts[i];
        struct pn_buffer bytes = { 0 };
        bool good;

        if (text->is_claims && !claims_name(host, job, text, fault))
            return false;
        text_write(text, &bytes);
        errno = ENOMEM;
        good = !bytes.failed && pn_files_overlay(text->name, pn_str_of(&bytes));
        pn_buffer_free(&bytes);
        if (good)
            continue;
        if (errno == EEXIST)
            return refuse(fault, text->place, "bad-arguments",
                          "another text has this name: give one of them another");
        return pn_files_is_outside(errno)
                   ? refuse(fault, text->place, "outside",
                            "this name leads out of the folder of the server")
                   : refuse(fault, text->place, "memory",
                            "there is no memory for the text");
    }
    return true;
}

/* What is wrong with a file, before a verb reads it: of what is named nothing is said.
 */
static bool
path_look(const char *path, const char *place, struct pn_mcp_fault *fault)
{
    struct stat st;

    if (pn_files_is_overlaid(path))
        return refuse(fault, place, "bad-arguments",
                      "a text of the call has this name: give it another");
    if (!pn_files_stat(path, &st)) {
        if (pn_files_is_outside(errno))
            return refuse(fault, place, "outside",
                          "this path leads out of the folder of the server: by .., by "
                          "a link, or because it begins elsewhere");
        return refuse(fault, place, errno == ENOENT ? "not-found" : "system",
                      errno == ENOENT ? "there is no such file below the folder of the "
                                        "server; resources/list has those that are"
                                      : strerror(errno));
    }
    return S_ISREG(st.st_mode) ||
           refuse(fault, place, "not-found", "this is no regular file");
}

static bool
paths_look(const struct pn_mcp_job *job, struct pn_mcp_fault *fault)
{
    for (size_t i = 0; i < job->path_count; i++)
        if (!path_look(job->words[job->paths[i].word], job->paths[i].place, fault))
            return false;
    return true;
}

static json_t *
verb_run(const struct pn_mcp_host *host, struct pn_mcp_job *job, bool *is_error,
         struct pn_mcp_fault *fault)
{
    struct pn_mcp_printed printed = { 0 };
    struct pn_output out, err;

    if (!texts_set(host, job, fault) || !paths_look(job, fault))
        return NULL;
    pn_output_begin(&out, -1);
    pn_output_begin(&err, -1);
    /* a verb may move its words, which end in a NULL as those of a program do */
    if (!job->failed)
        job->failed = !pn_vector_reserve(&job->words, &job->word_capacity,
                                         job->word_count + 1, sizeof(*job->words));
    if (job->failed)
        return NULL;
    job->words[job->word_count] = NULL;
    printed.status =
        host->run(host->payload, (int)job->word_count, job->words, &out, &err);
    if (out.error || out.pending.failed || out.pending.size > printed_max)
        return NULL;
    printed.out = out.pending;
    printed.err = err.pending;
    return pn_mcp_answer(host, job, &printed, is_error);
}

static json_t *
work(const struct pn_mcp_host *host, struct pn_mcp_job *job, bool *is_fault)
{
    struct pn_mcp_fault fault = { 0 };
    struct pn_buffer input = { 0 };
    bool is_error = false;
    json_t *answer = NULL;

    clients_write(job->clients, &input);
    if (input.failed || !streams_set(pn_str_of(&input)))
        return NULL;
    if (!job->tool) {
        answer = pn_mcp_resource(host, job, &fault);
        *is_fault = !answer && fault.message;
        return *is_fault ? pn_mcp_rpc_error(&fault) : answer;
    }
    answer = verb_run(host, job, &is_error, &fault);
    if (!answer && fault.message) {
        answer = pn_mcp_error(&fault);
        is_error = true;
    }
    return answer ? pn_mcp_result(answer, is_error) : NULL;
}

/* What is too much for one answer, though there was memory for it. */
static json_t *
too_long(const struct pn_mcp_job *job, bool *is_fault)
{
    struct pn_mcp_fault fault = {
        .reason = "too-long",
        .message = "the answer has more than 8 MiB: ask for less, by a smaller limit",
    };

    *is_fault = !job->tool;
    return job->tool ? pn_mcp_result(pn_mcp_error(&fault), true)
                     : pn_mcp_rpc_error(&fault);
}

_Noreturn void
pn_mcp_child(const struct pn_mcp_host *host, struct pn_mcp_job *job, int fd,
             pid_t parent)
{
    struct pn_budget budget = { .limit = PN_MCP_MEMORY_MIB * MIB };
    struct pn_mcp_head head = { 0 };
    char *text = NULL;
    json_t *result;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(0);
    (void)signal(SIGPIPE, SIG_DFL);
    limits_set();
    (void)pn_budget_enter(&budget);
    json_set_alloc_funcs(pn_malloc, pn_free);
    pn_files_forbid_writing();
    result = work(host, job, &head.is_fault);
    text = result ? json_dumps(result, JSON_COMPACT) : NULL;
    if (text && strlen(text) > result_max)
        text = json_dumps(too_long(job, &head.is_fault), JSON_COMPACT);
    head.lacks_memory = budget.exceeded;
    if (budget.exceeded)
        text = NULL; /* whatever was printed is no answer */
    head.size = text ? strlen(text) : 0;
    if (pn_write_all(fd, &head, sizeof(head)) && text)
        (void)pn_write_all(fd, text, head.size); /* a short one is seen as such */
    _exit(0);
}
