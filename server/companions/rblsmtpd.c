/* rblsmtpd PROGRAM: mail from listed addresses is refused, politely. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "base/process.h"
#include "base/reverse_name.h"
#include "base/sizes.h"
#include "server/cell_confine.h"
#include "server/command.h"
#include "server/companions/once.h"
#include "server/companions/smtp_refusal.h"
#include "server/dns_answer.h"
#include "server/fatal.h"
#include "server/log.h"
#include "server/resolver.h"
#include "server/spawn.h"

extern char **environ;

static const char name[] = "rblsmtpd";

enum {
    APART_MS = 2000,
    LISTS_MOST = 64,
    TEXT_SIZE = 201,
    NAME_SIZE = 1024,
    BASE_SIZE = 256
};

/* The two questions to a list: A for the listing, TXT for its text. */
enum record { ADDRESS, TEXT, RECORDS };

/* One -r or -a, with the options that apply to it. */
struct list {
    char base[BASE_SIZE];
    const char
        *message; /* of "BASE:MESSAGE", for a list without texts; NULL for none */
    bool anti, bounce, closed;
    enum srv_dns_outcome outcome;
    bool reports_error;   /* its address does not mean a listing */
    char text[TEXT_SIZE]; /* of a list that has the address, or reports an error */
    struct answer {
        struct list *list;
        enum srv_dns_outcome outcome; /* NONE where it is not asked for */
        struct srv_question *question;
    } answers[RECORDS];
    size_t *waiting; /* down to 0, when all lists have answered */
};

struct config {
    int bounce, closed, cell;
    size_t timeout_s;
    struct list lists[LISTS_MOST];
    size_t list_count;
};

/* Tags of the two options. */
enum { LISTS = 0, ANTI = 1 };

/* Characters that the name of a zone may have. */
static bool
is_zone_name(const char *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";

    return len && len < BASE_SIZE && strspn(text, allowed) >= len;
}

/* "BASE", or, of -r, "BASE:MESSAGE". */
static bool
list_apply(void *config, size_t tag, const char *text)
{
    struct config *out = config;
    size_t len = tag == ANTI ? strlen(text) : strcspn(text, ":");
    struct list *list;

    if (out->list_count == LISTS_MOST || !is_zone_name(text, len))
        return false;
    list = &out->lists[out->list_count++];
    *list = (struct list){ .anti = tag == ANTI,
                           .bounce = out->bounce,
                           .closed = out->closed,
                           .message = text[len] ? text + len + 1 : NULL };
    memcpy(list->base, text, len);
    return true;
}

static const struct srv_option options[] = {
#define X(...) SRV_OPTION_ROW(struct config, __VA_ARGS__),
#include "server/tables/rblsmtpd_options.def"
#undef X
};

static const struct srv_command program = {
    .name = name,
    .usage = "rblsmtpd: usage: rblsmtpd [ -b ] [ -R ] [ -t timeout ] [ -r base ] "
             "[ -a base ] smtpd [ arg ... ]\n",
    .summary = "rblsmtpd [options] PROGRAM [ARGUMENT...]\n"
               "Runs PROGRAM, unless a list has the address in TCPREMOTEIP: then it "
               "refuses\nmail by itself.\n",
    .options = options,
    .option_count = PN_COUNT_OF(options),
};

/*
 * Lists answer with addresses of 127.0.0.0/8. Those of 127.255.255.0/24 mean that the
 * question was refused; any other address is from a server that answers every question
 * (RFC 5782, section 2.1, and the error codes that large lists publish).
 */
static bool
is_listing(const struct postern_addr *addr)
{
    return addr->family == 4 && addr->bytes[0] == 127 &&
           !(addr->bytes[1] == 255 && addr->bytes[2] == 255);
}

static enum srv_dns_outcome
read_addresses(struct list *list, const struct srv_dns_answer *answer)
{
    struct postern_addr found[SRV_DNS_ADDRESSES];
    size_t count = srv_dns_addresses(answer->message, answer->size, found);

    for (size_t i = 0; i < count; i++)
        list->reports_error |= !is_listing(&found[i]);
    return count ? SRV_DNS_FOUND : SRV_DNS_NONE;
}

static enum srv_dns_outcome
read_text(struct list *list, const struct srv_dns_answer *answer)
{
    bool found =
        srv_dns_text(answer->message, answer->size, list->text, sizeof(list->text));

    return found && list->text[0] ? SRV_DNS_FOUND : SRV_DNS_NONE;
}

static void
on_answer(void *payload, const struct srv_dns_answer *answer)
{
    struct answer *mine = payload;
    struct list *list = mine->list;

    (*list->waiting)--;
    mine->outcome = answer->outcome;
    if (answer->outcome != SRV_DNS_FOUND)
        return;
    if (!srv_dns_is_whole(answer->message, answer->size))
        mine->outcome = SRV_DNS_FAILED;
    else
        mine->outcome = mine == &list->answers[ADDRESS] ? read_addresses(list, answer)
                                                        : read_text(list, answer);
}

/* The words of "BASE:MESSAGE", with the client's address for %IP%. */
static void
write_message(struct list *list, const char *remote)
{
    static const char mark[] = "%IP%";
    size_t used = 0;

    for (const char *c = list->message; *c && used + 1 < sizeof(list->text);) {
        bool is_mark = strncmp(c, mark, sizeof(mark) - 1) == 0;
        const char *from = is_mark ? remote : c;
        size_t len = is_mark ? strlen(remote) : 1;

        for (size_t i = 0; i < len && used + 1 < sizeof(list->text); i++)
            list->text[used++] = from[i];
        c += is_mark ? sizeof(mark) - 1 : 1;
    }
    list->text[used] = '\0';
}

/* Concludes from both answers. */
static void
list_conclude(struct list *list, const char *remote)
{
    const enum record which = list->anti || list->message ? ADDRESS : TEXT;

    list->outcome = list->answers[which].outcome;
    for (size_t i = 0; i < RECORDS; i++)
        if (list->answers[i].outcome == SRV_DNS_FAILED)
            list->outcome = SRV_DNS_FAILED;
    if (list->reports_error)
        list->outcome = SRV_DNS_FAILED;
    if (list->message && list->outcome == SRV_DNS_FOUND)
        write_message(list, remote);
}

static void
ask(struct srv_resolver *resolver, struct list *list, const struct postern_addr *addr)
{
    static const struct srv_dns_answer failed = { .outcome = SRV_DNS_FAILED };
    static const enum srv_dns_type types[] = {
        [ADDRESS] = SRV_DNS_A, [TEXT] = SRV_DNS_TXT
    };
    size_t count = list->anti || list->message ? 1 : RECORDS;
    char question[NAME_SIZE];

    for (size_t i = 0; i < RECORDS; i++)
        list->answers[i] = (struct answer){ .list = list, .outcome = SRV_DNS_NONE };
    *list->waiting += count;
    for (size_t i = 0; i < count; i++) {
        struct answer *answer = &list->answers[i];

        if (pn_reverse_name(addr->family, addr->bytes, list->base, list->base, question,
                            sizeof(question)))
            srv_resolver_ask(resolver, question, types[i], on_answer, answer,
                             &answer->question);
        else
            on_answer(answer, &failed);
    }
}

/* All lists at once. 0, or after a message the exit status. */
static int
ask_here(struct config *config, const struct postern_addr *addr, const char *remote)
{
    struct srv_loop *loop = srv_loop_new();
    struct srv_resolver *resolver;
    size_t waiting = 0;

    if (!loop)
        return srv_fatal(name, "unable to begin", NULL, errno);
    resolver = srv_resolver_new(loop, getenv("DNSCACHEIP"), NULL);
    if (!resolver)
        return srv_fatal(name, "unable to look up names", NULL, errno);
    if (config->cell)
        (void)srv_cell_confine(); /* as far as it goes */
    for (size_t i = 0; i < config->list_count; i++) {
        config->lists[i].waiting = &waiting;
        ask(resolver, &config->lists[i], addr);
    }
    while (waiting && srv_loop_turn(loop))
        continue;
    for (size_t i = 0; i < config->list_count; i++)
        list_conclude(&config->lists[i], remote);
    srv_resolver_free(resolver);
    srv_loop_free(loop);
    return 0;
}

/* What a process apart tells of the lists. */
struct told {
    struct {
        uint8_t outcome, reports_error;
        char text[TEXT_SIZE];
    } lists[LISTS_MOST];
};

struct asked {
    struct config *config;
    const struct postern_addr *addr;
    const char *remote;
};

/* In that process. */
static void
work(void *payload, void *result)
{
    const struct asked *asked = payload;
    const struct config *config = asked->config;
    struct told *told = result;

    if (ask_here(asked->config, asked->addr, asked->remote) != 0)
        _exit(1);
    memset(told, 0, sizeof(*told));
    for (size_t i = 0; i < config->list_count; i++) {
        told->lists[i].outcome = (uint8_t)config->lists[i].outcome;
        told->lists[i].reports_error = config->lists[i].reports_error;
        memcpy(told->lists[i].text, config->lists[i].text, TEXT_SIZE);
    }
}

/* Lists of which nothing that can be believed is told have failed. */
static void
told_take(struct config *config, const struct told *told)
{
    for (size_t i = 0; i < config->list_count; i++) {
        struct list *list = &config->lists[i];
        const char *text = told->lists[i].text;
        bool is_sound = told->lists[i].outcome <= SRV_DNS_FAILED &&
                        told->lists[i].reports_error <= 1 &&
                        memchr(text, '\0', TEXT_SIZE);

        list->outcome =
            is_sound ? (enum srv_dns_outcome)told->lists[i].outcome : SRV_DNS_FAILED;
        list->reports_error = is_sound && told->lists[i].reports_error;
        if (is_sound)
            memcpy(list->text, text, TEXT_SIZE);
    }
}

/* By a process without rights, if that is wanted. 0, or after a message the status. */
static int
ask_all(struct config *config, const struct postern_addr *addr, const char *remote)
{
    struct asked asked = { config, addr, remote };
    struct told told;

    if (!config->cell)
        return ask_here(config, addr, remote);
    memset(&told, 0xff, sizeof(told)); /* what no list can be told of */
    (void)srv_once_apart(work, &asked, &told, sizeof(told),
                         SRV_DNS_TOTAL_MS + APART_MS);
    told_take(config, &told);
    return 0;
}

struct refusal {
    const char *text; /* NULL: none */
    bool bounce;
};

/*
 * Lists decide in order: the first that has the address. A failed look-up counts as not
 * listed in a list, but under -c refuses for now; in an anti-list it counts as listed,
 * but not under -c. After a failure no refusal is permanent.
 */
static struct refusal
refusal_find(const struct config *config)
{
    bool sure = true;

    for (size_t i = 0; i < config->list_count; i++) {
        const struct list *list = &config->lists[i];

        if (list->outcome == SRV_DNS_NONE)
            continue;
        if (list->outcome == SRV_DNS_FAILED) {
            sure = false;
            if (list->anti && !list->closed)
                break;
            if (!list->anti && list->closed)
                return (struct refusal){ "temporary RBL lookup error", false };
            continue;
        }
        if (list->anti)
            break;
        return (struct refusal){ list->text, list->bounce && sure };
    }
    return (struct refusal){ NULL, false };
}

static void
on_alarm(int number)
{
    (void)number;
    _exit(0);
}

/* "451 TEXT", at most so many bytes of it, and nothing that ends a line. */
static void
reply_write(const struct refusal *refusal, char *out, size_t size)
{
    size_t used = 4;

    memcpy(out, refusal->bounce ? "553 " : "451 ", used);
    for (const char *c = refusal->text; *c && used + 1 < size; c++)
        out[used++] = *c < ' ' || *c > '~' ? '?' : *c;
    out[used] = '\0';
}

static void
verdict_log(const char *text, const char *remote)
{
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    pn_output_format(&err, "%s: ", name);
    for (const char *c = remote ? remote : ""; *c; c++)
        pn_output_add(&err, *c < '!' || *c > '~' || *c == '%' ? "?" : c, 1);
    pn_output_format(&err, " pid %ld: %s\n", (long)getpid(), text);
    (void)pn_output_end(&err); /* a log that is gone changes nothing */
}

/* Logs each list that answered with an error instead of a listing. */
static void
errors_log(const struct config *config, const char *remote)
{
    char line[BASE_SIZE + TEXT_SIZE + 32];

    for (size_t i = 0; i < config->list_count; i++) {
        const struct list *list = &config->lists[i];

        if (!list->reports_error)
            continue;
        (void)snprintf(line, sizeof(line), "%s reports an error: %s", list->base,
                       list->text[0] ? list->text : "an address that is no listing");
        verdict_log(line, remote);
    }
}

static int
refuse_by_smtp(const struct config *config, const struct refusal *refusal,
               const char *remote)
{
    struct sigaction alarmed = { .sa_handler = on_alarm };
    struct pn_buffer replies = { .bytes = NULL };
    struct srv_smtp_refusal smtp;
    char line[4 + TEXT_SIZE + 2], in[4096];
    ssize_t got = 1;

    reply_write(refusal, line, 4 + TEXT_SIZE);
    verdict_log(line, remote);
    memcpy(line + strlen(line), "\r\n", 3);
    (void)sigaction(SIGALRM, &alarmed, NULL); /* a valid signal */
    alarm((unsigned)config->timeout_s);
    srv_smtp_refusal_begin(&smtp, line, &replies);
    while (got > 0 && pn_write_all(STDOUT_FILENO, replies.bytes, replies.size)) {
        replies.size = 0;
        if (smtp.done || replies.failed)
            break;
        got = read(STDIN_FILENO, in, sizeof(in));
        if (got > 0)
            srv_smtp_refusal_feed(&smtp, in, (size_t)got);
    }
    pn_buffer_free(&replies);
    return 0;
}

int
main(int argc, char **argv)
{
    struct config config = { .list_count = 0 };
    const char *remote = getenv("TCPREMOTEIP"), *own = getenv("RBLSMTPD");
    struct refusal refusal = { NULL, false };
    struct postern_addr addr;
    int at, status;

    pn_process_spare_memory();
    if (!pn_process_descriptors())
        return SRV_EXIT_TEMPORARY; /* and nowhere to say so */
    at = srv_options_parse(&program, argc, argv, &config);
    if (at <= 0)
        return at < 0 ? SRV_EXIT_PERMANENT : 0;
    if (at == argc)
        return srv_usage(&program);
    if (own) {
        if (*own)
            refusal = (struct refusal){ own + (*own == '-'), *own == '-' };
    } else if (remote && postern_addr_parse(remote, strlen(remote), &addr)) {
        status = ask_all(&config, &addr, remote);
        if (status)
            return status;
        errors_log(&config, remote);
        refusal = refusal_find(&config);
    }
    if (refusal.text)
        return refuse_by_smtp(&config, &refusal, remote);
    srv_exec(argv + at, environ, getenv("PATH"));
    return srv_fatal(name, "unable to run", argv[at], errno);
}
